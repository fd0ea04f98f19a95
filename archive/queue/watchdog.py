"""The first process of `manage.py qcluster`: it keeps a guard running, and does nothing else that could hang.

Told to stop (SIGTERM, SIGINT), it lets the cluster finish what it has in hand. A guard that dies, or whose
cluster shows no life for SILENT_SECONDS, is killed with all its processes, and another one started. It shows
life itself to the service manager, if that wants to know (systemd's WatchdogSec).
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
import uuid
from typing import Any

from django_q.cluster import get_mp_context

from archive.queue.guarding import Guard
from archive.queue.lines import Flag, Life

logger = logging.getLogger(__name__)

SILENT_SECONDS = 60.0
"""Longer than the database may keep a writer waiting: killing a cluster costs what it has in hand."""
_LOOK_SECONDS = 0.2
_TELL_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
"""Before the next cluster: longer each time, until one has lasted."""


class ClusterNotStartedError(Exception):
    """The cluster ended by itself before it ran, so another try would, too."""


class Watchdog:
    """Runs one cluster after the other until told to stop."""

    def __init__(self, *, silent_seconds: float = SILENT_SECONDS) -> None:
        self._silent_seconds = silent_seconds
        self._is_told_to_stop = False
        self._told_at = float("-inf")

    def run(self) -> None:
        """Until told to stop. Raises ClusterNotStartedError."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note_stop)
        pause = FIRST_PAUSE_SECONDS
        while not self._is_told_to_stop:
            began = time.monotonic()
            self._run_cluster()
            if time.monotonic() - began > LONGEST_PAUSE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._rest(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _run_cluster(self) -> None:
        stop, started, pulse = Flag(), Flag(), Life()
        guard = get_mp_context().Process(
            target=Guard, args=(stop, started, uuid.uuid4(), pulse), name="guard"
        )
        guard.start()
        while guard.is_alive():
            if self._is_told_to_stop:
                stop.set()
                while guard.is_alive():
                    self._look_on()
                return
            if pulse.silence > self._silent_seconds:
                logger.error(
                    "the cluster has shown no life for %d s; it is started again", self._silent_seconds
                )
                guard.kill()
                guard.join()
                return
            self._look_on()
        if self._is_told_to_stop:
            return
        if not started.is_set() and (guard.exitcode or 0) >= 0:
            raise ClusterNotStartedError
        logger.error("the guard of the cluster ended (%s); it is started again", guard.exitcode)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._is_told_to_stop and time.monotonic() < until:
            self._look_on()

    def _look_on(self) -> None:
        """Pause for a moment, and show life now and then."""
        now = time.monotonic()
        if now - self._told_at >= _TELL_SECONDS:
            self._told_at = now
            _tell_service_manager()
        time.sleep(_LOOK_SECONDS)

    def _note_stop(self, *_: Any) -> None:
        self._is_told_to_stop = True


def _tell_service_manager() -> None:
    """Say that this process lives, as sd_notify(3) has it; nothing where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        try:
            # An address that begins with @ is one without a file.
            line.sendto(b"WATCHDOG=1", address.replace("@", "\0", 1) if address[0] == "@" else address)
        except OSError:
            logger.warning("the service manager could not be told", exc_info=True)
