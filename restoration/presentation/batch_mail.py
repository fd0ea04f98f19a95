"""The mail that tells somebody that everything asked for in one go has come to its end."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from archive.access.profiles import profile_of
from archive.models import Collection
from archive.presentation.addresses import absolute, site_address
from restoration.models import RequestBatch, Restoration

logger = logging.getLogger(__name__)


def mail_finished_batch(batch: RequestBatch) -> bool:
    """Tell the batch's person, in his own language, if he wants to be told and there is anything to tell.

    Plain text, with nothing in it that says whether it was read. False when the mail could not be sent.
    """
    person = batch.person
    profile = profile_of(person)
    if not (person.is_active and person.email and profile.mail_when_finished):
        return True
    with translation.override(profile.language or settings.LANGUAGE_CODE):
        places = _places(batch)
        done = sum(place["done"] for place in places)
        failed = sum(place["failed"] for place in places)
        if not done + failed:
            return True
        subject = ngettext(
            "Pulih: %(count)s restoration has finished",
            "Pulih: %(count)s restorations have finished",
            done + failed,
        ) % {"count": done + failed}
        context = {
            "name": person.get_short_name() or person.get_username(),
            "done": done,
            "failed": failed,
            "places": places,
            "preferences": absolute(reverse("archive:account")) if site_address() else "",
        }
        body = render_to_string("restoration/finished_mail.txt", context)
    try:
        send_mail(subject, body, None, [person.email])
    except (SMTPException, OSError):
        logger.exception("The mail about the batch %s could not be sent.", batch.pk)
        return False
    return True


def _places(batch: RequestBatch) -> list[dict[str, Any]]:
    """By collection that the person may still see, how many succeeded and failed; what was cancelled needs no
    telling.
    """
    visible = Collection.objects.visible_to(batch.person)
    mine = Restoration.objects.filter(request_batch=batch, photo__collection__in=visible)
    rows = (
        mine.order_by()
        .values("photo__collection", "photo__collection__title")
        .annotate(
            done=Count("pk", filter=Q(status=Restoration.Status.DONE)),
            failed=Count("pk", filter=Q(status=Restoration.Status.FAILED)),
        )
        .order_by("photo__collection__title", "photo__collection")
    )
    return [
        {
            "title": row["photo__collection__title"],
            "done": row["done"],
            "failed": row["failed"],
            "address": absolute(reverse("restoration:collection_detail", args=[row["photo__collection"]]))
            if site_address()
            else "",
        }
        for row in rows
        if row["done"] or row["failed"]
    ]
