"""A real cluster on the test's own database, below the process that runs the test."""

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django_q.models import Schedule

from archive.queue import guarding, watchdog
from archive.queue.queues import Queue
from tests.processes import parent, wait_until

NAMES = {"ready for work at": "worker", "monitoring at": "monitor", "pushing tasks at": "pusher"}


class Cluster:
    """A watchdog in a process of its own, and the processes below it."""

    def __init__(self, log: Path, queues: Sequence[Queue] = tuple(Queue)) -> None:
        self._log, self._queues = log, queues
        self.process = multiprocessing.get_context("fork").Process(target=self._run)
        connection.close()
        self.process.start()

    def _run(self) -> None:
        settings.PULIH_QUEUES = self._queues
        logger = logging.getLogger("django-q")
        logger.handlers = [logging.FileHandler(self._log)]
        logger.setLevel(logging.INFO)
        watchdog.Watchdog(silent_seconds=3).run()

    def pid(self, name: str) -> int:
        """Of the newest process of that name that lives."""

        def found() -> int:
            if name == "guard":
                return parent(self.pid("pusher"))
            lines = self._log.read_text().splitlines() if self._log.exists() else []
            spoken = [
                int(line.rpartition(" ")[2])
                for line in lines
                for words, who in NAMES.items()
                if words in line and who == name
            ]
            return next((pid for pid in reversed(spoken) if parent(pid)), 0)

        pid: int = wait_until(found, seconds=20, what=f"a {name}")
        return pid

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def await_another(self, name: str, pid: int) -> None:
        """Wait until somebody else stands in that one's place."""
        wait_until(lambda: self.pid(name) != pid, seconds=20, what=f"another {name}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.join(15)
        self.process.kill()
        self.process.join()


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """One worker, and nothing scheduled, as `starting_clusters`."""
    with starting_clusters(folder) as start:
        yield start(*Queue)


@contextmanager
def starting_clusters(folder: Path) -> Iterator[Callable[..., Cluster]]:
    """Starts a cluster of one worker that takes from the queues that it is given, as often as it is called.

    Nothing is scheduled. The clusters' parts may be silent for two seconds, and they look often.
    """
    Schedule.objects.all().delete()
    clusters: list[Cluster] = []

    def start(*queues: Queue) -> Cluster:
        clusters.append(Cluster(folder / f"cluster-{len(clusters)}.log", queues))
        return clusters[-1]

    with pytest.MonkeyPatch.context() as patch:
        # A process that is forked has what is patched here.
        patch.setattr(guarding, "SILENT_SECONDS", 2.0)
        patch.setattr(guarding, "BEAT_SECONDS", 0.2)
        patch.setattr(guarding, "SCHEDULE_SECONDS", 0.2)
        patch.setattr(watchdog, "FIRST_PAUSE_SECONDS", 0.1)
        patch.setattr("django_q.conf.Conf.POLL", 0.05)
        patch.setattr("django_q.conf.Conf.GUARD_CYCLE", 0.1)
        patch.setattr("django_q.conf.Conf.WORKERS", 1)
        try:
            yield start
        finally:
            for cluster in clusters:
                cluster.stop()
