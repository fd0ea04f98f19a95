"""Fixity runs: beginning them, going on with them part by part, and writing down what they find."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from archive.events.kinds import EventKind
from archive.files.holdings import photos_with
from archive.fixity.checking import SETTLING_SECONDS, Fault, PartReport, check_part
from archive.fixity.shelves import shelf_of
from archive.messages import state_error
from archive.models import SHELVES, Collection, Event, FixityFinding, FixityRun, Photo
from archive.querysets.visible import PhotoQuerySet
from archive.services.events import NewEvent, record_event, record_events

_PART_SHELVES = 4096
"""So many shelves are checked between two looks at the database: a sixteenth of all files."""

_Scope = FixityRun.Scope


@transaction.atomic
def start_fixity_run(
    *, collection: Collection | None = None, photo: Photo | None = None, requested_by: User | None = None
) -> FixityRun:
    """Begin a check of a photo's files, of a collection's with all below it, or of the whole archive.

    Nothing is read yet: `continue_fixity_run` does that. Raises StateError archive:fixity:running while a run
    over the same has not ended.
    """
    scope = _Scope.PHOTO if photo else _Scope.COLLECTION if collection else _Scope.EVERYTHING
    if photo is not None:
        collection = photo.collection
    same = FixityRun.objects.filter(scope=scope, collection=collection, photo=photo, finished_at__isnull=True)
    if same.exists():
        raise state_error("archive:fixity:running")
    return FixityRun.objects.create(
        scope=scope, collection=collection, photo=photo, requested_by=requested_by
    )


@transaction.atomic
def start_fixity_slice() -> FixityRun:
    """Begin the night's part: where the last one ended, as large as the days since then deserve.

    After PULIH_FIXITY_DAYS days every file has been read, also when some nights were left out. A part that
    has not ended is gone on with.
    """
    last = FixityRun.objects.filter(scope=_Scope.SLICE).order_by("-started_at").first()
    if last is not None and not last.is_finished:
        return last
    nights = 1
    if last is not None:
        nights = max(1, round((timezone.now() - last.started_at) / timedelta(days=1)))
    width = math.ceil(SHELVES / settings.PULIH_FIXITY_DAYS) * nights
    first = last.end_shelf % SHELVES if last is not None else 0
    return FixityRun.objects.create(
        scope=_Scope.SLICE, first_shelf=first, next_shelf=first, end_shelf=min(SHELVES, first + width)
    )


def claim_fixity_run(*, run: FixityRun) -> bool:
    """Take a run that has not ended for this process; False when another has it, or it is over."""
    now = timezone.now()
    free = Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=now)
    claimed = FixityRun.objects.filter(free, pk=run.pk, finished_at__isnull=True).update(
        lease_expires_at=_lease()
    )
    run.refresh_from_db()
    return bool(claimed)


def continue_fixity_run(
    *, run: FixityRun, seconds: float | None = None, settling_seconds: float = SETTLING_SECONDS
) -> bool:
    """Go on with a claimed run, for about so many seconds (None: to its end); whether it has ended.

    What was found on a part of the shelves is written down in one transaction, and never lost.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    photos = _photos_of(run)
    while run.next_shelf < run.end_shelf and (deadline is None or time.monotonic() < deadline):
        width = SHELVES if run.scope == _Scope.PHOTO else _PART_SHELVES
        end = min(run.end_shelf, run.next_shelf + width)
        report = check_part(
            run.next_shelf,
            end,
            photos=photos,
            deadline=deadline,
            doubted=_doubted(run.next_shelf, end),
            settling_seconds=settling_seconds,
        )
        _write_down(run, report)
    if run.next_shelf < run.end_shelf:
        FixityRun.objects.filter(pk=run.pk).update(lease_expires_at=None)
        return False
    _finish(run)
    return True


def unfinished_fixity_runs() -> list[FixityRun]:
    """Runs that no process has in its hands: their messages were lost, or their worker was killed."""
    now = timezone.now()
    waiting = Q(lease_expires_at__isnull=True, started_at__lt=now - timedelta(minutes=10))
    runs = FixityRun.objects.filter(waiting | Q(lease_expires_at__lt=now), finished_at__isnull=True)
    return list(runs.order_by("started_at"))


def note_report(*, run: FixityRun) -> None:
    """Write down that the operators were told of what the run found."""
    FixityRun.objects.filter(pk=run.pk).update(is_reported=True)


