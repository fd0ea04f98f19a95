"""Which archive this is, for those who get bags from it."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.text import slugify


def instance_name() -> str:
    """A name that no other installation has and that stays: the organisation's, and eight digits of its own.

    Fit to be the last part of a user name.
    """
    organisation = slugify(settings.PULIH_ORGANISATION)[:40] or "archive"
    return f"{organisation}-{salted_hmac('archive.bags.instance', '').hexdigest()[:8]}"
