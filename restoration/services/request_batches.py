"""What a person asked for in one go: gathered while it is asked for, closed once all of it has ended."""

from __future__ import annotations

from collections.abc import Collection as Several
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from archive.webhooks.announcing import Occurrence, announce
from restoration.keeping.webhooks import BATCH_FINISHED
from restoration.models import RequestBatch, Restoration

FEWEST_TO_TELL = 2
"""Who asks for one restoration sits before its page: no mail."""


@transaction.atomic
def join_batch(*, restorations: Several[UUID], person: User) -> None:
    """Put new restorations into the person's open batch. The last thing in the transaction that makes them:
    the batch stays locked to its end, so none is closed while something is on its way into it.
    """
    Restoration.objects.filter(id__in=restorations).update(request_batch=_open_batch(person))


def _open_batch(person: User) -> RequestBatch:
    mine = RequestBatch.objects.open().filter(person=person).select_for_update()
    batch = mine.first()
    if batch is None:
        try:
            with transaction.atomic():
                batch = RequestBatch.objects.create(person=person)
        except IntegrityError:
            # Opened at the same time by another upload of this person.
            batch = mine.get()
    return batch


def close_finished_batches(*, now: datetime | None = None) -> int:
    """Close every batch that is finished; returns how many. One too small to speak of counts as told."""
    now = now or timezone.now()
    finished = RequestBatch.objects.open().finished(now).values_list("pk", flat=True)
    return sum(_close(pk, now) for pk in finished)


@transaction.atomic
def _close(pk: UUID, now: datetime) -> bool:
    RequestBatch.objects.select_for_update().filter(pk=pk).first()
    # Asked again now that the row is locked: something may have joined since.
    if not RequestBatch.objects.open().finished(now).filter(pk=pk).exists():
        return False
    small = Restoration.objects.filter(request_batch=pk)[:FEWEST_TO_TELL].count() < FEWEST_TO_TELL
    RequestBatch.objects.filter(pk=pk).update(closed_at=now, told_at=now if small else None)
    _announce_end(pk, now)
    return True


def _announce_end(pk: UUID, now: datetime) -> None:
    """To programs: in every collection in which something of the batch lies, however small it is."""
    states = Restoration.Status
    mine = Restoration.objects.filter(request_batch=pk).order_by()
    places = mine.values("photo__collection_id", "request_batch__person__username").annotate(
        done=Count("pk", filter=Q(status=states.DONE)),
        failed=Count("pk", filter=Q(status=states.FAILED)),
        cancelled=Count("pk", filter=Q(status=states.CANCELLED)),
    )
    announce(
        [
            Occurrence(
                kind=BATCH_FINISHED,
                collection_id=place["photo__collection_id"],
                happened_at=now,
                data={
                    "batch": str(pk),
                    "person": place["request_batch__person__username"],
                    "done": place["done"],
                    "failed": place["failed"],
                    "cancelled": place["cancelled"],
                },
            )
            for place in places
        ]
    )


def claim_telling(*, batch: RequestBatch) -> bool:
    """Take it upon oneself to tell; of any number who ask, one may. A worker that dies after this leaves the
    person untold, which is better than told twice.
    """
    return bool(RequestBatch.objects.to_be_told().filter(pk=batch.pk).update(told_at=timezone.now()))


def note_failed_mail(*, batch: RequestBatch) -> None:
    """The mail did not leave: it is tried again, a few times."""
    RequestBatch.objects.filter(pk=batch.pk).update(told_at=None, failed_mails=F("failed_mails") + 1)
