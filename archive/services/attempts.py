"""Counting what is tried, before it is looked at: attempts at the same moment do not slip through together.

The counts stand in the database, so they hold for all processes on all machines.
"""

from __future__ import annotations

import math
from datetime import datetime

from axes.utils import reset
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import ngettext

from archive.access.attempts import (
    FAMILIAR,
    SIGN_IN_ADDRESS,
    SIGN_IN_NAME,
    Limit,
    digest_of_address,
    digest_of_name,
)
from archive.errors import TooManyAttemptsError
from archive.models import Attempts


@transaction.atomic
def count_attempt(*, limit: Limit, who: str = "", place: str = "") -> None:
    """Count one more attempt. `who`: a name, `place`: a `client_address`, whichever the limit is for.

    Raises TooManyAttemptsError where there have been enough; that attempt is not counted, so that waiting
    ends.
    """
    _count(limit, who=digest_of_name(who), place=_digest_of_place(place))


@transaction.atomic
def forget_attempts(*, limit: Limit, who: str = "", place: str = "") -> None:
    """Begin to count anew, since what was tried has succeeded."""
    Attempts.objects.filter(limit=limit.name, who=digest_of_name(who), place=_digest_of_place(place)).delete()


@transaction.atomic
def admit_sign_in(*, username: str, address: str) -> None:
    """Count an attempt by its name and by its address, whether there is such a name or not, unless the two
    are known together. Raises TooManyAttemptsError.
    """
    who, place = digest_of_name(username), digest_of_address(address)
    if not _is_familiar(who, place):
        _count(SIGN_IN_NAME, who=who)
        _count(SIGN_IN_ADDRESS, place=place)


@transaction.atomic
def welcome_sign_in(*, username: str, address: str) -> None:
    """What was admitted has succeeded. Others' failures under the name or at the address go on counting: an
    account of one's own is no means to begin anew.
    """
    who, place = digest_of_name(username), digest_of_address(address)
    if not _is_familiar(who, place):
        _take_back(SIGN_IN_NAME, who=who)
        _take_back(SIGN_IN_ADDRESS, place=place)
    Attempts.objects.update_or_create(
        limit=FAMILIAR.name, who=who, place=place, defaults={"ends_at": timezone.now() + FAMILIAR.within}
    )


@transaction.atomic
def unlock_sign_in(*, username: str = "", address: str = "") -> int:
    """Let a name, or everybody at an address, try again at once. Returns how many counts have ended."""
    asked = {"who": digest_of_name(username)} if username else {"place": digest_of_address(address)}
    ended, _each = Attempts.objects.exclude(limit=FAMILIAR.name).filter(**asked).delete()
    return ended + int(reset(username=username.strip().casefold() or None, ip=address or None))


@transaction.atomic
def sweep_attempts(*, now: datetime | None = None) -> int:
    """Remove the counts that have ended; how many there were."""
    swept, _each = Attempts.objects.filter(ends_at__lte=now or timezone.now()).delete()
    return swept


def too_many_attempts(*, ends_at: datetime) -> TooManyAttemptsError:
    """The refusal of what may be tried again at `ends_at`."""
    seconds = max(1, math.ceil((ends_at - timezone.now()).total_seconds()))
    minutes = math.ceil(seconds / 60)
    said = ngettext(
        "Too many attempts. Please try again in %(minutes)s minute.",
        "Too many attempts. Please try again in %(minutes)s minutes.",
        minutes,
    )
    return TooManyAttemptsError("throttled", said % {"minutes": minutes}, wait_seconds=seconds)


def _count(limit: Limit, *, who: str = "", place: str = "") -> None:
    """One conditional UPDATE, or the row that was missing: of two at the same moment, both are counted."""
    row = Attempts.objects.filter(limit=limit.name, who=who, place=place)
    while True:
        now = timezone.now()
        if row.filter(ends_at__gt=now, count__lt=limit.most).update(count=F("count") + 1):
            return
        ends_at = row.values_list("ends_at", flat=True).first()
        if ends_at is not None and ends_at > now:
            raise too_many_attempts(ends_at=ends_at)
        if row.filter(ends_at__lte=now).update(count=1, ends_at=now + limit.within):
            return
        try:
            with transaction.atomic():
                Attempts.objects.create(limit=limit.name, who=who, place=place, ends_at=now + limit.within)
        except IntegrityError:
            continue  # somebody was quicker, and is counted with
        return


def _take_back(limit: Limit, *, who: str = "", place: str = "") -> None:
    counted = Attempts.objects.filter(limit=limit.name, who=who, place=place, count__gt=0)
    counted.update(count=F("count") - 1)


def _is_familiar(who: str, place: str) -> bool:
    known = Attempts.objects.filter(limit=FAMILIAR.name, who=who, place=place)
    return known.filter(ends_at__gt=timezone.now()).exists()


def _digest_of_place(place: str) -> str:
    return digest_of_address(place) if place else ""
