"""The background work: that somebody is there to do it, and that it gets done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone
from django_q.models import Schedule

from archive.health.findings import Finding, Grade, broken, fine, warning
from archive.queue.health import LineHealth, QueueHealth, queue_health
from archive.queue.queues import Queue
from restoration.models import Restoration

_MEND_STUCK = (
    "Start a worker (manage.py qcluster, or systemctl restart pulih-worker); its log says what it hangs on."
)
# A schedule that every worker looks after is due each minute.
_OVERDUE = timedelta(minutes=10)
_LONG = timedelta(hours=6)
_GIVEN_UP = "restoration:attempts:exhausted"


def alive() -> Iterator[Finding]:
    """Somebody takes messages from the queues.

    Only the general one makes a web host unfit: all else works while restorations wait for a machine that is
    away, so that is a warning here.
    """
    return _served(queue_health(), of_others=Grade.WARNING)


def doctor_queue() -> Iterator[Finding]:
    """Every queue has somebody who takes from it; the schedule is kept, nothing waits too long, and no photo
    kills its workers.
    """
    health = queue_health()
    yield from _served(health, of_others=Grade.BROKEN)
    yield from _schedule()
    for line in health.lines:
        waited = line.oldest_waiting
        if line.clusters and waited is not None and waited > _LONG:
            yield warning(
                "waiting work",
                f"the oldest message of {line.queue} waits for {waited.total_seconds() / 3600:.0f} hours",
                "Add workers (PULIH_WORKERS, or another machine: docs/operation.md).",
            )
    since = timezone.now() - timedelta(days=1)
    failed = Restoration.objects.ended_since(since).filter(status=Restoration.Status.FAILED).order_by()
    codes = dict(failed.values_list("error_code").annotate(count=Count("pk")))
    if codes.get(_GIVEN_UP):
        yield warning(
            "restorations",
            f"{codes[_GIVEN_UP]} photos ended their worker again and again within a day and were put aside",
            "Look for killed processes in journalctl -k; more memory or a smaller PULIH_TILE helps.",
        )
    elif codes:
        said = ", ".join(f"{count} {code}" for code, count in sorted(codes.items()))
        yield warning(
            "restorations",
            f"failed within a day: {said}",
            "Open them on the progress page of their collections, which says why, and ask again.",
        )
    else:
        yield fine("restorations", "none has failed within a day")


def _served(health: QueueHealth, *, of_others: Grade) -> Iterator[Finding]:
    """`of_others`: how bad it is that something waits where nobody works, unless that is in general."""
    if not health.clusters:
        yield broken("queue", f"no worker takes anything up, {_last_sign(health)}", _MEND_STUCK)
        return
    for line in health.lines:
        waits = f"{line.waiting} messages wait" if line.waiting else "nothing waits"
        if line.clusters:
            yield fine("queue", f"{line.queue}: {line.clusters} clusters at work, {waits}")
            continue
        grade = of_others if line.is_stuck else Grade.WARNING
        if line.queue == Queue.GENERAL:
            grade = Grade.BROKEN
        yield Finding("queue", grade, f"nobody works on {line.queue}: {waits}", _mend_unserved(line))


def _mend_unserved(line: LineHealth) -> str:
    if line.queue not in set(Queue):
        return "Run manage.py migrate, which puts messages of another version into today's queues."
    return f"Start a worker with PULIH_QUEUES={line.queue}, or without it: then it takes from all queues."


def _schedule() -> Iterator[Finding]:
    mend = "Run manage.py migrate, which puts the schedule there again."
    schedules = Schedule.objects.filter(repeats=-1)
    if not schedules.exists():
        yield broken("schedule", "nothing is scheduled, so nothing is swept, checked or mailed", mend)
        return
    overdue = schedules.filter(next_run__lt=timezone.now() - _OVERDUE).order_by("next_run")
    if names := list(overdue.values_list("name", flat=True)):
        yield broken("schedule", f"overdue: {', '.join(names)}", _MEND_STUCK)
    else:
        yield fine("schedule", f"{schedules.count()} recurring tasks, none overdue")


def _last_sign(health: QueueHealth) -> str:
    if health.last_beat is None:
        return "and none ever has"
    return f"the last sign of life came at {health.last_beat:%Y-%m-%d %H:%M:%S} UTC"
