"""Decisions: by whom, about what, and which one counts."""

import pytest
from django.contrib.auth.models import AnonymousUser

from archive.access.roles import Role
from archive.errors import StateError
from archive.models import Event
from restoration.models import Restoration, Review
from restoration.services import review_restoration
from tests.factories import make_collection, make_photo, make_restoration, make_user

pytestmark = pytest.mark.django_db

UNFINISHED = [Restoration.Status.QUEUED, Restoration.Status.RUNNING, Restoration.Status.FAILED]


@pytest.mark.parametrize("role", [Role.CURATOR, Role.REVIEWER])
@pytest.mark.parametrize("decision", Review.Decision.values)
def test_curators_and_reviewers_decide(role, decision):
    member = make_user()
    restoration = make_restoration(photo=make_photo(collection=make_collection(members={member: role})))
    review = review_restoration(
        restoration=restoration, reviewer=member, decision=decision, comment="  the eye is invented "
    )
    assert (review.decision, review.comment, review.reviewer) == (decision, "the eye is invented", member)
    assert restoration.review_state == decision
    restoration.refresh_from_db()
    assert restoration.review_state == decision
    event = Event.objects.get(kind=f"restoration-{decision}")
    assert (event.actor, event.details["review"]) == (member, str(review.id))


@pytest.mark.parametrize("who", ["viewer", "stranger", "staff", "anonymous"])
def test_nobody_else_decides(who):
    user = AnonymousUser() if who == "anonymous" else make_user(is_superuser=who == "staff")
    members = {user: Role.VIEWER} if who == "viewer" else {}
    restoration = make_restoration(photo=make_photo(collection=make_collection(members=members)))
    with pytest.raises(StateError) as refused:
        review_restoration(restoration=restoration, reviewer=user, decision="approved")
    assert refused.value.code == "restoration:review:not-permitted"
    assert Review.objects.count() == 0
    assert Restoration.objects.get().review_state == "unreviewed"


@pytest.mark.parametrize("status", UNFINISHED)
def test_only_a_result_can_be_decided_about(status):
    restoration = make_restoration(status=status)
    with pytest.raises(StateError) as refused:
        review_restoration(
            restoration=restoration, reviewer=restoration.photo.uploaded_by, decision="approved"
        )
    assert refused.value.code == "restoration:review:not-done"
    assert Review.objects.count() == 0


def test_an_unknown_decision_is_refused():
    restoration = make_restoration()
    with pytest.raises(StateError) as refused:
        review_restoration(
            restoration=restoration, reviewer=restoration.photo.uploaded_by, decision="perhaps"
        )
    assert refused.value.code == "restoration:review:unknown-decision"


def test_the_newest_decision_counts_and_older_ones_stay():
    restoration = make_restoration()
    user = restoration.photo.uploaded_by
    assert list(Restoration.objects.awaiting_review()) == [restoration]
    review_restoration(restoration=restoration, reviewer=user, decision="approved")
    review_restoration(restoration=restoration, reviewer=user, decision="rejected", comment="edges")
    restoration.refresh_from_db()
    assert restoration.review_state == "rejected"
    assert [review.decision for review in restoration.reviews.all()] == ["rejected", "approved"]
    assert not Restoration.objects.awaiting_review().exists()
