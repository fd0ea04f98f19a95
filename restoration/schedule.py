"""What restoration does by itself, kept in the queue's own table and put there after every migration."""

from typing import Any

from django_q.models import Schedule

SWEEP_NAME = "restoration-sweep"
SWEEP_TASK = "restoration.tasks.sweep"
TELLING_NAME = "restoration-finished-batches"
TELLING_TASK = "restoration.tasks.tell_finished_batches"


def ensure_sweep_is_scheduled(**kwargs: Any) -> None:
    """Schedule the sweep, and the mails about what has finished, every minute, for ever; once, however often
    this runs.
    """
    every_minute = {"schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1}
    Schedule.objects.update_or_create(name=SWEEP_NAME, defaults={"func": SWEEP_TASK, **every_minute})
    Schedule.objects.update_or_create(name=TELLING_NAME, defaults={"func": TELLING_TASK, **every_minute})
