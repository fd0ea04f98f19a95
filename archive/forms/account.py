"""Forms about one's own account. They check shapes; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm, PasswordResetForm
from django.contrib.auth.models import User
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django_q.tasks import async_task

from archive.access.attempts import RESET_MAIL, RESETS
from archive.access.client_address import client_address
from archive.access.profiles import profile_of
from archive.errors import InputError, TooManyAttemptsError
from archive.models import Profile
from archive.presentation.addresses import site_address
from archive.queue.message_order import NextButOne
from archive.services import change_password, count_attempt, prove_password

MAIL_PASSWORD_RESET = "archive.queue.mail_tasks.mail_password_reset"


class ProfileForm(forms.Form):
    """Names, and how somebody likes pages and mails."""

    first_name = forms.CharField(
        label=_("First name"), max_length=User._meta.get_field("first_name").max_length, required=False
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=User._meta.get_field("last_name").max_length, required=False
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("As the browser asks for it")), *settings.LANGUAGES],
        required=False,
    )
    theme = forms.ChoiceField(
        label=_("Theme"), choices=[("", _("As the system")), *Profile.Theme.choices], required=False
    )
    mail_when_finished = forms.BooleanField(
        label=_("Write to me when my restorations have finished"),
        required=False,
        help_text=_("One e-mail for everything that you asked for in one go, not one for each photo."),
    )

    @classmethod
    def of(cls, user: User) -> ProfileForm:
        """The form as the person's account and profile fill it."""
        profile = profile_of(user)
        people = {name: getattr(user, name) for name in ("first_name", "last_name")}
        chosen = {name: getattr(profile, name) for name in ("language", "theme", "mail_when_finished")}
        return cls(initial=people | chosen)


class EmailForm(forms.Form):
    """Another address; it takes the password, since with the address one can have a new password."""

    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("For a forgotten password, and for the e-mails that you want."),
    )
    password = forms.CharField(
        label=_("Your present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordForm(PasswordChangeForm):
    """The old password and a new one, twice."""

    def clean_old_password(self) -> str:
        try:
            prove_password(user=self.user, password=self.cleaned_data["old_password"])
        except (InputError, TooManyAttemptsError) as error:
            raise forms.ValidationError(error.message) from error
        return str(self.cleaned_data["old_password"])

    def save(self, commit: bool = True) -> User:
        return change_password(
            user=self.user, old=self.cleaned_data["old_password"], new=self.cleaned_data["new_password1"]
        )


class ForgottenPasswordForm(PasswordResetForm):
    """The address of an account. The queue looks whether there is one: neither words nor time tell here."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def save(self, **options: Any) -> None:  # type: ignore[override]  # Django's has them one by one
        """Ask for the mail, unless one was asked for just now. Raises TooManyAttemptsError for an address of
        the internet that asks again and again.
        """
        request = options["request"]
        email = self.cleaned_data["email"]
        count_attempt(limit=RESETS, place=client_address(request))
        try:
            count_attempt(limit=RESET_MAIL, who=email)
        except TooManyAttemptsError:
            return  # that mail is on its way
        async_task(
            MAIL_PASSWORD_RESET,
            email,
            site_address(request),
            translation.get_language(),
            group="mail",
            broker=NextButOne(),  # not behind thousands of photos
        )
