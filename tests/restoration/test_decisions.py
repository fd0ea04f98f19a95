"""Many decisions at once, taking them back, and the rule of four eyes; two people at the same moment."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import User

from archive.access.roles import Role
from archive.access.visitors import Guest
from archive.errors import InputError, StateError
from archive.models import Collection, Event, Photo
from archive.services import publish_collection
from restoration.keeping.bags import Restorations
from restoration.models import Restoration, Review
from restoration.services import (
    Decision,
    decide_restorations,
    review_restoration,
    set_review_rule,
    undo_reviews,
)
from tests.at_once import at_once
from tests.factories import make_collection, make_photo, make_restoration, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> list[User]:
    return [make_user("ani"), make_user("budi"), make_user("citra")]


@pytest.fixture
def album(people: list[User]) -> Collection:
    return make_collection(members=dict.fromkeys(people, Role.REVIEWER), auto_restore=False)


def waiting(album: Collection, number: int = 1, **photo: object) -> list[Restoration]:
    return [make_restoration(photo=make_photo(collection=album, **photo)) for _ in range(number)]


def state(restoration: Restoration) -> str:
    return Restoration.objects.get(pk=restoration.pk).review_state


def code_of(result: object) -> str:
    return result.error.code if result.error else ""


def test_each_of_many_is_decided_by_itself(people, album, django_assert_max_num_queries):
    ani = people[0]
    good, bad, taken = waiting(album, 3)
    unfinished = make_restoration(photo=make_photo(collection=album), status=Restoration.Status.FAILED)
    (foreign,) = waiting(make_collection(auto_restore=False))
    review_restoration(restoration=taken, reviewer=people[1], decision="rejected")
    asked = [
        Decision(good.pk, "approved", comment=" fine "),
        Decision(bad.pk, "rejected", "seams"),
        Decision(taken.pk, "approved"),
        Decision(unfinished.pk, "approved"),
        Decision(foreign.pk, "approved"),
        Decision(uuid.uuid4(), "approved"),
        Decision(good.pk, "rejected"),
    ]
    with django_assert_max_num_queries(20):
        results = decide_restorations(decisions=asked, reviewer=ani)
    assert [each.restoration for each in results] == [each.restoration for each in asked]
    assert [code_of(each) for each in results] == [
        "",
        "",
        "restoration:review:decided-meanwhile",
        "restoration:review:not-done",
        "restoration:review:not-permitted",
        "restoration:review:not-permitted",
        "restoration:review:decided-meanwhile",
    ]
    assert [state(each) for each in (good, bad, taken, foreign)] == [
        "approved", "rejected", "rejected", "unreviewed",
    ]  # fmt: skip
    review = Review.objects.get(restoration=bad)
    assert (review.reason, results[1].review) == ("seams", review)
    event = Event.objects.get(kind="restoration-rejected", actor=ani)
    assert event.details == {"restoration": str(bad.pk), "review": str(review.pk), "reason": "seams"}


@pytest.mark.parametrize("wrong", [("approved", "seams"), ("rejected", "bad mood")])
def test_reasons_are_known_and_of_rejections(people, album, wrong):
    decision, reason = wrong
    with pytest.raises(InputError) as refused:
        review_restoration(
            restoration=waiting(album)[0], reviewer=people[0], decision=decision, reason=reason
        )
    assert refused.value.code == "restoration:review:unknown-reason"


def test_undoing_is_a_decision_of_its_own(people, album):
    ani, budi = people[:2]
    first, second, untouched = waiting(album, 3)
    decide_restorations(
        decisions=[Decision(first.pk, "approved"), Decision(second.pk, "rejected")], reviewer=ani
    )
    review_restoration(restoration=second, reviewer=budi, decision="approved")
    keys = [first.pk, second.pk, untouched.pk, first.pk]
    results = undo_reviews(restorations=keys, actor=ani)
    assert [(each.restoration, code_of(each)) for each in results] == [
        (first.pk, ""),
        (second.pk, "restoration:undo:not-yours"),
        (untouched.pk, "restoration:undo:nothing"),
    ]
    assert [state(each) for each in (first, second)] == ["unreviewed", "approved"]
    undone, approved = first.reviews.all()
    assert (undone.decision, approved.decision) == ("undone", "approved")
    event = Event.objects.get(kind="restoration-review-undone")
    assert event.details["undoes"] == str(approved.pk)
    (again,) = undo_reviews(restorations=[first.pk], actor=ani)
    assert code_of(again) == "restoration:undo:nothing"


def test_undo_is_not_for_those_who_may_no_longer_decide(people, album):
    (only,) = waiting(album)
    review_restoration(restoration=only, reviewer=people[0], decision="approved")
    album.memberships.filter(user=people[0]).update(role=Role.VIEWER)
    (result,) = undo_reviews(restorations=[only.pk], actor=people[0])
    assert code_of(result) == "restoration:review:not-permitted"


def test_nobody_approves_what_he_uploaded_where_the_rule_says_so_from_above(people, album):
    ani, budi = people[:2]
    series = make_collection(owner=album.owner, parent=album, auto_restore=False)
    (mine,) = waiting(series, uploaded_by=ani)
    set_review_rule(collection=album, actor=album.owner, rule="not-own")
    with pytest.raises(StateError) as refused:
        review_restoration(restoration=mine, reviewer=ani, decision="approved")
    assert refused.value.code == "restoration:review:own-upload"
    review_restoration(restoration=mine, reviewer=ani, decision="rejected")  # which publishes nothing
    review_restoration(restoration=mine, reviewer=budi, decision="approved")
    assert state(mine) == "approved"


def published(restoration: Restoration) -> tuple[bool, bool]:
    """Whether guests see it, and whether bags hold it."""
    photos = Photo.objects.filter(pk=restoration.photo_id)
    seen = Restoration.objects.visible_to(Guest()).filter(pk=restoration.pk).exists()
    return seen, any(work.id == restoration.pk for work in Restorations().approved(photos))


def test_two_have_to_approve_before_anything_is_published(people, album):
    ani, budi, citra = people
    publish_collection(collection=album, actor=album.owner, is_public=True, public_downloads=False)
    set_review_rule(collection=album, actor=album.owner, rule="two")
    (only,) = waiting(album)
    (first,) = decide_restorations(decisions=[Decision(only.pk, "approved")], reviewer=ani)
    assert (first.waits_for_second, state(only), published(only)) == (True, "unreviewed", (False, False))
    assert Event.objects.filter(kind="restoration-approved-once").count() == 1
    (twice,) = decide_restorations(decisions=[Decision(only.pk, "approved")], reviewer=ani)
    assert code_of(twice) == "restoration:review:second-needed"
    (second,) = decide_restorations(decisions=[Decision(only.pk, "approved")], reviewer=budi)
    assert (second.waits_for_second, state(only), published(only)) == (False, "approved", (True, True))
    # Taking the second one back leaves the first; taking the first one back leaves none.
    undo_reviews(restorations=[only.pk], actor=budi)
    assert published(only) == (False, False)
    decide_restorations(decisions=[Decision(only.pk, "approved")], reviewer=citra)
    assert published(only) == (True, True)


def test_a_rejection_or_an_undo_ends_a_first_approval(people, album):
    ani, budi = people[:2]
    set_review_rule(collection=album, actor=album.owner, rule="two")
    undone, rejected = waiting(album, 2)
    decide_restorations(
        decisions=[Decision(each.pk, "approved") for each in (undone, rejected)], reviewer=ani
    )
    undo_reviews(restorations=[undone.pk], actor=ani)
    review_restoration(restoration=rejected, reviewer=ani, decision="rejected")
    for each in (undone, rejected):
        review_restoration(restoration=each, reviewer=budi, decision="approved")
        assert state(each) == "unreviewed"
    assert Restoration.objects.filter(first_approved_by=budi).count() == 2


def test_a_part_can_ask_for_more_but_not_for_less(people, album):
    ani = people[0]
    series = make_collection(owner=album.owner, parent=album, auto_restore=False)
    set_review_rule(collection=album, actor=album.owner, rule="two")
    set_review_rule(collection=series, actor=album.owner, rule="not-own")
    (mine,) = waiting(series, uploaded_by=ani)
    (own,) = decide_restorations(decisions=[Decision(mine.pk, "approved")], reviewer=ani)
    assert code_of(own) == "restoration:review:own-upload"
    (other,) = decide_restorations(decisions=[Decision(mine.pk, "approved")], reviewer=people[1])
    assert other.waits_for_second


def test_what_is_approved_stays_so_when_a_rule_comes(people, album):
    (only,) = waiting(album)
    review_restoration(restoration=only, reviewer=people[0], decision="approved")
    set_review_rule(collection=album, actor=album.owner, rule="two")
    assert state(only) == "approved"
    with pytest.raises(InputError):
        set_review_rule(collection=album, actor=album.owner, rule="three")


@pytest.mark.django_db(transaction=True)
def test_of_people_who_decide_together_one_wins_and_the_others_are_told():
    people = [make_user() for _ in range(4)]
    album = make_collection(members=dict.fromkeys(people, Role.REVIEWER), auto_restore=False)
    restorations = waiting(album, 3)
    verdicts = ["approved", "rejected", "approved", "rejected"]

    def decide(person: User, verdict: str, keys: list[object]) -> object:
        return decide_restorations(decisions=[Decision(key, verdict) for key in keys], reviewer=person)

    keys = [each.pk for each in restorations]
    # Half of them from the other end, as two people who sort differently would.
    outcomes = at_once(
        *[
            lambda who=who, verdict=verdict, order=order: decide(who, verdict, keys[::order])
            for who, verdict, order in zip(people, verdicts, (1, -1, -1, 1), strict=True)
        ]
    )
    assert [error for error in outcomes if isinstance(error, Exception)] == []
    results = [result for outcome in outcomes for result in outcome]
    for restoration in restorations:
        own = [each for each in results if each.restoration == restoration.pk]
        codes = sorted(code_of(each) for each in own)
        assert codes == ["", *["restoration:review:decided-meanwhile"] * 3]
        (winner,) = [each for each in own if each.review]
        assert state(restoration) == winner.state == winner.review.decision
        assert restoration.reviews.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_approvals_at_once_are_the_two_that_it_takes():
    people = [make_user() for _ in range(2)]
    album = make_collection(members=dict.fromkeys(people, Role.REVIEWER), auto_restore=False)
    set_review_rule(collection=album, actor=album.owner, rule="two")
    (only,) = waiting(album)
    outcomes = at_once(
        *[
            lambda who=who: decide_restorations(decisions=[Decision(only.pk, "approved")], reviewer=who)
            for who in people
        ]
    )
    assert sorted(result.state for (result,) in outcomes) == ["approved", "unreviewed"]
    assert state(only) == "approved"
