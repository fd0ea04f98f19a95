"""The mail that invites somebody."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from archive.models import Invitation

logger = logging.getLogger(__name__)


def send_invitation(invitation: Invitation, *, address: str) -> bool:
    """Mail the address of an invitation, in the language that is active; False where that failed."""
    context = {"invitation": invitation, "address": address}
    # A subject is one line, whatever a title holds.
    title = " ".join(invitation.collection.title.split())
    try:
        send_mail(
            subject=_("Invitation to “%(title)s”") % {"title": title},
            message=render_to_string("archive/invitation_mail.txt", context),
            from_email=None,
            recipient_list=[invitation.email],
        )
    except (SMTPException, OSError):
        logger.exception("The invitation %s could not be mailed.", invitation.pk)
        return False
    return True
