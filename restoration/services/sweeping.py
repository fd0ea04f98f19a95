"""Bringing back what a dead worker dropped. django-q2 does not report a killed worker, so the rows must tell.

Runs every minute (see `restoration.schedule`) and by `manage.py sweep_restorations`. Safe to run at any time
and twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from archive.models import Event
from archive.services import record_event
from restoration.keeping.events import EventKind
from restoration.models import Restoration
from restoration.running.working_folders import clear_working_folders
from restoration.services.requests import RUN_RESTORATION, enqueue, enqueue_on_commit
from restoration.services.running import failure_fields

ENQUEUEING_GRACE = timedelta(seconds=60)
_OUTCOMES = {EventKind.QUARANTINED: Event.Outcome.FAIL, EventKind.REQUEUED: Event.Outcome.WARNING}


@dataclass(frozen=True, slots=True)
class SweepReport:
    """How many restorations were queued again, given up, and enqueued because their message was lost."""

    requeued: int
    quarantined: int
    enqueued: int

    def __str__(self) -> str:
        return (
            f"{self.requeued} queued again, {self.quarantined} quarantined, "
            f"{self.enqueued} lost messages sent again"
        )


def sweep_restorations(*, now: datetime | None = None) -> SweepReport:
    """Queue restorations whose lease ran out again, or give them up once their attempts are used up."""
    now = now or timezone.now()
    requeued = quarantined = 0
    for restoration in Restoration.objects.lease_expired(now).select_related("photo__collection"):
        if restoration.attempts >= settings.PULIH_MAX_ATTEMPTS:
            quarantined += _move(
                restoration, now, EventKind.QUARANTINED, **failure_fields("restoration:attempts:exhausted")
            )
        elif _move(
            restoration,
            now,
            EventKind.REQUEUED,
            status=Restoration.Status.QUEUED,
            progress=0,
            lease_token=None,
            lease_expires_at=None,
        ):
            requeued += 1
    return SweepReport(requeued, quarantined, _enqueue_lost(now))


def _move(restoration: Restoration, now: datetime, event: EventKind, **fields: object) -> bool:
    """Change the row if its lease is still the expired one that was read; a worker may just have answered."""
    with transaction.atomic():
        moved = (
            Restoration.objects.lease_expired(now)
            .filter(id=restoration.id, lease_token=restoration.lease_token)
            .update(**fields)
        )
        if moved:
            clear_working_folders(restoration)
            record_event(
                collection=restoration.photo.collection,
                photo=restoration.photo,
                kind=event,
                details={"restoration": str(restoration.id), "attempt": restoration.attempts},
                outcome=_OUTCOMES[event],
            )
            if fields["status"] == Restoration.Status.QUEUED:
                enqueue_on_commit(restoration.id)
    return bool(moved)


def _enqueue_lost(now: datetime) -> int:
    """Enqueue rows that have waited a while, but not for a pause's end, and that no free message in the queue
    speaks of.

    Happens when the process died between the commit and its callbacks, or when a cluster was killed with
    messages in its hands (those stay locked for `retry` seconds). One message too many is harmless: claiming
    decides.
    """
    waiting = Restoration.objects.filter(
        status=Restoration.Status.QUEUED, requested_at__lt=now - ENQUEUEING_GRACE
    )
    waiting_ids = set(waiting.not_paused().values_list("id", flat=True))
    if not waiting_ids:
        return 0
    announced = set()
    for message in OrmQ.objects.filter(lock__lte=now).iterator():
        if message.func() == RUN_RESTORATION:
            announced.add(message.args()[0])
    lost = [restoration_id for restoration_id in waiting_ids if str(restoration_id) not in announced]
    for restoration_id in lost:
        enqueue(restoration_id)
    return len(lost)
