"""What the queue calls to keep the archive: fixity checks and the bin. A task calls services and no more."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django_q.tasks import async_task

from archive import services
from archive.fixity.mail import mail_findings
from archive.models import FixityRun

CHECK_FIXITY = "archive.queue.keeping_tasks.check_fixity"


def check_fixity(run_id: str) -> str:
    """Go on with a fixity run for a third of a task's time, and come back for the rest."""
    run = FixityRun.objects.filter(pk=UUID(run_id)).first()
    if run is None or not services.claim_fixity_run(run=run):
        return "nothing to do"
    if not services.continue_fixity_run(run=run, seconds=settings.Q_CLUSTER["timeout"] / 3):
        enqueue_fixity_run(run)
        return f"{run.percent} %"
    report_fixity_run(run)
    return f"{run.file_count} files, {run.fault_count} faults"


def check_fixity_slice() -> str:
    """The night's part of all files; scheduled every day."""
    return check_fixity(str(services.start_fixity_slice().pk))


def resume_fixity_runs() -> str:
    """Bring back runs that a dead worker dropped, and mails that could not be sent; scheduled every hour."""
    runs = services.unfinished_fixity_runs()
    for run in runs:
        enqueue_fixity_run(run)
    for run in FixityRun.objects.filter(finished_at__isnull=False, is_reported=False):
        report_fixity_run(run)
    return f"{len(runs)} runs"


def empty_bin() -> str:
    """Purge what has lain in the bin long enough; scheduled every day."""
    return str(services.empty_bin())


def sweep_answers() -> str:
    """Remove answers that were kept for a day, and counts that have ended; scheduled every hour."""
    return f"{services.sweep_answers()} answers removed, {services.sweep_attempts()} counts"


def enqueue_fixity_run(run: FixityRun) -> None:
    """Put the run on the queue by its id."""
    async_task(CHECK_FIXITY, str(run.pk), group="fixity")


def report_fixity_run(run: FixityRun) -> None:
    """Tell the operators, if there is anything to tell, and remember that they were told."""
    if mail_findings(run):
        services.note_report(run=run)
