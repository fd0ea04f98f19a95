"""Which picture comes next, for whom, and that nobody else gets it meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from archive.access.roles import Role
from archive.models import Collection
from restoration.models import Reservation, Restoration
from restoration.reviewing.queue import queue_of
from restoration.services import (
    Decision,
    decide_restorations,
    release_reservations,
    renew_reservations,
    reserve_next,
    reserve_photo,
    set_review_rule,
)
from tests.at_once import at_once
from tests.factories import make_collection, make_model_version, make_photo, make_restoration, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewers() -> list[User]:
    return [make_user("ani"), make_user("budi")]


@pytest.fixture
def album(reviewers: list[User]) -> Collection:
    return make_collection(members=dict.fromkeys(reviewers, Role.REVIEWER), auto_restore=False)


def waiting(album: Collection, number: int = 1, **outcome: object) -> list[Restoration]:
    return [make_restoration(photo=make_photo(collection=album), outcome=outcome) for _ in range(number)]


def seen(user: User, collection: Collection | None = None, **asked: str) -> list[Restoration]:
    """What a reviewer comes by who passes everything over."""
    queue, found, place = queue_of(user, asked, collection), [], ""
    while (reserved := reserve_next(queue=queue, after=place)) is not None:
        found.append(reserved.restoration)
        place = reserved.place
    release_reservations(reviewer=user)
    return found


def test_the_newest_come_first_unless_asked_otherwise(reviewers, album):
    first, second = waiting(album, 2)
    assert seen(reviewers[0]) == [second, first]
    assert seen(reviewers[0], sort="oldest") == [first, second]


def test_filters_and_orders_of_damage_invention_and_model(reviewers, album):
    _default, model = make_model_version(), make_model_version()
    (light,) = waiting(album, invention=1.0, share_damaged=0.1, change_report={"level": "light"})
    (heavy,) = waiting(album, invention=7.5, share_damaged=0.6, change_report={"level": "heavy"})
    (other,) = waiting(album, invention=3.0, share_damaged=0.2, model_version=model)
    ani = reviewers[0]
    assert seen(ani, sort="damage") == [heavy, other, light]
    assert seen(ani, sort="invention") == [heavy, other, light]
    assert seen(ani, damage="light") == [light]
    assert seen(ani, invention_from="3", sort="invention") == [heavy, other]
    assert seen(ani, model=str(model.pk)) == [other]
    assert seen(ani, damage_from="50") == [heavy]


def test_a_collection_is_worked_through_with_what_lies_below_it(reviewers, album):
    series = make_collection(owner=album.owner, parent=album, auto_restore=False)
    above, below = waiting(album)[0], waiting(series)[0]
    elsewhere = waiting(make_collection(members={reviewers[0]: Role.REVIEWER}, auto_restore=False))[0]
    assert set(seen(reviewers[0], album)) == {above, below}
    assert seen(reviewers[0], album, part=str(series.pk)) == [below]
    assert set(seen(reviewers[0])) == {above, below, elsewhere}


def test_only_what_awaits_a_decision_of_this_person(reviewers, album):
    viewer = make_user()
    closed = make_collection(members={viewer: Role.VIEWER}, auto_restore=False)
    photo = make_photo(collection=album)
    make_restoration(photo=photo)
    newer = make_restoration(photo=photo)
    make_restoration(photo=make_photo(collection=album), status=Restoration.Status.FAILED)
    waiting(closed)
    assert seen(reviewers[0]) == [newer]
    assert seen(viewer) == []
    decide_restorations(decisions=[Decision(newer.pk, "approved")], reviewer=reviewers[0])
    assert seen(reviewers[0]) == []


def test_nobody_gets_what_lies_on_another_desk(reviewers, album):
    ani, budi = reviewers
    old, new = waiting(album, 2)
    assert reserve_next(queue=queue_of(ani, {})).restoration == new
    assert reserve_next(queue=queue_of(budi, {})).restoration == old
    assert seen(make_user()) == []
    assert reserve_photo(photo=new.photo_id, reviewer=budi) is False
    release_reservations(reviewer=ani)
    assert reserve_photo(photo=new.photo_id, reviewer=budi) is True


def test_a_reservation_ends_unless_it_is_renewed(reviewers, album):
    ani, budi = reviewers
    (only,) = waiting(album)
    reserve_photo(photo=only.photo_id, reviewer=ani)
    Reservation.objects.update(expires_at=timezone.now() + timedelta(seconds=1))
    assert renew_reservations(photos=[only.photo_id], reviewer=ani) == [only.photo_id]
    assert Reservation.objects.get().expires_at > timezone.now() + timedelta(minutes=4)
    assert seen(budi) == []
    Reservation.objects.update(expires_at=timezone.now())
    assert seen(budi) == [only]
    reserve_photo(photo=only.photo_id, reviewer=budi)
    assert renew_reservations(photos=[only.photo_id], reviewer=ani) == []


def test_a_decision_clears_the_desk(reviewers, album):
    ani, budi = reviewers
    (only,) = waiting(album)
    reserve_photo(photo=only.photo_id, reviewer=ani)
    decide_restorations(decisions=[Decision(only.pk, "rejected")], reviewer=budi)
    assert not Reservation.objects.exists()


def test_the_rule_keeps_own_uploads_out_of_the_queue(reviewers, album):
    ani, budi = reviewers
    series = make_collection(owner=album.owner, parent=album, auto_restore=False)
    mine = make_restoration(photo=make_photo(collection=series, uploaded_by=ani))
    assert seen(ani) == [mine]
    set_review_rule(collection=album, actor=album.owner, rule="not-own")
    assert seen(ani) == []
    assert seen(budi) == [mine]


def test_what_one_has_approved_waits_for_somebody_else(reviewers, album):
    ani, budi = reviewers
    set_review_rule(collection=album, actor=album.owner, rule="two")
    (only,) = waiting(album)
    decide_restorations(decisions=[Decision(only.pk, "approved")], reviewer=ani)
    assert seen(ani) == []
    assert seen(budi) == [only]


@pytest.mark.django_db(transaction=True)
def test_reviewers_who_ask_together_get_different_pictures():
    people = [make_user() for _ in range(4)]
    album = make_collection(members=dict.fromkeys(people, Role.REVIEWER), auto_restore=False)
    waiting(album, 3)
    outcomes = at_once(*[lambda user=user: reserve_next(queue=queue_of(user, {})) for user in people])
    got = [outcome for outcome in outcomes if outcome is not None]
    assert [error for error in got if isinstance(error, Exception)] == []
    assert len(got) == len({reserved.restoration.pk for reserved in got}) == 3


@pytest.mark.django_db(transaction=True)
def test_of_reviewers_who_reach_for_one_picture_one_gets_it():
    people = [make_user() for _ in range(4)]
    photo = make_photo(collection=make_collection(auto_restore=False))
    for _ in range(3):
        outcomes = at_once(
            *[lambda user=user: reserve_photo(photo=photo.pk, reviewer=user) for user in people]
        )
        assert sorted(outcomes) == [False, False, False, True]
        Reservation.objects.update(expires_at=timezone.now())  # the second time, an ended one is taken over
