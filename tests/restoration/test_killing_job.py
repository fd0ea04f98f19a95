"""A picture that kills every worker that tries it, among others that do not."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings

from archive.models import Event
from restoration.models import Restoration
from restoration.running import engine
from restoration.running.heartbeat import Heartbeat
from restoration.services import Outcome, request_restoration, sweep_restorations
from tests.clusters import Cluster, running_cluster
from tests.factories import make_collection, make_model_version, make_outcome, make_photo, make_restoration
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


class Engine:
    """Stands in for the engine: has all results ready, but one kills it, as for want of memory."""

    deadly: UUID
    outcomes: dict[UUID, Outcome]

    def restore(self, restoration: Restoration, **_: object) -> Outcome:
        if restoration.pk == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.outcomes[restoration.pk]


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> Engine:
    stand_in = Engine()
    monkeypatch.setattr(engine, "restore", stand_in.restore)
    return stand_in


@pytest.fixture
def cluster(tmp_path: Path, settings: Settings, deadly: Engine) -> Iterator[Cluster]:
    settings.PULIH_LEASE_SECONDS = 1
    make_model_version()
    album = make_collection(auto_restore=False)
    # The first in line is the deadly one; the cluster, which is forked then, knows which.
    rows = [request_restoration(photo=make_photo(collection=album), requested_by=None) for _ in range(5)]
    deadly.deadly = rows[0].pk
    deadly.outcomes = {row.pk: make_outcome(row) for row in rows}
    with running_cluster(tmp_path) as cluster:
        yield cluster


def test_it_is_tried_three_times_then_put_aside_and_keeps_the_others_waiting_but_a_moment(
    cluster: Cluster, deadly: Engine
) -> None:
    others = Restoration.objects.exclude(pk=deadly.deadly)
    began = time.monotonic()
    wait_until(lambda: others.filter(status=DONE).count() == 4, seconds=60, what="an end of the others")
    assert time.monotonic() - began < 60

    def is_put_aside() -> bool:
        sweep_restorations()  # every minute by itself
        return Restoration.objects.filter(pk=deadly.deadly, status=FAILED).exists()

    wait_until(is_put_aside, seconds=60, what="that it is given up")
    row = Restoration.objects.get(pk=deadly.deadly)
    assert (row.attempts, row.error_code) == (3, "restoration:attempts:exhausted")
    assert set(others.values_list("status", "attempts")) == {(DONE, 1)}
    kinds = [event.kind for event in Event.objects.filter(details__restoration=str(row.pk)).order_by("pk")]
    assert sorted(kinds) == [
        "restoration-quarantined",
        "restoration-requested",
        "restoration-requeued",
        "restoration-requeued",
    ]


def test_what_hangs_in_a_library_is_said_to_have_failed_before_its_worker_is_killed(
    settings: Settings,
) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"timeout": 1}
    claimed = make_restoration(status=RUNNING)
    with Heartbeat(claimed):
        # Deaf to the queue's exception, which would come now; the kill comes at four seconds.
        time.sleep(2.5)
        row = Restoration.objects.get()
        assert (row.status, row.error_code) == (FAILED, "restoration:engine:timeout")
        assert row.finished_at - row.started_at < timedelta(seconds=1 + 10)
    assert row.finished_at < timezone.now()
