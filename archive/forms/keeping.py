"""Forms of the pages that keep and delete."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class HoldForm(forms.Form):
    """Putting a collection under legal hold."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("A court's file number, a claim: whoever wants to delete something reads it."),
    )


class LiftForm(forms.Form):
    """Lifting a legal hold."""

    reason = forms.CharField(label=_("Why it ends"), max_length=500, required=False)
