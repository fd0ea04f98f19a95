"""Forms about webhooks. They check shapes; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from archive.models import Webhook
from archive.webhooks.addresses import MOST_CHARACTERS
from archive.webhooks.kinds import hook_kinds, kind_sentence


class WebhookForm(forms.Form):
    """Where it leads and what it is told."""

    url = forms.CharField(
        label=_("Address"),
        max_length=MOST_CHARACTERS,
        help_text=_("Of the program that wants to know; it begins with https://."),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name"), max_length=100, required=False, help_text=_("Which program it is for.")
    )
    kinds = forms.MultipleChoiceField(label=_("Tells of"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(name, kind_sentence(name)) for name in hook_kinds()]
        self.fields["kinds"].choices = named  # type: ignore[attr-defined]  # a ChoiceField

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookForm:
        """The form filled with what a webhook is now."""
        return cls(initial={"url": webhook.url, "name": webhook.name, "kinds": webhook.kinds})
