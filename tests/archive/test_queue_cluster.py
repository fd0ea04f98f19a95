"""A real cluster on the test's database, and what may happen to its processes."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task
from django_q.tasks import async_task

from archive.models import ClusterBeat, Collection
from archive.queue import watchdog
from archive.queue.health import LineHealth, queue_health
from archive.queue.queues import Queue
from archive.services import create_collection
from archive.services.cluster_beats import take_over_messages
from tests.at_once import at_once
from tests.clusters import Cluster, running_cluster
from tests.factories import make_user
from tests.processes import parent, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def works(seconds: float = 20) -> float:
    """Have something done, see it acknowledged; the seconds that it took."""
    began = time.monotonic()
    task = async_task("operator.add", 1, 2)
    wait_until(
        lambda: Task.objects.filter(pk=task, success=True).exists() and not OrmQ.objects.exists(),
        seconds=seconds,
        what="a sum, and no message left",
    )
    return time.monotonic() - began


def general(now: datetime | None = None) -> LineHealth:
    """How the queue is that no installation can do without."""
    return next(line for line in queue_health(now=now).lines if line.queue == Queue.GENERAL)


def hang_deaf(seconds: float) -> None:
    """As a library does that is deep in its own work: no signal of the queue's is heard."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(seconds)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(tmp_path) as cluster:
        yield cluster


def test_it_works_on_whoever_is_killed_and_says_goodbye(cluster: Cluster) -> None:
    works()
    for name in ("worker", "monitor", "pusher", "guard"):
        killed = cluster.kill(name)
        # What a dying cluster pulled at the last moment is taken over when it counts as dead.
        works(seconds=45)
        # The others may have done it before somebody else stands in its place.
        cluster.await_another(name, killed)
    assert not general().is_stuck
    # The killed guard's row tells that it was there.
    wait_until(lambda: ClusterBeat.objects.count() == 2, seconds=10, what="the new guard's first beat")
    processes = [cluster.pid(name) for name in ("worker", "monitor", "pusher", "guard")]
    cluster.stop()
    assert cluster.process.exitcode == 0
    assert [pid for pid in processes if parent(pid)] == []
    assert ClusterBeat.objects.count() == 1


def test_nothing_outlives_a_watchdog_that_is_killed(cluster: Cluster) -> None:
    processes = [cluster.pid(name) for name in ("worker", "monitor", "pusher", "guard")]
    cluster.process.kill()
    wait_until(lambda: not any(map(parent, processes)), seconds=3, what="an end of all")


@pytest.mark.parametrize("name", ["pusher", "guard", "monitor", "worker"])
def test_a_part_that_hangs_makes_the_cluster_stuck_and_it_is_started_again(
    cluster: Cluster, name: str
) -> None:
    works()
    hanging = cluster.kill(name, signal.SIGSTOP)
    began = timezone.now()
    cluster.await_another(name, hanging)
    works()
    # The one that hung beat at most until its part had been silent for two seconds.
    first = ClusterBeat.objects.earliest("started_at")
    assert first.beat_at - began < timedelta(seconds=4)
    assert queue_health(now=first.beat_at + timedelta(seconds=29)).clusters > 0


@pytest.mark.slow  # half a minute passes until a cluster counts as dead
def test_a_worker_that_is_stopped_at_its_work_makes_the_cluster_stuck_too(cluster: Cluster) -> None:
    works()
    worker = cluster.pid("worker")
    async_task("time.sleep", 5)
    wait_until(lambda: OrmQ.objects.filter(lock__gt=timezone.now()).exists(), seconds=20, what="its begin")
    os.kill(worker, signal.SIGSTOP)
    cluster.await_another("guard", cluster.pid("guard"))
    wait_until(lambda: not parent(worker), seconds=5, what="its end")
    works(seconds=60)  # that job, too, once its cluster counts as dead


def test_work_goes_on_beside_a_watchdog_that_is_stopped(cluster: Cluster) -> None:
    works()
    assert cluster.process.pid is not None
    os.kill(cluster.process.pid, signal.SIGSTOP)
    works()
    assert not general().is_stuck
    # Whatever breaks now stays broken until the watchdog goes on, or is started anew; and that is seen.
    guard = cluster.kill("guard")
    wait_until(lambda: general(now=timezone.now() + timedelta(seconds=25)).is_stuck, seconds=20, what="red")
    os.kill(cluster.process.pid, signal.SIGCONT)
    cluster.await_another("guard", guard)
    works()


