"""A worker's sign of life while a network computes: a thread that renews the lease and tells when it is
lost, or the time is up.
"""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType

from django.db import DatabaseError, connection
from django.utils import timezone

from archive.errors import StateError
from restoration import messages
from restoration.models import Restoration
from restoration.services import (
    fail_restoration,
    is_wanted,
    renew_lease,
    report_progress,
    set_back_restoration,
)
from restoration.services.running import lease_duration
from restoration.services.time_limits import time_limit

logger = logging.getLogger(__name__)

PROGRESS_INTERVAL = 1.0
"""Seconds: the database is asked, and told of progress, at most this often: SQLite has one writer for
everybody."""

_OVERTIME_SECONDS = 1.0
"""The queue ends a task by an exception when its time is up, and by a kill three seconds later."""


class Heartbeat:
    """Holds a lease for as long as the `with` block runs, three renewals to a lease.

    A thread, because decoding or one large tile may take longer than a lease, and a timer that dies with the
    process is exactly what is wanted: a killed worker falls silent.

    What hangs in a library hears no exception. So when the task's time is up and the block still runs, the
    thread says in the row that it failed; else the killed worker's photo would hang another worker, too.
    """

    def __init__(self, restoration: Restoration) -> None:
        self._restoration = restoration
        self._stopped = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{restoration.id}", daemon=True)
        self._asked_at = float("-inf")
        self._reported = 0
        begun = (timezone.now() - (restoration.started_at or timezone.now())).total_seconds()
        self._ends_at = time.monotonic() - begun + time_limit(restoration) + _OVERTIME_SECONDS

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def progress(self, percent: int) -> None:
        """Show progress, 0 to 100 per cent, and see whether the work is still wanted; not too often. For the
        thread that made the Heartbeat.

        Raises StateError `restoration:lease:lost` as soon as it was cancelled or somebody else has the row,
        and `restoration:lease:paused` where a pause has come and the row waits again.
        """
        if self._lost.is_set():
            raise messages.state_error("restoration:lease:lost")
        now = time.monotonic()
        if now - self._asked_at < PROGRESS_INTERVAL:
            return
        self._asked_at = now
        if percent == self._reported:
            wanted = is_wanted(restoration=self._restoration)
        else:
            self._reported = percent
            wanted = report_progress(restoration=self._restoration, percent=percent)
        if wanted:
            return
        if set_back_restoration(restoration=self._restoration):
            raise messages.state_error("restoration:lease:paused")
        # Nor where the pause is over again before it was seen: then the work simply goes on.
        if not renew_lease(restoration=self._restoration):
            raise messages.state_error("restoration:lease:lost")

    def _beat(self) -> None:
        try:
            while not self._stopped.wait(self._pause()):
                try:
                    if not self._hold():
                        self._lost.set()
                        return
                except DatabaseError:
                    logger.warning(
                        "could not renew the lease of %s; trying again", self._restoration.id, exc_info=True
                    )
        finally:
            connection.close()

    def _pause(self) -> float:
        """Seconds to the next beat, or to the end of the task's time."""
        left = self._ends_at - time.monotonic()
        return min(lease_duration().total_seconds() / 3, max(0.1, left))

    def _hold(self) -> bool:
        """Renew the lease, or give it up when the time is up. False when it is no longer this worker's."""
        if time.monotonic() < self._ends_at:
            return renew_lease(restoration=self._restoration)
        try:
            fail_restoration(restoration=self._restoration, code="restoration:engine:timeout")
        except StateError as error:
            logger.warning("restoration %s: %s, after its time was up", self._restoration.id, error)
        return False
