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

from archive.access.profiles import profile_of


def mail_password_reset(user_id: int, site: str, language: str) -> str:
    """Send the address at which a new password can be set, once and for three days.

    `site`: where people reach this platform; `language`: of the page that was asked, for who has chosen none.
    """
    user = User.objects.select_related("profile").filter(pk=user_id, is_active=True).first()
    if user is None or not user.email:
        return "nobody to write to"
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
    send_mail(subject, body, None, [user.email])
    return "sent"