def test_systemd_is_shown_life_as_long_as_there_is_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "_TELL_SECONDS", 0.5)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        with running_cluster(tmp_path) as cluster:
            assert [systemd.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
            assert cluster.process.pid is not None
            os.kill(cluster.process.pid, signal.SIGSTOP)
            systemd.setblocking(False)
            with suppress(BlockingIOError):
                while systemd.recv(100):
                    pass  # what was said before
            systemd.settimeout(3)
            with pytest.raises(TimeoutError):
                systemd.recv(100)
            os.kill(cluster.process.pid, signal.SIGCONT)


def test_a_job_that_hears_nothing_ends_within_ten_seconds_of_its_time(cluster: Cluster) -> None:
    works()
    worker = cluster.pid("worker")
    async_task("tests.archive.test_queue_cluster.hang_deaf", 60, timeout=1)
    began = time.monotonic()
    wait_until(lambda: not parent(worker), seconds=1 + 10, what="the end of the job")
    works()
    assert time.monotonic() - began < 1 + 10 + 5


def test_what_is_scheduled_does_not_wait_behind_all_that_stands_in_line(cluster: Cluster) -> None:
    for _ in range(6):
        async_task("time.sleep", 0.5, group="line")
    Schedule.objects.create(func="operator.add", args="1, 2", schedule_type=Schedule.ONCE)
    wait_until(lambda: Task.objects.filter(func="operator.add").exists(), seconds=20, what="its turn")
    assert Task.objects.filter(group="line").count() < 6


def test_eight_writers_beside_a_cluster_never_find_the_database_locked(cluster: Cluster) -> None:
    """A small form of benchmarks/writers.py."""
    works()
    owner = make_user()

    def write() -> None:
        for number in range(10):
            create_collection(owner=owner, title=f"Collection {number}")
            async_task("operator.add", number, 1)

    assert at_once(*[write] * 8) == [None] * 8
    assert Collection.objects.filter(owner=owner).count() == 80
    wait_until(lambda: not OrmQ.objects.exists(), seconds=30, what="an empty queue")
    assert Task.objects.filter(func="operator.add", success=True).count() == 81


@pytest.mark.django_db
class TestHealth:
    def beat(self, seconds_ago: float) -> ClusterBeat:
        moment = timezone.now() - timedelta(seconds=seconds_ago)
        return ClusterBeat.objects.create(
            id=uuid4(), host="a", workers=1, queues=list(Queue), started_at=moment, beat_at=moment
        )

    def test_without_any_cluster_nobody_works(self) -> None:
        health = queue_health()
        assert (general().is_stuck, health.clusters, health.last_beat) == (True, 0, None)
        assert (general().waiting, general().oldest_waiting) == (0, None)

    def test_a_cluster_that_is_silent_counts_no_longer(self) -> None:
        old, new = self.beat(40), self.beat(5)
        health = queue_health()
        assert (general().is_stuck, health.clusters, health.last_beat) == (False, 1, new.beat_at)
        new.delete()
        health = queue_health()
        assert (general().is_stuck, health.clusters, health.last_beat) == (True, 0, old.beat_at)

    def test_what_waits_is_counted_and_what_is_in_hand_is_not(self) -> None:
        now = timezone.now()
        for seconds in (-90, -10, 3600):
            OrmQ.objects.create(key="general", payload="", lock=now + timedelta(seconds=seconds))
        line = general(now)
        assert (line.waiting, line.oldest_waiting) == (2, timedelta(seconds=90))

    def test_messages_of_the_dead_are_taken_over_unless_another_cluster_lives(self) -> None:
        now = timezone.now()
        mine = uuid4()
        retry = timedelta(seconds=6000)
        for pulled in (-100, 5):
            OrmQ.objects.create(key="general", payload="", lock=now + retry + timedelta(seconds=pulled))
        other = self.beat(5)
        assert take_over_messages(cluster_id=mine, queues=list(Queue), started_at=now) is None
        ClusterBeat.objects.filter(pk=other.pk).update(beat_at=now - timedelta(days=2))
        retry_setting = {"retry": 6000}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("django.conf.settings.Q_CLUSTER", retry_setting)
            assert take_over_messages(cluster_id=mine, queues=list(Queue), started_at=now) == 1
        assert general(timezone.now() + timedelta(seconds=1)).waiting == 1
        assert not ClusterBeat.objects.exists()
