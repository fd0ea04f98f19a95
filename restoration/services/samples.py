"""Restoring the sample pictures with one model, so that people can compare it with another.

A run's row tells where it stands, since the queue does not report a killed worker: it is claimed by a
conditional update, its attempts are counted before the work, and the sweep finds it when its lease runs out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from restoration.models import ModelVersion, SamplePicture, SampleResult, SampleRun

RESTORE_SAMPLES = "restoration.tasks.restore_samples"

ENQUEUEING_GRACE = timedelta(minutes=10)
"""A run that waits for longer than this may have lost its message; a second one does no harm."""


def request_samples(*, model_version: ModelVersion) -> SampleRun:
    """Queue the restoring of the sample pictures by this model, once; a run that failed is tried afresh."""
    with transaction.atomic():
        run, created = SampleRun.objects.get_or_create(model_version=model_version)
        afresh = 0
        if not created:
            afresh = SampleRun.objects.filter(pk=run.pk, status=SampleRun.Status.FAILED).update(
                status=SampleRun.Status.QUEUED,
                attempts=0,
                error_code="",
                requested_at=timezone.now(),
                finished_at=None,
            )
        if created or afresh:
            _enqueue_on_commit(model_version.pk)
    run.refresh_from_db()
    return run


def claim_sample_run(*, model_version_id: UUID) -> ModelVersion | None:
    """Take a queued run for this worker and count the attempt; None when there is nothing to take."""
    claimed = SampleRun.objects.filter(pk=model_version_id, status=SampleRun.Status.QUEUED).update(
        status=SampleRun.Status.RUNNING,
        attempts=F("attempts") + 1,
        # The queue ends a task after this time, so whoever still holds a lease then is dead.
        lease_expires_at=timezone.now() + timedelta(seconds=settings.Q_CLUSTER["timeout"]),
    )
    return ModelVersion.objects.get(pk=model_version_id) if claimed else None


def add_sample_picture(
    *, name: str, level: str, clean_sha256: str, degraded_sha256: str, width: int, height: int
) -> SamplePicture:
    """Keep a sample picture; where another worker was faster, the one that is kept already."""
    sample, _created = SamplePicture.objects.get_or_create(
        name=name,
        level=level,
        defaults={
            "clean_sha256": clean_sha256,
            "degraded_sha256": degraded_sha256,
            "width": width,
            "height": height,
        },
    )
    return sample


def add_sample_result(
    *,
    model_version: ModelVersion,
    sample: SamplePicture,
    result_sha256: str,
    measures: dict[str, Any],
    code_version: str,
) -> SampleResult:
    """Keep what the model made of the sample; an earlier result of the same pair is replaced."""
    result, _created = SampleResult.objects.update_or_create(
        model_version=model_version,
        sample=sample,
        defaults={"result_sha256": result_sha256, "measures": measures, "code_version": code_version},
    )
    return result


def finish_sample_run(*, model_version_id: UUID, error_code: str = "") -> None:
    """End a run, well or with the code of what went wrong."""
    SampleRun.objects.filter(pk=model_version_id, status=SampleRun.Status.RUNNING).update(
        status=SampleRun.Status.FAILED if error_code else SampleRun.Status.DONE,
        error_code=error_code,
        lease_expires_at=None,
        finished_at=timezone.now(),
    )


def sweep_sample_runs(*, now: datetime | None = None) -> int:
    """Bring back runs that a dead worker dropped or whose message was lost; how many were queued again."""
    now = now or timezone.now()
    dropped = SampleRun.objects.filter(status=SampleRun.Status.RUNNING, lease_expires_at__lt=now)
    dropped.filter(attempts__gte=settings.PULIH_MAX_ATTEMPTS).update(
        status=SampleRun.Status.FAILED,
        error_code="restoration:attempts:exhausted",
        lease_expires_at=None,
        finished_at=now,
    )
    waiting = SampleRun.objects.filter(
        status=SampleRun.Status.QUEUED, requested_at__lt=now - ENQUEUEING_GRACE
    )
    again = [*dropped.values_list("pk", flat=True), *waiting.values_list("pk", flat=True)]
    with transaction.atomic():
        SampleRun.objects.filter(pk__in=again, status__in=SampleRun.Status.active()).update(
            status=SampleRun.Status.QUEUED, lease_expires_at=None, requested_at=now
        )
        for pk in again:
            _enqueue_on_commit(pk)
    return len(again)


def _enqueue_on_commit(model_version_id: UUID) -> None:
    """Robust, because the row is what counts: the sweep finds one whose message never reached the queue."""
    transaction.on_commit(
        lambda: async_task(RESTORE_SAMPLES, str(model_version_id), group="samples"), robust=True
    )
