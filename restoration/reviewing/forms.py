"""Forms of the review room. They check shapes; the services decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from restoration.models import Review
from restoration.reviewing.reasons import Reason
from restoration.reviewing.rules import Rule

MOST_AT_ONCE = 1000

_REJECTED = Review.Decision.REJECTED


class UuidsField(forms.Field):
    """Any number of identifiers under one name, at least one of them."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[UUID]:
        texts = super().clean(value) or []
        if len(texts) > MOST_AT_ONCE:
            raise ValidationError(_("At most %(number)s at once."), params={"number": MOST_AT_ONCE})
        try:
            return [UUID(text) for text in texts]
        except ValueError as error:
            raise ValidationError(_("This is no identifier.")) from error


class _Told(forms.Form):
    def sentences(self) -> str:
        """What was wrong."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class VerdictForm(_Told):
    """A decision in one press: `verdict` is "approved", "rejected", or "rejected:" and a Reason."""

    restoration = forms.UUIDField()
    verdict = forms.ChoiceField(
        choices=[
            *Review.Decision.choices,
            *((f"{_REJECTED.value}:{reason.value}", reason.label) for reason in Reason),
        ]
    )
    comment = forms.CharField(required=False, max_length=2000)
    next = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        """With the verdict's two halves, `decision` and `reason`."""
        decision, _colon, reason = self.cleaned_data.get("verdict", "").partition(":")
        return self.cleaned_data | {"decision": decision, "reason": reason}


class UndoForm(_Told):
    """Which decisions to take back."""

    restoration = UuidsField()
    next = forms.CharField(required=False)


class DeskForm(_Told):
    """What to do with photos on the reviewer's desk."""

    action = forms.ChoiceField(choices=[("renew", ""), ("take", ""), ("release", "")])
    photo = UuidsField()


class ReviewRuleForm(forms.Form):
    """What approvals in a collection need."""

    rule = forms.ChoiceField(label=_("Approvals"), choices=Rule.choices, widget=forms.RadioSelect)
