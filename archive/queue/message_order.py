"""In which order a worker takes messages of the queues: as they came, but some are let in near the front.

A restoration takes a minute and thousands may wait; an import's next turn must not wait behind them all,
since whoever sent the files waits to see them. Nor must all of them wait for a long import: so they take
turns, where the same workers do both.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

from archive.queue.queues import Queue, queue_of


class InOrder(ORM):
    """django-q2's broker on the database, which takes first what has been free to be taken longest, and only
    from PULIH_QUEUES. A message's queue is that of its function (`queue_of`), whoever sends it.
    """

    @staticmethod
    def get_connection(list_key: str | None = None) -> QuerySet[Any]:
        return ORM.get_connection(list_key).order_by("lock", "pk")

    def enqueue(self, task: str) -> int:
        queue = queue_of(OrmQ(payload=task).func())
        message = self.get_connection().create(key=queue, payload=task, lock=self._place(queue))
        pk: int = message.pk
        return pk

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Take one message (Q_CLUSTER's `bulk`). None after a rest where there is none."""
        message = next_in(settings.PULIH_QUEUES)
        if message is None:
            time.sleep(Conf.POLL)
            return None
        as_it_was = self.get_connection().filter(pk=message.pk, lock=message.lock)
        # Another cluster may have been faster.
        is_taken = as_it_was.update(lock=self.timeout(message))
        return [(message.pk, message.payload)] if is_taken else []

    def queue_size(self) -> int:
        return self._of_mine().filter(lock__lte=timezone.now()).count()

    def lock_size(self) -> int:
        return self._of_mine().filter(lock__gt=timezone.now()).count()

    def _of_mine(self) -> QuerySet[Any]:
        return self.get_connection().filter(key__in=settings.PULIH_QUEUES)

    def _place(self, queue: Queue) -> datetime:
        """Since when a new message of the queue counts as free to be taken."""
        return timezone.now()


def free_in(queue: Queue) -> QuerySet[Any]:
    """What can be taken from the queue, in order. An index leads to the first, however many wait."""
    return InOrder.get_connection().filter(key=queue, lock__lte=timezone.now())


def next_in(queues: Iterable[Queue]) -> Any:
    """The message that is next of all in these queues; None where none can be taken."""
    firsts = [first for queue in queues if (first := free_in(queue).first())]
    return min(firsts, key=lambda message: (message.lock, message.pk), default=None)


class NextButOne(InOrder):
    """For `async_task(..., broker=NextButOne())`: the message comes right after the one that is next.

    Next for the clusters of this machine, if they take it up: an import that goes on must take turns with
    what they do else, and not with what they never do.
    """

    _behind = timedelta(microseconds=1)

    def _place(self, queue: Queue) -> datetime:
        first = next_in(settings.PULIH_QUEUES if queue in settings.PULIH_QUEUES else Queue)
        return first.lock + self._behind if first else timezone.now()


class BeforeTheLine(NextButOne):
    """For what takes longer but is waited for: after what is next but one, before all that stands in line."""

    _behind = timedelta(microseconds=2)
