"""Which queue a piece of background work stands in: by what it needs of the machine that does it.

The one place that decides it. Whoever enqueues names a function, and the broker (`message_order`) looks here.
django-q2's own way to more queues is a cluster for each; one machine would then run twice as many processes
and keep no order between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Queue(StrEnum):
    """As PULIH_QUEUES names it, and as the messages' `key` does."""

    GENERAL = "general"
    """Files, tables, mails, webhooks, checks, and all that is scheduled. No installation can do without."""
    RESTORATION = "restoration"
    """What runs a network, which an accelerator does many times faster."""


TASK_QUEUES = {
    "restoration.tasks.run_restoration": Queue.RESTORATION,
    "restoration.tasks.restore_samples": Queue.RESTORATION,
}
"""Every task that is not here is general."""


def queue_of(task: str) -> Queue:
    """Of a task by its dotted string."""
    return TASK_QUEUES.get(task, Queue.GENERAL)


def chosen_queues(names: Iterable[str]) -> tuple[Queue, ...]:
    """Those of these names, or all where there are none. Raises ValueError for a name that there is not."""
    wanted = {name.strip() for name in names} - {""}
    if unknown := sorted(wanted - set(Queue)):
        raise ValueError(f"there is no queue {unknown[0]!r}; there are {' and '.join(Queue)}")
    return tuple(queue for queue in Queue if not wanted or queue in wanted)
