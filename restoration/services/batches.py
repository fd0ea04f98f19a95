"""Many restorations at once: asking for them, and pausing, going on with or cancelling those of a collection.

What holds for a collection holds for everything below it. Large batches go in several transactions, so that
nobody else waits for long; what was interrupted is gone on with by the same call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from archive.models import Collection, Photo
from archive.services import NewEvent, record_event, record_events
from restoration import messages
from restoration.keeping.events import EventKind
from restoration.models import Pause, Restoration
from restoration.querysets import RestorationQuerySet
from restoration.services.request_batches import join_batch
from restoration.services.requests import enqueue_all, seed_for

AT_ONCE = 500
"""Restorations in one transaction."""

_Item = TypeVar("_Item")

# What a curator asked for, and what a blend takes over from its base: the same again when it failed.
_ASKED = (
    "photo_id",
    "wanted_model_id",
    "strength",
    "quick",
    "thorough",
    "hand_sha256",
    "based_on_id",
    "repair_sha256",
    "repair_byte_size",
    "layers",
    "invention",
    "warnings",
)


@dataclass(frozen=True, slots=True)
class BatchReport:
    """Which restorations were queued, and how many photos were left out: there is no such photo any more, or
    another restoration of it waits or runs.
    """

    restorations: dict[UUID, UUID]
    """By photo, those that were queued."""
    left_out: int

    @property
    def queued(self) -> int:
        return len(self.restorations)


@dataclass(frozen=True, slots=True)
class CancelReport:
    """How many were cancelled before a worker had begun, and how many while one was at work."""

    waiting: int
    running: int


def request_restorations(
    *, photos: Iterable[UUID], requested_by: User, thorough: bool = False
) -> BatchReport:
    """Queue a restoration of each of these photos that none waits or runs of; as usual in everything but
    perhaps `thorough`.
    """
    keys = list(photos)
    queued: dict[UUID, UUID] = {}
    for some in _portions(keys):
        queued |= _queue([Restoration(photo_id=key, thorough=thorough) for key in some], requested_by)
    return BatchReport(queued, len(keys) - len(queued))


def retry_restorations(*, restorations: RestorationQuerySet, requested_by: User) -> BatchReport:
    """Ask for each of these failed restorations again: a new version with the same model, strength and hand.

    The failed ones stay as they are.
    """
    failed = list(restorations.filter(status=Restoration.Status.FAILED))
    queued: dict[UUID, UUID] = {}
    for some in _portions(failed):
        again = [Restoration(**{name: getattr(each, name) for name in _ASKED}) for each in some]
        queued |= _queue(again, requested_by)
    return BatchReport(queued, len(failed) - len(queued))


@transaction.atomic
def pause_restorations(*, collection: Collection, actor: User) -> None:
    """Let no worker restore anything in the collection. Twice is once.

    A worker that is at it stops at its next tile and lets the photo wait again (`set_back_restoration`).
    """
    _pause, is_new = Pause.objects.get_or_create(collection=collection, defaults={"paused_by": actor})
    if is_new:
        record_event(collection=collection, kind=EventKind.PAUSED, actor=actor)


@transaction.atomic
def resume_restorations(*, collection: Collection, actor: User) -> int:
    """Take the collection's own pause away and put what waits on the queue again; returns its number.

    Parts that are paused themselves, or a whole that is, go on waiting.
    """
    if not Pause.objects.filter(collection=collection).delete()[0]:
        return 0
    record_event(collection=collection, kind=EventKind.RESUMED, actor=actor)
    waiting = Restoration.objects.within(collection).filter(status=Restoration.Status.QUEUED).not_paused()
    ids = list(waiting.order_by("requested_at", "id").values_list("id", flat=True))
    transaction.on_commit(partial(enqueue_all, ids), robust=True)
    return len(ids)


def cancel_restorations(*, collection: Collection, actor: User) -> CancelReport:
    """Cancel what waits or runs in the collection. A worker that is at it stops at its next tile."""
    waiting = running = 0
    active = Restoration.objects.within(collection).active()
    for some in _portions(list(active.order_by("requested_at", "id").values_list("id", flat=True))):
        states = _cancel(some, actor)
        waiting += states.count(Restoration.Status.QUEUED)
        running += states.count(Restoration.Status.RUNNING)
    return CancelReport(waiting, running)


def cancel_restoration(*, restoration: Restoration, actor: User) -> None:
    """Cancel one that waits or runs. Raises StateError restoration:cancel:ended when it has ended."""
    if not _cancel([restoration.pk], actor):
        raise messages.state_error("restoration:cancel:ended")


@transaction.atomic
def _cancel(ids: Sequence[UUID], actor: User) -> list[str]:
    """Cancel those of the restorations that still move; returns in which states they were."""
    rows = list(
        Restoration.objects.active()
        .filter(id__in=ids)
        .select_for_update(of=("self",))
        .select_related("photo__collection")
    )
    Restoration.objects.filter(id__in=[row.id for row in rows]).update(
        status=Restoration.Status.CANCELLED,
        lease_token=None,
        lease_expires_at=None,
        finished_at=timezone.now(),
    )
    _record(rows, EventKind.CANCELLED, actor)
    return [row.status for row in rows]


@transaction.atomic
def _queue(rows: Sequence[Restoration], requested_by: User) -> dict[UUID, UUID]:
    """Save new rows, as far as their photos are there and nothing else of them moves; those, by photo."""
    keys = [row.photo_id for row in rows]
    busy = set(Restoration.objects.active().filter(photo__in=keys).values_list("photo", flat=True))
    photos = Photo.objects.present().select_related("original", "collection").in_bulk(keys)
    wanted = []
    for row in rows:
        photo = photos.get(row.photo_id)
        if photo is not None and photo.pk not in busy:
            busy.add(photo.pk)
            row.photo, row.requested_by = photo, requested_by
            row.original_sha256 = photo.original.sha256
            row.seed = seed_for(row.original_sha256)
            wanted.append(row)
    # Somebody may ask for one of them at this moment: the database lets one in, and the other is left out.
    Restoration.objects.bulk_create(wanted, ignore_conflicts=True)
    ids = [row.id for row in wanted]
    made = set(Restoration.objects.filter(id__in=ids).values_list("id", flat=True))
    queued = [row for row in wanted if row.id in made]
    if queued:
        _record(queued, EventKind.REQUESTED, requested_by)
        join_batch(restorations=[row.id for row in queued], person=requested_by)
        transaction.on_commit(partial(enqueue_all, [row.id for row in queued]), robust=True)
    return {row.photo_id: row.id for row in queued}


def _record(rows: Iterable[Restoration], kind: EventKind, actor: User) -> None:
    record_events(
        events=[
            NewEvent(
                collection=row.photo.collection,
                photo=row.photo,
                actor=actor,
                kind=kind,
                details={"restoration": str(row.id)},
            )
            for row in rows
        ]
    )


def _portions(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
