"""Mails that the queue sends."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from archive.access.email_proofs import proof_for
from archive.access.profiles import profile_of


def mail_password_reset(email: str, site: str, language: str) -> str:
    """Send to the accounts with this address where a new password can be set, once and for three days.

    `site`: where people reach this platform; `language`: of the page that was asked, for who has chosen none.
    """
    accounts = User.objects.select_related("profile").filter(email__iexact=email, is_active=True)
    for user in accounts:
        _mail_password_reset(user, site, language)
    return "sent" if accounts else "nobody to write to"


def _mail_password_reset(user: User, site: str, language: str) -> None:
    key = {
        "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": default_token_generator.make_token(user),
    }
    with translation.override(profile_of(user).language or language):
        context = {
            "name": user.get_username(),
            "site": site,
            "address": f"{site}{reverse('archive:password_reset_confirm', kwargs=key)}",
        }
        subject, body = (
            _("A new password for Pulih"),
            render_to_string("account/password_reset_mail.txt", context),
        )
    # To the address as the account has it: what somebody typed may only look like it.
    send_mail(subject, body, None, [user.email])


def mail_email_proof(user_id: int, email: str, site: str, language: str) -> str:
    """Send to `email` what proves that its reader is the person whose account is to have it."""
    user = User.objects.select_related("profile").filter(pk=user_id, is_active=True).first()
    if user is None:
        return "nobody to write to"
    with translation.override(profile_of(user).language or language):
        path = reverse("archive:email_confirm", args=[proof_for(user, email)])
        context = {"name": user.get_username(), "site": site, "address": f"{site}{path}"}
        subject = _("Your e-mail address for Pulih")
        body = render_to_string("account/email_proof_mail.txt", context)
    send_mail(subject, body, None, [email])
    return "sent"


def mail_email_changed(user_id: int, before: str, language: str) -> str:
    """Tell the address that the account had until now."""
    user = User.objects.select_related("profile").filter(pk=user_id, is_active=True).first()
    if user is None:
        return "nobody to write for"
    with translation.override(profile_of(user).language or language):
        context = {"name": user.get_username(), "email": user.email}
        subject = _("Your account has another e-mail address")
        body = render_to_string("account/email_changed_mail.txt", context)
    send_mail(subject, body, None, [before])
    return "sent"
