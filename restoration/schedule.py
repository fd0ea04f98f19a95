"""The sweep's schedule, kept in the queue's own table and put there after every migration."""

from typing import Any

from django_q.models import Schedule

SWEEP_NAME = "restoration-sweep"
SWEEP_TASK = "restoration.tasks.sweep"


def ensure_sweep_is_scheduled(**kwargs: Any) -> None:
    """Schedule the sweep every minute, for ever; once, however often this runs."""
    Schedule.objects.update_or_create(
        name=SWEEP_NAME,
        defaults={"func": SWEEP_TASK, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1},
    )
