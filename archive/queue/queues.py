"""Which queue a piece of background work stands in: by what it needs of the machine that does it.

Apps register it when they start; whoever enqueues names a function, and the broker (`message_order`) looks.
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


_registered: dict[str, Queue] = {}


def register_tasks(queue: Queue, *tasks: str) -> None:
    """Say at start-up which tasks, by their dotted strings, belong to a queue; all others are general."""
    _registered.update(dict.fromkeys(tasks, queue))


def registered_tasks() -> dict[str, Queue]:
    """What was registered."""
    return dict(_registered)


def queue_of(task: str) -> Queue:
    """Of a task by its dotted string."""
    return _registered.get(task, Queue.GENERAL)


def chosen_queues(names: Iterable[str]) -> tuple[Queue, ...]:
    """Those of these names, or all where there are none. Raises ValueError for a name that there is not."""
    wanted = {name.strip() for name in names} - {""}
    if unknown := sorted(wanted - set(Queue)):
        raise ValueError(f"there is no queue {unknown[0]!r}; there are {' and '.join(Queue)}")
    return tuple(queue for queue in Queue if not wanted or queue in wanted)
