"""Whose desk a photo lies on in the review room. A reservation ends by itself when nobody renews it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from restoration.models import Reservation, Restoration
from restoration.reviewing.queue import ReviewQueue, photos_after, waiting_restoration

RESERVED_FOR = timedelta(minutes=5)
"""Longer than people look at one picture; open pages renew it every minute, so this is for what was left."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """A restoration on the reviewer's desk; `place` is where its photo stands in the queue."""

    restoration: Restoration
    place: str


def reserve_next(*, queue: ReviewQueue, after: str = "") -> Reserved | None:
    """Put the next picture of the queue after a place, or its first, on its reviewer's desk; None at its end.

    No transaction around it: a reviewer who is a moment too late for one picture takes the next.
    """
    while candidates := photos_after(queue, after):
        for photo, place in candidates:
            restoration = reserve_restoration(queue=queue, photo=photo)
            if restoration is not None:
                return Reserved(restoration, place)
        after = candidates[-1][1]
    return None


def reserve_restoration(*, queue: ReviewQueue, photo: UUID) -> Restoration | None:
    """Put one photo of the queue on its reviewer's desk; None where it is not his to decide about (now)."""
    if not reserve_photo(photo=photo, reviewer=queue.reviewer):
        return None
    # Asked again with the photo in hand: somebody may have decided about it and put it back.
    restoration = waiting_restoration(queue, photo)
    if restoration is None:
        release_reservations(reviewer=queue.reviewer, photos=[photo])
    return restoration


@transaction.atomic
def reserve_photo(*, photo: UUID, reviewer: User) -> bool:
    """Put the photo on the reviewer's desk; False when it lies on somebody else's.

    Two statements, each of which one database settles by itself: of any number of reviewers who try at the
    same moment, one gets the photo.
    """
    now = timezone.now()
    until = now + RESERVED_FOR
    free = Reservation.objects.filter(Q(reviewer=reviewer) | Q(expires_at__lte=now), photo=photo)
    if free.update(reviewer=reviewer, expires_at=until):
        return True
    wanted = Reservation(photo_id=photo, reviewer=reviewer, expires_at=until)
    Reservation.objects.bulk_create([wanted], ignore_conflicts=True)
    return Reservation.objects.filter(photo=photo, reviewer=reviewer).exists()


@transaction.atomic
def renew_reservations(*, photos: Iterable[UUID], reviewer: User) -> list[UUID]:
    """Go on holding the photos; returns those that still are the reviewer's.

    One that had ended is taken again unless somebody else has it by now.
    """
    own = Reservation.objects.filter(photo__in=set(photos), reviewer=reviewer)
    own.update(expires_at=timezone.now() + RESERVED_FOR)
    return list(own.values_list("photo", flat=True))


@transaction.atomic
def release_reservations(*, reviewer: User, photos: Iterable[UUID] | None = None) -> int:
    """Clear the reviewer's desk of these photos, or of all; returns of how many."""
    own = Reservation.objects.filter(reviewer=reviewer)
    if photos is not None:
        own = own.filter(photo__in=set(photos))
    return own.delete()[0]
