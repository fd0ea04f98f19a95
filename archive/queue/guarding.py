"""The guard of a cluster: django-q2's, with what it takes to live through any kill -9.

Its processes share no lock that a dead one could hold (`lines`, `timers`), none of them outlives it, and it
says that the cluster works only as long as every part of it shows life. Only `manage.py qcluster` comes here.
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django_q.cluster import Sentinel, get_mp_context
from django_q.conf import Conf
from django_q.monitor import monitor
from django_q.pusher import pusher
from django_q.scheduler import scheduler
from django_q.worker import worker

from archive.queue.lines import Flag, Inlet, Life, Line, Outlet, WatchedFlag
from archive.queue.message_order import NextButOne
from archive.queue.queues import Queue
from archive.queue.timers import OVERDUE, Timer
from archive.services.cluster_beats import end_beat, record_beat, take_over_messages

logger = logging.getLogger(__name__)

SILENT_SECONDS = 20.0
"""A part that has nothing to do shows life every second, or more often."""
BEAT_SECONDS = 5.0
SCHEDULE_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1


class Guard(Sentinel):
    """django-q2's sentinel. `pulse` is shown life to while the cluster works as a whole."""

    def __init__(self, stop_event: Flag, start_event: Flag, cluster_id: uuid.UUID, pulse: Life) -> None:
        watchdog = multiprocessing.parent_process()
        die_with_parent((watchdog and watchdog.pid) or os.getppid())
        self._pulse = pulse
        self._lives: dict[str, Life] = {}
        self._beaten_at = self._scheduled_at = float("-inf")
        self._has_taken_over = self._has_complained = False
        super().__init__(stop_event, start_event, cluster_id)

    def start(self) -> None:
        self.task_queue, self.result_queue, self.event_out = Line(), Line(), Flag()
        super().start()

    def spawn_worker(self) -> None:
        life, timer = Life(), Timer()
        outlet = Outlet(self.task_queue, life)
        process = self._spawn(life, worker, outlet, self.result_queue, timer, self.timeout)
        process.timer = timer
        self.pool.append(process)

    def spawn_monitor(self) -> BaseProcess:
        life = Life()
        return self._spawn(life, monitor, Outlet(self.result_queue, life), self.broker)

    def spawn_pusher(self) -> BaseProcess:
        life = Life()
        told_to_stop = WatchedFlag(self.event_out, life)
        return self._spawn(life, pusher, Inlet(self.task_queue, told_to_stop), told_to_stop, self.broker)

    def reincarnate(self, process: Any) -> None:
        is_overdue = process in self.pool and process.timer.value == OVERDUE
        message = self._lives.pop(process.name).message
        super().reincarnate(process)
        if is_overdue:
            # What has hung past its time need not listen to anything politer, and would hang again.
            process.kill()
            if message:
                self._write(lambda: self.broker.acknowledge(message))

    def guard(self) -> None:
        """Until told to stop: replace what died, call the scheduler, beat."""
        self.start_event.set()
        while not self.stop_event.is_set():
            for process in list(self.pool):
                if not process.is_alive() or process.timer.value == OVERDUE:
                    self.reincarnate(process)
            for process in (self.monitor, self.pusher):
                if not process.is_alive():
                    self.reincarnate(process)
            self._call_scheduler()
            self._beat()
            time.sleep(Conf.GUARD_CYCLE)
        self.stop()
        self._write(lambda: end_beat(cluster_id=self.cluster_id))

    def _spawn(self, life: Life, target: Callable[..., None], *arguments: Any) -> Any:
        name = f"Process-{uuid.uuid4().hex}"
        process = get_mp_context().Process(
            target=_tethered, args=(os.getpid(), target, *arguments), name=name, daemon=True
        )
        self._lives[name] = life
        process.start()
        return process

    def _call_scheduler(self) -> None:
        # What is scheduled is general, and would pile up where nobody takes it.
        if not Conf.SCHEDULER or Queue.GENERAL not in settings.PULIH_QUEUES:
            return
        now = time.monotonic()
        if now - self._scheduled_at >= SCHEDULE_SECONDS:
            self._scheduled_at = now
            # Sweeps and mails are short, and must not wait behind thousands of restorations.
            scheduler(broker=NextButOne())

    def _beat(self) -> None:
        silent = [process for process in self._parts() if self._is_silent(process)]
        if silent:
            if not self._has_complained:
                logger.warning("no sign of life of %s", ", ".join(str(process.pid) for process in silent))
            self._has_complained = True
            return
        self._has_complained = False
        self._pulse.show()
        now = time.monotonic()
        if now - self._beaten_at >= BEAT_SECONDS:
            self._beaten_at = now
            self._write(self._record)

    def _parts(self) -> list[Any]:
        return [*self.pool, self.monitor, self.pusher]

    def _is_silent(self, process: Any) -> bool:
        timer = getattr(process, "timer", None)
        if timer is not None and timer.is_busy and not _is_stopped(process.pid):
            return False
        return self._lives[process.name].silence > SILENT_SECONDS

    def _record(self) -> None:
        queues = settings.PULIH_QUEUES
        record_beat(cluster_id=self.cluster_id, workers=self.pool_size, queues=queues, started_at=self.tob)
        if not self._has_taken_over:
            taken = take_over_messages(cluster_id=self.cluster_id, queues=queues, started_at=self.tob)
            self._has_taken_over = taken is not None

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except DatabaseError:
            logger.exception("the guard could not write to the database")


def _is_stopped(pid: int) -> bool:
    """Whether somebody has stopped the process (SIGSTOP): nothing gets done."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:  # it has ended, or this is no Linux
        return False
    return state == "T"


def die_with_parent(parent: int) -> None:
    """Have this process killed as soon as `parent` is gone. Where the kernel cannot do that, those who wait
    at a line notice by themselves.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _tethered(guard: int, target: Callable[..., None], *arguments: Any) -> None:
    die_with_parent(guard)
    target(*arguments)
