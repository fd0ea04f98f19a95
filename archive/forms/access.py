"""Forms about access. They check shapes; the services decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.access.roles import Role
from archive.access.scopes import Scope
from archive.models import Collection


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class ShareLinkForm(forms.Form):
    """A link for guests."""

    label = forms.CharField(
        label=_("For whom"),
        max_length=200,
        required=False,
        help_text=_("So that you know later whose link it is. Guests do not see it."),
    )
    days = forms.IntegerField(label=_("Days until it ends"), min_value=1, max_value=366, initial=30)
    with_downloads = forms.BooleanField(label=_("Files may be downloaded"), required=False)

    def expires_at(self) -> datetime:
        """The end that the days mean, once the form is valid."""
        return timezone.now() + timedelta(days=self.cleaned_data["days"])


class PublicationForm(forms.Form):
    """Who may look without being a member."""

    is_public = forms.BooleanField(
        label=_("Everybody may look at it"),
        required=False,
        help_text=_(
            "Approved restorations and small pictures of the originals, here and in all parts below."
        ),
    )
    public_downloads = forms.BooleanField(
        label=_("Everybody may download the files"),
        required=False,
        help_text=_(
            "Originals and approved restorations in full, without camera positions and serial numbers."
        ),
    )


class ApiTokenForm(forms.Form):
    """A token for a program of one's own."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Which program it is for."))
    scopes = forms.MultipleChoiceField(
        label=_("Good for"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple, initial=[Scope.READ]
    )
    collections = forms.ModelMultipleChoiceField(
        label=_("Only in these collections"),
        queryset=Collection.objects.none(),
        required=False,
        help_text=_("With everything below them. Choose none for all that you may see."),
    )
    days = forms.IntegerField(
        label=_("Days until it ends"),
        min_value=1,
        max_value=3660,
        initial=365,
        required=False,
        help_text=_("Leave it empty for a token without an end."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Collection.objects.visible_to(user).order_by("title", "pk")
        self.fields["collections"].queryset = visible  # type: ignore[attr-defined]  # a ModelChoiceField

    def wanted(self) -> dict[str, Any]:
        """What `create_api_token` takes, once the form is valid."""
        chosen, days = list(self.cleaned_data["collections"]), self.cleaned_data["days"]
        return {
            "name": self.cleaned_data["name"],
            "scopes": [Scope(scope) for scope in self.cleaned_data["scopes"]],
            "collections": chosen or None,
            "expires_at": timezone.now() + timedelta(days=days) if days else None,
        }


class AccountForm(BaseUserCreationForm):
    """An account for somebody who was invited and has none."""

    class Meta:
        model = User
        fields = ["username"]
