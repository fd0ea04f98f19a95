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
from django_q.models import OrmQ
from pytest_django import Settings

from archive.models import Event, Original
from restoration.models import Restoration
from restoration.running import engine
from restoration.running.heartbeat import Heartbeat
from restoration.services import (
    Outcome,
    claim_restoration,
    request_restoration,
    request_strength,
    sweep_restorations,
)
from restoration.services.requests import enqueue, enqueue_all
from restoration.services.time_limits import time_limit
from restoration.tasks import run_restoration
from tests import pictures
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


def test_a_book_has_as_much_more_time_as_it_has_more_pixels(settings: Settings) -> None:
    """37 pages of 12 megapixels are three tasks' worth; the queue is told, and the heartbeat keeps to it."""
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"timeout": 1}
    book, leaf = (
        make_restoration(photo=make_photo(content=pictures.png(picture)), status=QUEUED)
        for picture in (pictures.gradient(), pictures.portrait())
    )
    Original.objects.filter(photos=book.photo).update(width=4000, height=3000, page_count=37)
    Original.objects.filter(photos=leaf.photo).update(width=15000, height=10000, page_count=1)
    OrmQ.objects.all().delete()
    enqueue_all([book.pk, leaf.pk])
    enqueue(book.pk, promptly=True)
    sent = [message.task for message in OrmQ.objects.order_by("pk")]
    assert [(task["args"], task.get("timeout")) for task in sent] == [
        ((str(book.pk),), 3),
        ((str(leaf.pk),), None),
        ((str(book.pk),), 3),
    ]
    claimed = claim_restoration(restoration_id=book.pk)
    assert claimed is not None
    with Heartbeat(claimed):
        time.sleep(2.5)
        assert Restoration.objects.get(pk=book.pk).status == RUNNING
        # Handed out again, because that took longer than the queue's patience: the row is taken.
        assert run_restoration(str(book.pk)) == "nothing to do"
        assert Restoration.objects.get(pk=book.pk).lease_token == claimed.lease_token
        over = Restoration.objects.filter(pk=book.pk, status=FAILED)
        wait_until(over.exists, seconds=30, what="the end of its time")
        row = Restoration.objects.get(pk=book.pk)
        assert (row.status, row.error_code, row.attempts) == (FAILED, "restoration:engine:timeout", 1)


def test_a_thorough_one_has_four_times_the_time_and_a_blend_of_it_has_not(settings: Settings) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"timeout": 1}
    asked = make_restoration(status=QUEUED, thorough=True)
    blend = request_strength(restoration=make_restoration(thorough=True), requested_by=None, strength=50)
    book = make_restoration(status=QUEUED, thorough=True)
    Original.objects.filter(photos=book.photo).update(width=4000, height=3000, page_count=37)
    OrmQ.objects.all().delete()
    enqueue(asked.pk)
    enqueue_all([blend.pk, book.pk])
    sent = [message.task for message in OrmQ.objects.order_by("pk")]
    assert [(task["args"], task.get("timeout")) for task in sent] == [
        ((str(asked.pk),), 4),
        ((str(blend.pk),), None),
        ((str(book.pk),), 12),
    ]
    assert time_limit(Restoration.objects.select_related("photo__original").get(pk=asked.pk)) == 4


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
