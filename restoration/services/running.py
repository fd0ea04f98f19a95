"""A worker's writes: take a restoration, keep it, give an answer. Each is one conditional UPDATE on the
lease.

Whoever has lost the lease (because the sweep gave the row to somebody else, or the photo was deleted) changes
nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from archive.models import Event
from archive.services import record_event
from restoration import messages
from restoration.keeping.events import EventKind
from restoration.models import ModelVersion, Pause, Restoration
from restoration.querysets import RestorationQuerySet
from restoration.running.stored_files import StoredFiles, kept_files
from restoration.services.discarding import lock_original


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a finished run knows about itself. Sizes in pixels and bytes; hashes in lower-case hexadecimal."""

    model_version: ModelVersion
    code_version: str
    parameters: dict[str, Any]
    result_sha256: str
    result_media_type: str
    result_byte_size: int
    result_width: int
    result_height: int
    repair_sha256: str
    repair_byte_size: int
    layers: dict[str, str]
    invention: float | None
    share_damaged: float
    warnings: list[dict[str, Any]]
    change_report: dict[str, Any]
    peak_memory_bytes: int | None

    def files(self, original_sha256: str) -> StoredFiles:
        """What the run put into storage, or found there."""
        return StoredFiles(
            original_sha256=original_sha256,
            result_sha256=self.result_sha256,
            result_media_type=self.result_media_type,
            kept=kept_files(self.layers, self.repair_sha256),
        )


def claim_restoration(*, restoration_id: UUID) -> Restoration | None:
    """Take a queued restoration for this worker and count the attempt; None when there is nothing to take,
    or its collection is paused: going on puts it on the queue again.

    Of any number of workers that ask at the same time, one gets the row.
    """
    now = timezone.now()
    token = uuid.uuid4()
    waiting = Restoration.objects.filter(id=restoration_id, status=Restoration.Status.QUEUED)
    claimed = waiting.not_paused().update(
        status=Restoration.Status.RUNNING,
        attempts=F("attempts") + 1,
        progress=0,
        lease_token=token,
        lease_expires_at=now + lease_duration(),
        started_at=now,
    )
    if not claimed:
        return None
    return (
        Restoration.objects.filter(id=restoration_id, lease_token=token)
        .select_related("photo__original", "photo__collection")
        .first()
    )


def renew_lease(*, restoration: Restoration) -> bool:
    """Tell that the worker is alive. False when the lease is no longer this worker's."""
    return bool(_held(restoration).update(lease_expires_at=timezone.now() + lease_duration()))


def report_progress(*, restoration: Restoration, percent: int) -> bool:
    """Show progress, 0 to 100 per cent, and renew the lease. False, and nothing written, when the worker
    should stop, as `is_wanted` says.
    """
    wanted = _held(restoration).not_paused()
    return bool(
        wanted.update(progress=max(0, min(100, percent)), lease_expires_at=timezone.now() + lease_duration())
    )


def is_wanted(*, restoration: Restoration) -> bool:
    """Whether the lease is still this worker's and nothing above the photo is paused: one query by key."""
    return _held(restoration).not_paused().exists()


def set_back_restoration(*, restoration: Restoration) -> bool:
    """Let a restoration whose collection is paused wait again, as if this attempt had not begun.

    False, and nothing written, when nothing is paused (any more) or the lease is no longer this worker's.
    """
    with transaction.atomic():
        # Its row first, as all others that take both.
        _held(restoration).select_for_update().first()
        # Whoever takes a pause away waits for this, and then finds the row among those that wait.
        pauses = Pause.objects.filter(collection__below__descendant__photos=restoration.photo_id)
        if not list(pauses.select_for_update(of=("self",))):
            return False
        moved = _held(restoration).update(
            status=Restoration.Status.QUEUED,
            attempts=F("attempts") - 1,
            progress=0,
            lease_token=None,
            lease_expires_at=None,
            started_at=None,
        )
        if moved:
            _record(restoration, EventKind.SET_BACK, {})
    return bool(moved)


def complete_restoration(*, restoration: Restoration, outcome: Outcome) -> Restoration:
    """Write the result's provenance and finish. Result and layers must be in storage already.

    Raises StateError `restoration:lease:lost`, or EngineError `restoration:engine:result-missing` when
    somebody has deleted a photo with the same files meanwhile; then nothing was written.
    """
    with transaction.atomic():
        lock_original(restoration.original_sha256)
        if not all(file.exists() for file in outcome.files(restoration.original_sha256).each()):
            raise messages.engine_error("restoration:engine:result-missing")
        finished = _held(restoration).update(
            status=Restoration.Status.DONE,
            progress=100,
            finished_at=timezone.now(),
            lease_token=None,
            lease_expires_at=None,
            error_code="",
            error_message="",
            **{field.name: getattr(outcome, field.name) for field in fields(outcome)},
        )
        if not finished:
            raise messages.state_error("restoration:lease:lost")
        _record(restoration, EventKind.DONE, {"result_sha256": outcome.result_sha256})
    restoration.refresh_from_db()
    return restoration


def fail_restoration(*, restoration: Restoration, code: str, message: str = "") -> Restoration:
    """Finish without a result, with a code and a sentence (by default the code's own).

    Raises StateError `restoration:lease:lost`; then nothing was written.
    """
    with transaction.atomic():
        if not _held(restoration).update(**failure_fields(code, message)):
            raise messages.state_error("restoration:lease:lost")
        _record(restoration, EventKind.FAILED, {"code": code}, outcome=Event.Outcome.FAIL)
    restoration.refresh_from_db()
    return restoration


def failure_fields(code: str, message: str = "") -> dict[str, Any]:
    """The columns of a failed restoration. The stored sentence is English; pages translate by the code."""
    with translation.override("en"):
        sentence = message or messages.sentence(code)
    return {
        "status": Restoration.Status.FAILED,
        "error_code": code,
        "error_message": sentence,
        "finished_at": timezone.now(),
        "lease_token": None,
        "lease_expires_at": None,
    }


def lease_duration() -> timedelta:
    """How long a silent worker is believed to be alive."""
    return timedelta(seconds=settings.PULIH_LEASE_SECONDS)


def _held(restoration: Restoration) -> RestorationQuerySet:
    """The row, as long as this worker's lease on it stands."""
    return Restoration.objects.filter(
        id=restoration.id, status=Restoration.Status.RUNNING, lease_token=restoration.lease_token
    )


def _record(
    restoration: Restoration, kind: str, details: dict[str, Any], outcome: str = Event.Outcome.SUCCESS
) -> None:
    record_event(
        collection=restoration.photo.collection,
        photo=restoration.photo,
        kind=kind,
        details={"restoration": str(restoration.id), "attempt": restoration.attempts, **details},
        outcome=outcome,
    )
