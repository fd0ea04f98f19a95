"""Many restorations at once: asked for, tried again, paused, resumed, cancelled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ

from archive.errors import StateError
from archive.models import Collection, Event, Photo
from archive.services import delete_photo, delete_photos, set_legal_hold
from restoration.models import Pause, Restoration
from restoration.services import (
    cancel_restorations,
    claim_restoration,
    complete_restoration,
    pause_restorations,
    report_progress,
    request_restoration,
    request_restorations,
    resume_restorations,
    retry_restorations,
    sweep_restorations,
)
from tests.factories import make_collection, make_outcome, make_photo, make_restoration

Status = Restoration.Status
all_restorations = Restoration.objects.all


@pytest.fixture
def whole(curator: User) -> Collection:
    return make_collection(owner=curator, title="Fonds")


@pytest.fixture
def part(whole: Collection) -> Collection:
    return make_collection(owner=whole.owner, parent=whole, title="Series")


def queued_ids() -> list[str]:
    return [message.args()[0] for message in OrmQ.objects.order_by("id")]


@pytest.mark.django_db(transaction=True)
class TestAsking:
    def test_queues_what_is_not_being_restored(self, whole: Collection, curator: User) -> None:
        new, done, busy, binned = (make_photo(collection=whole) for _ in range(4))
        make_restoration(photo=done)
        make_restoration(photo=busy, status=Status.QUEUED)
        delete_photo(photo=binned, actor=curator)
        OrmQ.objects.all().delete()
        report = request_restorations(
            photos=[new.pk, done.pk, busy.pk, binned.pk, new.pk], requested_by=curator
        )
        assert (report.queued, report.left_out) == (2, 3)
        asked = {each.photo_id: each for each in Restoration.objects.filter(requested_by=curator)}
        assert asked.keys() == {new.pk, done.pk}
        row = asked[new.pk]
        assert (row.status, row.original_sha256) == (Status.QUEUED, new.original.sha256)
        assert row.seed == int(new.original.sha256[:8], 16)
        assert sorted(queued_ids()) == sorted(str(each.pk) for each in asked.values())
        events = Event.objects.filter(kind="restoration-requested", actor=curator)
        assert {event.photo_id for event in events} == asked.keys()

    def test_large_ones_go_in_portions(
        self, whole: Collection, curator: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("restoration.services.batches.AT_ONCE", 2)
        photos = [make_photo(collection=whole).pk for _ in range(3)]
        assert request_restorations(photos=photos, requested_by=curator).queued == 3

    def test_again_asks_for_the_same(self, whole: Collection, curator: User) -> None:
        photo = make_photo(collection=whole)
        failed = make_restoration(photo=photo, status=Status.FAILED, strength=60, quick=True, thorough=True)
        done = make_restoration(photo=make_photo(collection=whole))
        report = retry_restorations(restorations=all_restorations(), requested_by=curator)
        assert (report.queued, report.left_out) == (1, 0)
        again = photo.restorations.exclude(pk=failed.pk).get()
        assert (again.status, again.strength) == (Status.QUEUED, 60)
        assert (again.quick, again.thorough) == (True, True)
        assert (again.requested_by, again.error_code) == (curator, "")
        failed.refresh_from_db()
        assert failed.status == Status.FAILED
        assert done.photo.restorations.count() == 1
        assert retry_restorations(restorations=all_restorations(), requested_by=curator).left_out == 1


@pytest.mark.django_db(transaction=True)
class TestPausing:
    def test_no_worker_begins_in_a_paused_collection_or_below(
        self, whole: Collection, part: Collection, curator: User
    ) -> None:
        above, below, elsewhere = (
            make_restoration(photo=make_photo(collection=collection), status=Status.QUEUED)
            for collection in (whole, part, make_collection())
        )
        pause_restorations(collection=whole, actor=curator)
        pause_restorations(collection=whole, actor=curator)
        assert claim_restoration(restoration_id=above.pk) is None
        assert claim_restoration(restoration_id=below.pk) is None
        assert claim_restoration(restoration_id=elsewhere.pk) is not None
        below.refresh_from_db()
        assert (below.status, below.attempts) == (Status.QUEUED, 0)
        assert Event.objects.filter(kind="restorations-paused").count() == 1

    def test_a_worker_hears_of_it_at_its_next_sign_of_life_and_what_is_made_already_is_kept(
        self, whole: Collection, curator: User
    ) -> None:
        """How it stops then: test_stopping.py."""
        running = make_restoration(photo=make_photo(collection=whole), status=Status.RUNNING)
        pause_restorations(collection=whole, actor=curator)
        assert not report_progress(restoration=running, percent=50)
        done = complete_restoration(restoration=running, outcome=make_outcome(running))
        assert done.status == Status.DONE

    def test_going_on_puts_everything_on_the_queue_again(
        self, whole: Collection, part: Collection, curator: User
    ) -> None:
        rows = [
            make_restoration(photo=make_photo(collection=collection), status=Status.QUEUED)
            for collection in (whole, part)
        ]
        pause_restorations(collection=whole, actor=curator)
        OrmQ.objects.all().delete()  # workers have taken them and found nothing to do
        assert resume_restorations(collection=whole, actor=curator) == 2
        assert queued_ids() == [str(row.pk) for row in rows]
        assert resume_restorations(collection=whole, actor=curator) == 0
        assert claim_restoration(restoration_id=rows[1].pk) is not None

    def test_a_part_that_is_paused_itself_goes_on_waiting(
        self, whole: Collection, part: Collection, curator: User
    ) -> None:
        row = make_restoration(photo=make_photo(collection=part), status=Status.QUEUED)
        for collection in (whole, part):
            pause_restorations(collection=collection, actor=curator)
        assert resume_restorations(collection=whole, actor=curator) == 0
        assert claim_restoration(restoration_id=row.pk) is None
        assert resume_restorations(collection=part, actor=curator) == 1
        assert Pause.objects.count() == 0

    def test_the_sweep_sends_no_messages_for_what_is_paused(self, whole: Collection, curator: User) -> None:
        row = make_restoration(photo=make_photo(collection=whole), status=Status.QUEUED)
        Restoration.objects.update(requested_at=timezone.now() - timedelta(minutes=5))
        OrmQ.objects.all().delete()
        pause_restorations(collection=whole, actor=curator)
        assert sweep_restorations().enqueued == 0
        Pause.objects.all().delete()
        assert sweep_restorations().enqueued == 1
        assert queued_ids() == [str(row.pk)]


@pytest.mark.django_db(transaction=True)
class TestCancelling:
    def test_cancels_what_waits_and_what_runs_here_and_below(
        self, whole: Collection, part: Collection, curator: User
    ) -> None:
        waiting = make_restoration(photo=make_photo(collection=whole), status=Status.QUEUED)
        running = make_restoration(photo=make_photo(collection=part), status=Status.RUNNING)
        done = make_restoration(photo=make_photo(collection=whole))
        elsewhere = make_restoration(status=Status.QUEUED)
        report = cancel_restorations(collection=whole, actor=curator)
        assert (report.waiting, report.running) == (1, 1)
        states = dict(Restoration.objects.values_list("pk", "status"))
        assert states == {
            waiting.pk: Status.CANCELLED,
            running.pk: Status.CANCELLED,
            done.pk: Status.DONE,
            elsewhere.pk: Status.QUEUED,
        }
        assert claim_restoration(restoration_id=waiting.pk) is None
        cancelled = Event.objects.filter(kind="restoration-cancelled", actor=curator)
        assert {event.details["restoration"] for event in cancelled} == {str(waiting.pk), str(running.pk)}

    def test_the_worker_notices_at_its_next_sign_of_life(self, whole: Collection, curator: User) -> None:
        running = make_restoration(photo=make_photo(collection=whole), status=Status.RUNNING)
        outcome = make_outcome(running)
        cancel_restorations(collection=whole, actor=curator)
        assert not report_progress(restoration=running, percent=60)
        with pytest.raises(StateError) as refused:
            complete_restoration(restoration=running, outcome=outcome)
        assert refused.value.code == "restoration:lease:lost"

    def test_can_be_asked_for_again_and_counts_as_never_asked_for(
        self, whole: Collection, curator: User
    ) -> None:
        photo = make_photo(collection=whole)
        make_restoration(photo=photo)
        request_restoration(photo=photo, requested_by=curator)
        cancel_restorations(collection=whole, actor=curator)
        assert Photo.objects.get(pk=photo.pk).entry.state == "unreviewed"
        request_restoration(photo=photo, requested_by=curator)
        assert Photo.objects.get(pk=photo.pk).entry.state == "queued"


@pytest.mark.django_db
def test_deleting_many_is_all_or_nothing(curator: User) -> None:
    held, free = make_collection(owner=curator), make_collection(owner=curator)
    photos = [make_photo(collection=held), make_photo(collection=free)]
    set_legal_hold(collection=held, actor=curator, reason="Lawsuit")
    with pytest.raises(StateError):
        delete_photos(photos=Photo.objects.all(), actor=curator)
    assert Photo.objects.present().count() == 2
    assert delete_photos(photos=Photo.objects.filter(collection=free), actor=curator) == 1
    assert delete_photos(photos=Photo.objects.filter(collection=free), actor=curator) == 0
    assert list(Photo.objects.in_bin(curator)) == photos[1:]
    assert Event.objects.filter(kind="photo-deleted", photo=photos[1]).count() == 1
