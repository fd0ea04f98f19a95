"""Which queue a message stands in, who takes it, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.tasks import async_task
from pytest_django import Settings

from archive.models import ClusterBeat
from archive.queue.message_order import BeforeTheLine, InOrder, NextButOne, free_in
from archive.queue.queues import Queue, queue_of, registered_tasks
from archive.services.cluster_beats import take_over_messages
from tests.query_plans import assert_found_by

pytestmark = pytest.mark.django_db

RUN = "restoration.tasks.run_restoration"
BOTH = (Queue.GENERAL, Queue.RESTORATION)


def ask(number: int, *, first: int = 1) -> list[str]:
    """Have so many photos restored, which stand in line."""
    names = [f"photo {each}" for each in range(first, first + number)]
    for name in names:
        async_task(RUN, name)
    return names


def do(name: str, **options: object) -> str:
    """Something general."""
    async_task("archive.queue.zoom_tasks.make_tiles", name, **options)
    return name


def taken(at_most: int = 100, then: Callable[[str], object] = lambda name: None) -> list[str]:
    """What a cluster takes, one after the other, until there is nothing left; it does `then` with each."""
    names: list[str] = []
    while len(names) < at_most and (pulled := InOrder().dequeue()):
        ((pk, _payload),) = pulled
        (name,) = OrmQ.objects.get(pk=pk).args()
        names.append(name)
        then(name)
    return names


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_q.conf.Conf.POLL", 0)


def test_what_runs_a_network_is_of_one_queue_and_all_else_of_the_other() -> None:
    for task in registered_tasks():
        assert callable(import_string(task)), task
    async_task(RUN, "1", broker=BeforeTheLine())
    async_task("restoration.tasks.restore_samples", "2")
    async_task("restoration.tasks.sweep", broker=NextButOne())
    async_task("operator.add", 1, 2, cluster="restoration")
    async_task(ask, 1)
    keys = list(OrmQ.objects.order_by("pk").values_list("key", flat=True))
    assert keys == ["restoration", "restoration", "general", "general", "general"]
    assert queue_of("archive.queue.ingest_tasks.continue_import") == Queue.GENERAL


def test_where_all_is_taken_the_order_is_that_of_one_queue() -> None:
    line = ask(4)
    late = do("late")
    import_1, import_2 = do("import 1", broker=NextButOne()), do("import 2", broker=NextButOne())
    async_task(RUN, "prompt", broker=BeforeTheLine())
    assert InOrder().queue_size() == 8
    assert taken(2) == [line[0], import_1]
    assert (InOrder().queue_size(), InOrder().lock_size()) == (6, 2)
    assert taken() == [import_2, "prompt", *line[1:], late]


def test_a_cluster_takes_only_from_its_queues(settings: Settings) -> None:
    line, other = ask(2), do("tiles")
    settings.PULIH_QUEUES = (Queue.GENERAL,)
    assert taken() == [other]
    settings.PULIH_QUEUES = (Queue.RESTORATION,)
    assert (InOrder().queue_size(), InOrder().lock_size()) == (2, 0)
    assert taken() == line


def test_an_import_takes_turns_with_what_its_cluster_does(settings: Settings) -> None:
    """And not with restorations that wait in front of everything, where others do them, or nobody."""
    ask(3)
    others = [do("fixity 1"), do("fixity 2")]
    settings.PULIH_QUEUES = (Queue.GENERAL,)
    do("import", broker=NextButOne())

    def go_on(name: str) -> None:
        if name == "import":
            do("import", broker=NextButOne())

    assert taken(5, go_on) == [others[0], "import", others[1], "import", "import"]


@pytest.mark.parametrize("queue", Queue)
def test_an_index_leads_to_the_next_message(queue: Queue) -> None:
    ask(30)
    do("tiles")
    assert_found_by("pulih_queue_order", free_in(queue)[:1])


def test_what_waited_before_the_upgrade_is_put_into_todays_queues() -> None:
    line, other = ask(3), do("tiles")
    taken(1)
    OrmQ.objects.create(key="pulih", payload="not signed", lock=timezone.now())
    OrmQ.objects.update(key="pulih")
    assert taken() == []
    call_command("migrate", verbosity=0)
    assert OrmQ.objects.filter(key="restoration").count() == len(line)
    assert taken(3) == [*line[1:], other]
    assert OrmQ.objects.filter(key="general").count() == 2


class TestTakingOver:
    """Of a queue whose last cluster died, whatever others work on."""

    def beat(self, *queues: Queue) -> ClusterBeat:
        now = timezone.now()
        return ClusterBeat.objects.create(
            id=uuid4(), host="a", workers=1, queues=list(queues), started_at=now, beat_at=now
        )

    def take_over(self, *queues: Queue) -> int | None:
        return take_over_messages(cluster_id=uuid4(), queues=queues, started_at=timezone.now())

    def test_only_those_who_take_from_the_same_queue_are_in_the_way(self) -> None:
        ask(2)
        do("tiles")
        taken(3)
        OrmQ.objects.update(lock=timezone.now() + timedelta(seconds=60))
        self.beat(Queue.GENERAL)
        assert self.take_over(*BOTH) is None
        assert [len(free_in(queue)) for queue in BOTH] == [0, 2]
        assert self.take_over(Queue.RESTORATION) == 0
        self.beat(Queue.RESTORATION)
        ClusterBeat.objects.filter(queues=["general"]).delete()
        assert self.take_over(Queue.GENERAL) == 1
