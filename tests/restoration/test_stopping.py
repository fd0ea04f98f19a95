"""Pausing and cancelling act within one tile, whatever stage a worker is in, and leave nothing behind."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ

from archive.models import Collection, Event
from mlcore.inference.engines import TorchEngine
from mlcore.masters import blended
from restoration.models import ModelVersion, Restoration
from restoration.running import engine
from restoration.running.heartbeat import Heartbeat
from restoration.running.stored_files import StoredFiles, files_of
from restoration.services import (
    cancel_restorations,
    pause_restorations,
    resume_restorations,
    set_back_restoration,
)
from restoration.tasks import run_restoration
from tests import pictures
from tests.at_once import at_once
from tests.factories import make_collection, make_photo, make_restoration

pytestmark = pytest.mark.django_db(transaction=True)

QUEUED, RUNNING, DONE, _FAILED, CANCELLED = Restoration.Status.values
REQUESTED_AT = timezone.now()

STAGES = {
    "finding": lambda done: done.index("find"),
    "refining": lambda done: done.index("refine") + 1,
    "judging the repair": lambda done: done.index("judge") + 1,
    "rendering": lambda done: done.index("render") + 1,
    "a pass for the invention": lambda done: len(done) - 3,
}
"""By stage, which of all pieces of work is one in the middle of it."""


class Work:
    """Notes every tile and every band of rows, and lets something happen at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self._place = -1
        self._happens: Callable[[], object] = lambda: None
        judging, rendering = "mlcore.inference.rendering.blended", "mlcore.masters.rendering.blended"
        monkeypatch.setattr(TorchEngine, "find", self._noted("find", TorchEngine.find))
        monkeypatch.setattr(TorchEngine, "refine", self._noted("refine", TorchEngine.refine))
        monkeypatch.setattr(judging, self._noted("judge", blended))
        monkeypatch.setattr(rendering, self._noted("render", blended))

    def begin(self, place: int = -1, happens: Callable[[], object] = lambda: None) -> None:
        """Note from here on; at the piece of that number, counted from 0, something happens."""
        self.done.clear()
        self._place, self._happens = place, happens

    def _noted(self, name: str, does: Callable) -> Callable:
        def works(*arguments: object) -> object:
            if len(self.done) == self._place:
                self._happens()
            self.done.append(name)
            return does(*arguments)

        return works


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, settings, model_version: ModelVersion) -> Work:
    """A worker that takes small pieces and asks at each of them."""
    settings.PULIH_TILE = 256
    settings.PULIH_INVENTION_PASSES = 2
    monkeypatch.setattr("restoration.running.heartbeat.PROGRESS_INTERVAL", 0.0)
    monkeypatch.setattr("mlcore.masters.pages.BYTES_AT_ONCE", 400 * 3 * 60)
    return Work(monkeypatch)


@pytest.fixture
def album(curator: User) -> Collection:
    return make_collection(owner=curator, auto_restore=False)


def queued(album: Collection) -> Restoration:
    """One that waits; always the same picture, asked for at the same moment."""
    content = pictures.png(pictures.scratched(pictures.portrait(280, 400)))
    row = make_restoration(photo=make_photo(collection=album, content=content), status=QUEUED)
    Restoration.objects.filter(pk=row.pk).update(requested_at=REQUESTED_AT)
    OrmQ.objects.all().delete()
    return row


def run(row: Restoration) -> str:
    answer = run_restoration(str(row.pk))
    row.refresh_from_db()
    return answer


def all_files(media_root: Path) -> set[Path]:
    return {path for path in media_root.rglob("*") if path.is_file() or path.parent.name == "incoming"}


