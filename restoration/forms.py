"""Forms of the restoration pages. They check shapes; the services decide."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from restoration.models import Review


class ReviewForm(forms.Form):
    """A decision and, if one likes, the reason."""

    decision = forms.ChoiceField(choices=Review.Decision.choices)
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays in the history of the photo."),
    )


class PromotionForm(forms.Form):
    """Making a model the default; `force` with a reason where its figures speak against it."""

    force = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the promotion, for everybody to read."),
    )
