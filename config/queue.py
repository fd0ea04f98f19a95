"""Settings of the task queue, kept where their arithmetic can be tested."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from archive.queue.queues import Queue, chosen_queues


def queue_settings(*, workers: int, timeout_seconds: int) -> dict[str, Any]:
    """Return django-q2's Q_CLUSTER for `workers` processes that may each spend `timeout_seconds` on one task.

    The queue counts `retry` from the moment when a task is pulled, not from when it starts, so a task that
    waits behind others in the cluster's memory must not be handed out a second time before it had its turn:
    retry > timeout x (1 + (queue_limit + bulk) / workers). Some restorations may take longer
    (`restoration.services.time_limits`): they, and what waits behind them, claim their work.
    """
    bulk = 1
    queue_limit = workers
    longest_wait_in_turns = 1 + -(-(queue_limit + bulk) // workers)
    return {
        "name": "pulih",
        "orm": "default",
        "broker_class": "archive.queue.message_order.InOrder",
        "workers": workers,
        "bulk": bulk,
        "queue_limit": queue_limit,
        "timeout": timeout_seconds,
        "retry": timeout_seconds * longest_wait_in_turns + 60,
        # A restoration counts its own attempts and says itself when it failed; the queue must not add its own
        # tries.
        "ack_failures": True,
        "max_attempts": 1,
        # A fresh process now and then gives back the memory that large scans leave fragmented.
        "recycle": 50,
        "poll": 0.5,
        "save_limit": 1000,
        "catch_up": False,
        "label": "Task queue",
    }


def queues_of(names: Iterable[str]) -> tuple[Queue, ...]:
    """The queues that PULIH_QUEUES names. Raises ImproperlyConfigured for a name that there is not."""
    try:
        return chosen_queues(names)
    except ValueError as error:
        raise ImproperlyConfigured(f"PULIH_QUEUES: {error}.") from error


def threads_of_each(workers: int) -> int:
    """How many threads each of `workers` processes may compute with, so that all have the cores between
    them."""
    return max(1, _cores() // max(1, workers))


def _cores() -> int:
    """Those that this process may use, which may be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
