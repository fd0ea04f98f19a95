"""How long a worker may still work on its task.

django-q2's guard counts a shared number down, and both hold its lock: a worker that is killed with the lock
stops the guard for ever, and what the guard does between two counts makes every task's time longer. This one
is written by the worker alone, and says until when.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from multiprocessing.sharedctypes import RawValue

IDLE, RECYCLED, OVERDUE = -1.0, -2.0, 0.0


class Timer:
    """django-q2's timer of one worker: -1 idle, -2 about to be recycled, 0 overdue, else seconds left."""

    def __init__(self) -> None:
        # A moment of the clock that all processes share, or one of the three words above.
        self._until = RawValue("d", IDLE)

    @property
    def value(self) -> float:
        until = float(self._until.value)
        return until if until <= OVERDUE else max(OVERDUE, until - time.monotonic())

    @value.setter
    def value(self, seconds: float) -> None:
        self._until.value = time.monotonic() + seconds if seconds > OVERDUE else float(seconds)

    @property
    def is_busy(self) -> bool:
        """Whether a task is being worked on, within its time."""
        return self.value > OVERDUE

    def get_lock(self) -> AbstractContextManager[None]:
        """Nothing to lock: there is one writer."""
        return nullcontext()