def kinds_of(row: Restoration) -> list[str]:
    events = Event.objects.filter(details__restoration=str(row.pk)).order_by("created_at", "pk")
    return [event.kind for event in events if event.kind != "restoration-requested"]


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What comes of the same picture elsewhere, and all pieces of work that it took."""

    pieces: list[str]
    files: StoredFiles


@pytest.fixture(scope="module")
def made_before() -> list[Undisturbed]:
    """Nothing at first: the first test that asks makes it, for all."""
    return []


@pytest.fixture
def undisturbed(work: Work, made_before: list[Undisturbed]) -> Undisturbed:
    if not made_before:
        row = queued(make_collection(auto_restore=False))
        work.begin()
        assert run(row) == "done"
        made_before.append(Undisturbed(list(work.done), files_of(row)))
    return made_before[0]


@pytest.mark.parametrize("stage", STAGES)
def test_a_pause_stops_the_worker_and_going_on_makes_the_same_bytes(
    work: Work, undisturbed: Undisturbed, album: Collection, curator: User, media_root: Path, *, stage: str
) -> None:
    place = STAGES[stage](undisturbed.pieces)
    row = queued(album)
    before = all_files(media_root)
    work.begin(place, lambda: pause_restorations(collection=album, actor=curator))
    assert run(row) == "restoration:lease:paused"
    assert len(work.done) == place + 1
    assert (row.status, row.attempts, row.progress, row.error_code) == (QUEUED, 0, 0, "")
    assert (row.lease_token, row.lease_expires_at, row.started_at) == (None, None, None)
    assert all_files(media_root) == before
    assert kinds_of(row) == ["restoration-set-back"]
    assert run(row) == "nothing to do"
    assert resume_restorations(collection=album, actor=curator) == 1
    assert [message.args() for message in OrmQ.objects.all()] == [(str(row.pk),)]
    work.begin()
    assert run(row) == "done"
    assert (row.status, row.attempts) == (DONE, 1)
    assert files_of(row) == undisturbed.files
    assert kinds_of(row) == ["restoration-set-back", "restoration-done"]


@pytest.mark.parametrize("stage", STAGES)
def test_cancelling_stops_the_worker(
    work: Work, undisturbed: Undisturbed, album: Collection, curator: User, media_root: Path, *, stage: str
) -> None:
    place = STAGES[stage](undisturbed.pieces)
    row = queued(album)
    before = all_files(media_root)
    work.begin(place, lambda: cancel_restorations(collection=album, actor=curator))
    assert run(row) == "restoration:lease:lost"
    assert len(work.done) == place + 1
    assert (row.status, row.attempts, row.result_sha256, row.error_code) == (CANCELLED, 1, "", "")
    assert all_files(media_root) == before
    assert kinds_of(row) == ["restoration-cancelled"]


def test_a_pause_that_is_over_before_the_worker_looks_changes_nothing(
    work: Work, album: Collection, curator: User
) -> None:
    row = queued(album)

    def pause_and_go_on() -> None:
        pause_restorations(collection=album, actor=curator)
        assert resume_restorations(collection=album, actor=curator) == 0

    work.begin(2, pause_and_go_on)
    assert run(row) == "done"
    assert (row.attempts, kinds_of(row)) == (1, ["restoration-done"])
    assert not OrmQ.objects.exists()


def test_what_is_being_stored_when_the_pause_comes_is_finished(
    work: Work, album: Collection, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = queued(album)
    write = engine.write_renditions

    def pause_then_write(*arguments: object) -> object:
        pause_restorations(collection=album, actor=curator)
        return write(*arguments)

    monkeypatch.setattr(engine, "write_renditions", pause_then_write)
    assert run(row) == "done"
    assert (row.status, row.attempts, kinds_of(row)) == (DONE, 1, ["restoration-done"])


def test_a_pause_further_up_counts_and_one_elsewhere_does_not(curator: User) -> None:
    whole = make_collection(owner=curator)
    row = make_restoration(
        photo=make_photo(collection=make_collection(owner=curator, parent=whole)), status=RUNNING
    )
    pause_restorations(collection=make_collection(owner=curator), actor=curator)
    assert not set_back_restoration(restoration=row)
    pause_restorations(collection=whole, actor=curator)
    assert set_back_restoration(restoration=row)
    assert not set_back_restoration(restoration=row)


def test_only_the_attempt_that_was_stopped_does_not_count(album: Collection, curator: User) -> None:
    row = make_restoration(photo=make_photo(collection=album), status=RUNNING)
    Restoration.objects.update(attempts=3)
    pause_restorations(collection=album, actor=curator)
    assert set_back_restoration(restoration=row)
    assert Restoration.objects.get().attempts == 2


def test_whoever_stops_while_somebody_resumes_is_not_forgotten(album: Collection, curator: User) -> None:
    """Either the worker goes on, or the row waits and the queue knows of it."""
    for _ in range(8):
        row = make_restoration(photo=make_photo(collection=album), status=RUNNING)
        OrmQ.objects.all().delete()
        pause_restorations(collection=album, actor=curator)
        stopped, resumed = at_once(
            lambda row=row: set_back_restoration(restoration=row),
            lambda: resume_restorations(collection=album, actor=curator),
        )
        assert (stopped, resumed) in {(True, 1), (False, 0)}
        row.refresh_from_db()
        assert row.status == (QUEUED if stopped else RUNNING)
        assert [message.args()[0] for message in OrmQ.objects.all()] == [str(row.pk)] * resumed
        row.delete()


def test_the_worker_asks_although_the_per_cent_stay(
    album: Collection, curator: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
) -> None:
    """One query a look, and only a look at most once a second."""
    row = make_restoration(photo=make_photo(collection=album), status=RUNNING)
    with Heartbeat(row) as beating:
        with django_assert_num_queries(1):
            for _ in range(50):
                beating.progress(40)
        monkeypatch.setattr("restoration.running.heartbeat.PROGRESS_INTERVAL", 0.0)
        with django_assert_num_queries(1):
            beating.progress(40)
        cancel_restorations(collection=album, actor=curator)
        with pytest.raises(Exception, match="Another worker") as lost:
            beating.progress(40)
    assert lost.value.code == "restoration:lease:lost"
