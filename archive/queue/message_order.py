"""In which order a worker takes messages of the queue: as they came, but some are let in near the front.

A restoration takes a minute and thousands may wait; an import's next turn must not wait behind them all,
since whoever sent the files waits to see them. Nor must all of them wait for a long import: so they take
turns.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_q.brokers.orm import ORM


class InOrder(ORM):
    """django-q2's broker on the database, which takes first what has been free to be taken longest."""

    @staticmethod
    def get_connection(list_key: str | None = None) -> QuerySet[Any]:
        return ORM.get_connection(list_key).order_by("lock", "pk")


class NextButOne(InOrder):
    """For `async_task(..., broker=NextButOne())`: the message comes right after the one that is next."""

    _behind = timedelta(microseconds=1)

    def enqueue(self, task: str) -> int:
        now = timezone.now()
        waiting = self.get_connection().filter(key=self.list_key, lock__lte=now)
        first = waiting.values_list("lock", flat=True).first()
        lock = first + self._behind if first else now
        message = self.get_connection().create(key=self.list_key, payload=task, lock=lock)
        pk: int = message.pk
        return pk


class BeforeTheLine(NextButOne):
    """For what takes longer but is waited for: after what is next but one, before all that stands in line."""

    _behind = timedelta(microseconds=2)
