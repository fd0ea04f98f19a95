"""The mail that tells an owner that his webhook was switched off."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from archive.access.profiles import profile_of
from archive.models import Webhook
from archive.presentation.addresses import absolute, site_address

logger = logging.getLogger(__name__)


def mail_switched_off(webhook: Webhook) -> bool:
    """Tell its owner, in his own language, if he has an address. False when the mail could not be sent."""
    owner = webhook.owner
    if not (owner.is_active and owner.email):
        return True
    with translation.override(profile_of(owner).language or settings.LANGUAGE_CODE):
        context = {
            "name": owner.get_short_name() or owner.get_username(),
            "webhook": webhook,
            "days": settings.PULIH_WEBHOOK_FAILING_DAYS,
            "address": absolute(reverse("archive:webhook", args=[webhook.pk])) if site_address() else "",
        }
        subject = _("Pulih: a webhook was switched off")
        body = render_to_string("archive/webhook_mail.txt", context)
    try:
        send_mail(subject, body, None, [owner.email])
    except (SMTPException, OSError):
        logger.exception("The mail about the webhook %s could not be sent.", webhook.pk)
        return False
    return True
