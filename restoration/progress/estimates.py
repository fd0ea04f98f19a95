"""How long the rest will take, judged by what was finished lately; nothing where that says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

LOOKED_BACK = timedelta(minutes=30)
MOST_LOOKED_AT = 50
FEWEST = 3
"""Restorations that have to be finished before their pace means something."""


def time_left(finished: Sequence[datetime], *, waiting: int, now: datetime) -> timedelta | None:
    """The time until `waiting` more are finished. `finished`: moments of the last ones, in any order.

    The pace is that from the oldest of them until now, so that a worker that has stopped makes the estimate
    longer with every moment. None where too few were finished within LOOKED_BACK.
    """
    lately = [moment for moment in finished if now - moment <= LOOKED_BACK]
    if len(lately) < FEWEST:
        return None
    return (now - min(lately)) / (len(lately) - 1) * waiting