def _photos_of(run: FixityRun) -> PhotoQuerySet | None:
    if run.scope == _Scope.PHOTO:
        return Photo.objects.filter(pk__in=[run.photo_id])
    if run.scope == _Scope.COLLECTION:
        below = Collection.objects.filter(above__ancestor_id=run.collection_id)
        return Photo.objects.filter(collection__in=below)
    return None


def _doubted(first: int, end: int) -> list[str]:
    """Paths of open findings that stand on these shelves, or lie in front of them."""
    doubted = FixityFinding.objects.filter(mended_at__isnull=True).values_list("path", "sha256")
    return [path for path, sha256 in doubted if first <= _shelf_of_finding(path, sha256) < end]


def _shelf_of_finding(path: str, sha256: str) -> int:
    if sha256:
        return shelf_of(sha256)
    digits = "".join(part for part in path.split("/")[1:3] if len(part) == 2)
    try:
        return int(digits.ljust(4, "0"), 16)
    except ValueError:
        return 0


@transaction.atomic
def _write_down(run: FixityRun, report: PartReport) -> None:
    _record_faults(run, report.faults)
    _record_mended(run, report.sound)
    FixityRun.objects.filter(pk=run.pk).update(
        next_shelf=report.end_shelf,
        file_count=F("file_count") + report.file_count,
        byte_count=F("byte_count") + report.byte_count,
        fault_count=F("fault_count") + len(report.faults),
        lease_expires_at=_lease(),
    )
    run.refresh_from_db()


def _record_faults(run: FixityRun, faults: Iterable[Fault]) -> None:
    now = timezone.now()
    events: list[NewEvent] = []
    for fault in faults:
        if FixityFinding.objects.filter(path=fault.path, kind=fault.kind, mended_at__isnull=True).update(
            seen_at=now
        ):
            continue
        # The same file with another fault than before: that one is over, this one begins.
        FixityFinding.objects.filter(path=fault.path, mended_at__isnull=True).update(mended_at=now)
        finding = FixityFinding.objects.create(
            run=run,
            kind=fault.kind,
            path=fault.path,
            sha256=fault.holding.sha256 if fault.holding else "",
            found_sha256=fault.found_sha256,
            seen_at=now,
        )
        finding.photos.set(photos_with(fault.holding) if fault.holding else [])
        events += _events_of(finding, EventKind.FIXITY_FAILED, Event.Outcome.FAIL)
    record_events(events=events)


def _record_mended(run: FixityRun, sound: Iterable[str]) -> None:
    events: list[NewEvent] = []
    for finding in FixityFinding.objects.filter(path__in=list(sound), mended_at__isnull=True):
        finding.mended_at = timezone.now()
        finding.save(update_fields=["mended_at"])
        events += _events_of(finding, EventKind.FIXITY_MENDED, Event.Outcome.SUCCESS)
    record_events(events=events)


def _events_of(finding: FixityFinding, kind: EventKind, outcome: Event.Outcome) -> list[NewEvent]:
    """One for every photo whose file it is, or one that belongs to no collection."""
    details = {
        "path": finding.path,
        "fault": finding.kind,
        "sha256": finding.sha256,
        "found_sha256": finding.found_sha256,
    }
    photos: list[Photo | None] = list(finding.photos.select_related("collection")) or [None]
    return [
        NewEvent(
            collection=photo.collection if photo else None,
            photo=photo,
            kind=kind,
            outcome=outcome,
            details=details,
        )
        for photo in photos
    ]


@transaction.atomic
def _finish(run: FixityRun) -> None:
    now = timezone.now()
    if not FixityRun.objects.filter(pk=run.pk, finished_at__isnull=True).update(
        finished_at=now, lease_expires_at=None
    ):
        return
    run.refresh_from_db()
    details: dict[str, Any] = {
        "run": str(run.pk),
        "scope": run.scope,
        "shelves": [run.first_shelf, run.end_shelf],
        "files": run.file_count,
        "bytes": run.byte_count,
        "faults": run.fault_count,
    }
    record_event(
        collection=run.collection,
        photo=run.photo,
        kind=EventKind.FIXITY_CHECKED,
        actor=run.requested_by,
        outcome=Event.Outcome.FAIL if run.fault_count else Event.Outcome.SUCCESS,
        details=details,
    )


def _lease() -> Any:
    """A process that has not written down anything for this long is taken for dead."""
    return timezone.now() + timedelta(seconds=2 * settings.Q_CLUSTER["timeout"])
