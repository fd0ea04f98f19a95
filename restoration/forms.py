"""Forms of the restoration pages. They check shapes; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from restoration.models import ModelVersion, Review
from restoration.presentation.versions import FULL_STRENGTH
from restoration.reviewing.reasons import Reason


class ReviewForm(forms.Form):
    """A decision and, if one likes, the reason."""

    decision = forms.ChoiceField(choices=Review.Decision.choices)
    reason = forms.ChoiceField(
        label=_("Reason, when you reject"),
        required=False,
        choices=[("", _("No reason given")), *Reason.choices],
    )
    expected_state = forms.CharField(required=False)
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays in the history of the photo."),
    )

    def clean(self) -> dict[str, Any]:
        """The reason is for a rejection; what was seen is None where the form did not say it."""
        cleaned = self.cleaned_data
        if cleaned.get("decision") != Review.Decision.REJECTED:
            cleaned["reason"] = ""
        return cleaned | {"expected_state": cleaned.get("expected_state") or None}


class BatchDecisionForm(forms.Form):
    """What is said about a decision that holds for many restorations; an approval has no reason."""

    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("", _("No reason given")), *Reason.choices]
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays in the history of each photo."),
    )

    def __init__(self, data: Any = None, *, with_reason: bool) -> None:
        super().__init__(data)
        if not with_reason:
            del self.fields["reason"]


class BatchRestorationForm(forms.Form):
    """How to restore many photos."""

    thorough = forms.BooleanField(
        label=_("Thorough"),
        required=False,
        help_text=_("Looks from eight sides: finds more, errs less, takes three to four times as long."),
    )


class RestorationForm(BatchRestorationForm):
    """How to restore; everything may be left as it is."""

    field_order = ("model", "strength", "quick", "thorough", "hand")

    model = forms.ModelChoiceField(
        label=_("Model"),
        queryset=ModelVersion.objects.none(),
        required=False,
        empty_label=_("The default"),
    )
    strength = forms.IntegerField(
        label=_("Strength"), required=False, min_value=0, max_value=FULL_STRENGTH, initial=FULL_STRENGTH
    )
    quick = forms.BooleanField(
        label=_("Quick"), required=False, help_text=_("Computes in 8 bits: faster, a little worse.")
    )
    hand = forms.FileField(
        label=_("Mask file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png"}),
        help_text=_("A grey PNG of the photo's shape: white is repaired, mid grey (128) protected."),
    )

    def __init__(self, *args: Any, models: QuerySet[ModelVersion]) -> None:
        """`args`: data and files; `models`: those that may be chosen."""
        super().__init__(*args)
        self.auto_id = "again-%s"
        self.fields["model"].queryset = models  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean_strength(self) -> int:
        """The whole of it, unless something else was asked for."""
        strength: int | None = self.cleaned_data["strength"]
        return FULL_STRENGTH if strength is None else strength


class StrengthForm(forms.Form):
    """A finished restoration again with another strength."""

    strength = forms.IntegerField(min_value=0, max_value=FULL_STRENGTH)


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
