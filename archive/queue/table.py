"""The queue's table, which is django-q2's, made fit for our broker after every migration."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import connections
from django_q.models import OrmQ

from archive.queue.queues import Queue, queue_of

# Not by a migration: SQLite loses it when one of django-q2's makes the table anew.
_INDEX = 'CREATE INDEX IF NOT EXISTS pulih_queue_order ON django_q_ormq ("key", "lock", "id")'
_AT_ONCE = 500


def prepare_table(*, using: str, **kwargs: Any) -> None:
    """The index that leads to the first message of a queue, and every message in a queue that there is."""
    with connections[using].cursor() as cursor:
        cursor.execute(_INDEX)
    sort_messages()


def sort_messages() -> int:
    """Put messages of older versions, which knew one queue, into the queues of today. How many."""
    moved = 0
    strangers = OrmQ.objects.exclude(key__in=list(Queue))
    while batch := list(strangers[:_AT_ONCE]):
        belonging = defaultdict(list)
        for message in batch:
            belonging[queue_of(message.func())].append(message.pk)
        for queue, keys in belonging.items():
            moved += OrmQ.objects.filter(pk__in=keys).update(key=queue)
    return moved
