"""How long a worker may take for one restoration: as long as any task, longer for many pages, and for a
thorough one several times as long.

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
from django.db.models import Q

from restoration.models import Restoration

PIXELS_OF_A_TASK = 150_000_000
"""A task's time is enough for so many, which take a third of it on one core (README, What it costs)."""

TIMES_OF_THOROUGH = 4
"""Looking from eight sides took 3.7 times as long as looking once (docs/experiments.md, 2026-11-24)."""

_IDS_AT_ONCE = 1000


def time_limit(restoration: Restoration) -> int:
    """Seconds for restoring its file, all pages taken for as large as the first."""
    of_a_task: int = settings.Q_CLUSTER["timeout"]
    original = restoration.photo.original
    tasks = max(1.0, original.width * original.height * original.page_count / PIXELS_OF_A_TASK)
    # Where the repair is there from the beginning, nothing is looked for.
    looks_long = restoration.thorough and not restoration.repair_sha256
    return ceil(of_a_task * tasks * (TIMES_OF_THOROUGH if looks_long else 1))


def longer_limits(restoration_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Seconds for those among them that may take longer than other tasks."""
    limits: dict[UUID, int] = {}
    for first in range(0, len(restoration_ids), _IDS_AT_ONCE):
        ids = restoration_ids[first : first + _IDS_AT_ONCE]
        long = Restoration.objects.filter(Q(photo__original__page_count__gt=1) | Q(thorough=True), id__in=ids)
        limits |= {each.id: time_limit(each) for each in long.select_related("photo__original").order_by()}
    return {each: seconds for each, seconds in limits.items() if seconds > settings.Q_CLUSTER["timeout"]}
