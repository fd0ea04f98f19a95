"""Real clusters with different abilities on one database: who does what, and what if nobody can."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task
from django_q.tasks import async_task

from archive.models import ClusterBeat
from archive.queue import health, queues
from archive.queue.health import LineHealth, queue_health
from archive.queue.queues import Queue, registered_tasks
from archive.services import cluster_beats
from tests.clusters import Cluster, starting_clusters
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "tests.archive.test_queue_abilities"
RESTORE, TIDY, RESTORE_SLOWLY = f"{HERE}.restore", f"{HERE}.tidy", f"{HERE}.restore_slowly"


def restore() -> int:
    """Who does it: the cluster's guard."""
    return os.getppid()


def tidy() -> int:
    return os.getppid()


def restore_slowly(note: str) -> int:
    """Does not come to its end at the first attempt."""
    if not Path(note).exists():
        Path(note).touch()
        time.sleep(600)
    return os.getppid()


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Cluster]]:
    needing = dict.fromkeys((RESTORE, RESTORE_SLOWLY), Queue.RESTORATION)
    monkeypatch.setattr(queues, "_registered", registered_tasks() | needing)
    # Whoever is silent for longer is dead; the clusters beat five times a second.
    for module in (cluster_beats, health):
        monkeypatch.setattr(module, "ALIVE_FOR", timedelta(seconds=3))
    with starting_clusters(tmp_path) as start:
        yield start


def done_by(task: str, *, seconds: float = 30) -> int:
    """The guard of the cluster that has done it, once it is done."""
    done = Task.objects.filter(pk=task, success=True).values_list("result", flat=True)
    guard: int = wait_until(done.first, seconds=seconds, what="an end of the task")
    return guard


def restorations() -> LineHealth:
    return next(line for line in queue_health().lines if line.queue == Queue.RESTORATION)


def test_each_does_its_own_kind_and_whoever_takes_all_does_both(start: Callable[..., Cluster]) -> None:
    general, accelerated = start(Queue.GENERAL), start(Queue.RESTORATION)
    tidied = [async_task(TIDY) for _ in range(8)]
    restored = [async_task(RESTORE) for _ in range(8)]
    assert {done_by(task) for task in tidied} == {general.pid("guard")}
    assert {done_by(task) for task in restored} == {accelerated.pid("guard")}
    wait_until(lambda: ClusterBeat.objects.count() == 2, seconds=10, what="two beats")
    assert {line.queue: line.clusters for line in queue_health().lines} == {"general": 1, "restoration": 1}
    for cluster in (general, accelerated):
        cluster.stop()
    everything = start(*Queue)
    assert {done_by(async_task(task)) for task in (TIDY, RESTORE)} == {everything.pid("guard")}


def test_what_a_killed_one_had_in_hand_is_done_by_another_of_its_queue(
    start: Callable[..., Cluster], tmp_path: Path
) -> None:
    general, accelerated = start(Queue.GENERAL), start(Queue.RESTORATION)
    note = tmp_path / "begun"
    broken_off, behind = async_task(RESTORE_SLOWLY, str(note)), async_task(RESTORE)
    wait_until(note.exists, seconds=20, what="a beginning")
    accelerated.process.kill()
    # The other lives on, works on, and takes nothing of it.
    wait_until(lambda: not restorations().clusters, seconds=20, what="a cluster that counts as dead")
    assert done_by(async_task(TIDY)) == general.pid("guard")
    assert OrmQ.objects.filter(key="restoration").count() == 2
    another = start(Queue.RESTORATION)
    assert {done_by(broken_off), done_by(behind)} == {another.pid("guard")}
    assert not OrmQ.objects.exists()


def test_what_nobody_can_do_waits_is_told_and_is_done_once_somebody_comes(
    start: Callable[..., Cluster],
) -> None:
    accelerated = start(Queue.RESTORATION)
    accelerated.pid("worker")
    # What is scheduled is general: nobody enqueues it where nobody does it.
    Schedule.objects.create(func=TIDY, name="sweep", schedule_type=Schedule.ONCE, next_run=timezone.now())
    done_by(async_task(RESTORE))
    assert not OrmQ.objects.filter(key="general").exists()
    accelerated.stop()
    general = start(Queue.GENERAL)
    waiting = async_task(RESTORE)
    swept = Task.objects.filter(group="sweep", success=True).values_list("result", flat=True)
    assert wait_until(swept.first, seconds=20, what="a sweep") == general.pid("guard")
    assert done_by(async_task(TIDY)) == general.pid("guard")
    line = restorations()
    assert (line.is_stuck, line.clusters, line.waiting) == (True, 0, 1)
    another = start(Queue.RESTORATION)
    assert done_by(waiting) == another.pid("guard")
    wait_until(lambda: restorations().clusters == 1, seconds=10, what="a sign of life")
    assert not restorations().is_stuck
