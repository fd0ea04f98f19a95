"""Forms about one's own account. They check shapes; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm, PasswordResetForm
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django_q.tasks import async_task

from archive.access.profiles import profile_of
from archive.models import Profile
from archive.presentation.addresses import site_address
from archive.queue.message_order import NextButOne
from archive.services import change_password

MAIL_PASSWORD_RESET = "archive.queue.mail_tasks.mail_password_reset"
SECONDS_BETWEEN_MAILS = 120


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

    def save(self, commit: bool = True) -> User:
        return change_password(
            user=self.user, old=self.cleaned_data["old_password"], new=self.cleaned_data["new_password1"]
        )


class ForgottenPasswordForm(PasswordResetForm):
    """The address of an account. The queue writes the mail: no time tells whether there is one."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def save(self, **options: Any) -> None:  # type: ignore[override]  # Django's has them one by one
        request = options["request"]
        for user in self.get_users(self.cleaned_data["email"]):
            if cache.add(f"password-reset:{user.pk}", True, SECONDS_BETWEEN_MAILS):
                async_task(
                    MAIL_PASSWORD_RESET,
                    user.pk,
                    site_address(request),
                    translation.get_language(),
                    group="mail",
                    broker=NextButOne(),  # not behind thousands of photos
                )
