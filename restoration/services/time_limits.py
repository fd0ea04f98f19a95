"""How long a worker may take for one restoration: as long as any task, and longer for many pages.

The queue ends a task when its time is up, which each message says for itself. Nothing else goes by it: a
worker that dies falls silent, and its lease runs out, however long it might have worked on. A message whose
restoration takes longer than the queue's `retry` is handed out once more; whoever gets it finds the row
claimed, and does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from uuid import UUID

from django.conf import settings

from archive.models import Original
from restoration.models import Restoration

PIXELS_OF_A_TASK = 150_000_000
"""A task's time is enough for so many, which take a third of it on one core (README, What it costs)."""

_IDS_AT_ONCE = 1000


def time_limit(original: Original) -> int:
    """Seconds for restoring this file, all its pages taken for as large as the first."""
    return _seconds(original.width, original.height, original.page_count)


def longer_limits(restoration_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Seconds for those among them that may take longer than other tasks."""
    limits: dict[UUID, int] = {}
    for first in range(0, len(restoration_ids), _IDS_AT_ONCE):
        ids = restoration_ids[first : first + _IDS_AT_ONCE]
        books = Restoration.objects.filter(id__in=ids, photo__original__page_count__gt=1).values_list(
            "id", "photo__original__width", "photo__original__height", "photo__original__page_count"
        )
        limits |= {restoration_id: _seconds(*size) for restoration_id, *size in books.order_by()}
    return {each: seconds for each, seconds in limits.items() if seconds > settings.Q_CLUSTER["timeout"]}


def _seconds(width: int, height: int, pages: int) -> int:
    of_a_task: int = settings.Q_CLUSTER["timeout"]
    return ceil(of_a_task * max(1.0, width * height * pages / PIXELS_OF_A_TASK))
