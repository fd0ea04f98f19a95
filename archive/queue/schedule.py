"""What the archive does by itself, kept in the queue's own table and put there after every migration."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_q.models import Schedule

FIXITY_SLICE = "archive.queue.keeping_tasks.check_fixity_slice"
FIXITY_RESUME = "archive.queue.keeping_tasks.resume_fixity_runs"
EMPTY_BIN = "archive.queue.keeping_tasks.empty_bin"
SWEEP_ANSWERS = "archive.queue.keeping_tasks.sweep_answers"
SWEEP_INGEST = "archive.queue.ingest_tasks.sweep_ingest"
SWEEP_LEFT_FILES = "archive.queue.ingest_tasks.sweep_left_files"
SWEEP_METADATA = "archive.queue.description_tasks.sweep_metadata"
SWEEP_WEBHOOKS = "archive.queue.webhook_tasks.sweep_webhooks"

NIGHT_HOUR = 18  # UTC: one at night in Jakarta


def ensure_scheduled(**kwargs: Any) -> None:
    """Schedule everything, for ever; once, however often this runs, and without moving the next time."""
    daily = {"schedule_type": Schedule.DAILY, "repeats": -1}
    _ensure("archive-fixity-slice", {"func": FIXITY_SLICE, **daily})
    _ensure("archive-bin", {"func": EMPTY_BIN, **daily})
    hourly = {"schedule_type": Schedule.HOURLY, "repeats": -1}
    _ensure("archive-fixity-resume", {"func": FIXITY_RESUME, **hourly})
    _ensure("archive-answers", {"func": SWEEP_ANSWERS, **hourly})
    _ensure("archive-left-files", {"func": SWEEP_LEFT_FILES, **hourly})
    every_minute = {"schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1}
    _ensure("archive-ingest", {"func": SWEEP_INGEST, **every_minute})
    _ensure("archive-descriptions", {"func": SWEEP_METADATA, **every_minute})
    _ensure("archive-webhooks", {"func": SWEEP_WEBHOOKS, **every_minute})


def _ensure(name: str, fields: dict[str, Any]) -> None:
    Schedule.objects.update_or_create(
        name=name, defaults=fields, create_defaults={**fields, "next_run": _first_run(fields)}
    )


def _first_run(fields: dict[str, Any]) -> Any:
    """Daily things begin in the coming night, the others at once."""
    now = timezone.now()
    if fields["schedule_type"] != Schedule.DAILY:
        return now
    tonight = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)
