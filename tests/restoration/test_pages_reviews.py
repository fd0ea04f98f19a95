"""The review room as pages: forms and links lead through it without any script."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from archive.access.roles import Role
from archive.models import Collection, Event
from restoration.models import Reservation, Restoration, Review, ReviewRule
from restoration.services import Decision, decide_restorations, reserve_photo
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.html_page import Page, get_page, page_of

pytestmark = pytest.mark.django_db

ROOM = reverse("restoration:review_queue")
DECIDE = reverse("restoration:review_decide")
UNDO = reverse("restoration:review_undo")
DESK = reverse("restoration:review_desk")
BY_SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def reviewer() -> User:
    return make_user("ani")


@pytest.fixture
def album(reviewer: User) -> Collection:
    return make_collection(members={reviewer: Role.REVIEWER}, title="Album", auto_restore=False)


@pytest.fixture
def room(client: Client, reviewer: User) -> Client:
    client.force_login(reviewer)
    return client


def waiting(album: Collection, *names: str) -> list[Restoration]:
    return [make_restoration(photo=make_photo(collection=album, filename=name)) for name in names]


def shown(page: Page) -> str:
    return page.one("h2", id="review-title").text


def form_of(page: Page) -> dict[str, str]:
    """What the form of the shown picture would send, without the button."""
    names = ("restoration", "next", "comment")
    return {
        e["name"]: e.attributes.get("value", "") for e in page.elements if e.attributes.get("name") in names
    }


def test_look_decide_next_without_script(room: Client, album: Collection, reviewer: User) -> None:
    old, new = waiting(album, "old.png", "new.png")
    page = get_page(room, reverse("restoration:collection_review", args=[album.pk]))
    assert (shown(page), page.one("p", class_="room__count").text) == ("new.png", "2 waiting")
    answer = room.post(
        DECIDE, form_of(page) | {"verdict": "rejected:seams", "comment": "left cheek"}, follow=True
    )
    page = page_of(answer)
    assert shown(page) == "old.png"
    review = Review.objects.get()
    assert (review.restoration, review.decision, review.reason, review.comment) == (
        new, "rejected", "seams", "left cheek",
    )  # fmt: skip
    assert "Rejected: new.png" in page.one("form", class_="notice").text
    page = page_of(room.post(DECIDE, form_of(page) | {"verdict": "approved"}, follow=True))
    assert "Nothing more awaits your decision here" in page.one(id="review-end").text
    old.refresh_from_db()
    assert old.review_state == "approved"
    assert Reservation.objects.count() == 0


def test_passing_over_leads_to_the_next_and_changes_nothing(room: Client, album: Collection) -> None:
    waiting(album, "old.png", "new.png")
    page = get_page(room, ROOM)
    page = get_page(room, page.one("a", data_next="")["href"])
    assert shown(page) == "old.png"
    assert not Review.objects.exists()


def test_undo_brings_the_picture_back(room: Client, album: Collection, reviewer: User) -> None:
    (only,) = waiting(album, "only.png")
    page = page_of(room.post(DECIDE, form_of(get_page(room, ROOM)) | {"verdict": "approved"}, follow=True))
    undo = {"restoration": str(only.pk), "next": page.all("input", name="next")[0]["value"]}
    page = page_of(room.post(UNDO, undo, follow=True))
    assert shown(page) == "only.png"
    assert [review.decision for review in only.reviews.all()] == ["undone", "approved"]


def test_who_is_too_late_is_told(room: Client, album: Collection) -> None:
    _first, second = waiting(album, "first.png", "second.png")
    page = get_page(room, ROOM)
    decide_restorations(decisions=[Decision(second.pk, "approved")], reviewer=album.owner)
    sent = form_of(page) | {"verdict": "rejected"}
    page = page_of(room.post(DECIDE, sent, follow=True))
    assert "Somebody else has decided about this picture meanwhile." in page.one("div", class_="notices").text
    assert shown(page) == "first.png"
    answer = room.post(DECIDE, sent, headers=BY_SCRIPT)
    assert (answer.status_code, answer.json()["code"]) == (409, "restoration:review:decided-meanwhile")
    second.refresh_from_db()
    assert second.review_state == "approved"


def test_script_gets_the_next_picture_as_a_fragment(room: Client, album: Collection) -> None:
    old, new = waiting(album, "old.png", "new.png")
    page = get_page(room, ROOM)
    place = page.one("article")["data-place"]
    answer = room.get(page.one("review-room")["data-next"], {"fragment": "1", "after": place})
    text = answer.content.decode()
    assert text.lstrip().startswith("<article")
    assert f'data-photo="{old.photo_id}"' in text
    assert "no-store" in answer["Cache-Control"]
    place = re.search(r'data-place="([^"]+)"', text)[1]
    assert room.get(ROOM, {"fragment": "1", "after": place}).status_code == 204
    assert set(Reservation.objects.values_list("photo", flat=True)) == {old.photo_id, new.photo_id}
    answer = room.post(DESK, {"action": "release", "photo": [old.photo_id, new.photo_id]})
    assert answer.json() == {"held": []}
    assert not Reservation.objects.exists()


def test_desk_is_renewed_and_cannot_take_what_lies_elsewhere(room: Client, album: Collection) -> None:
    mine, theirs = waiting(album, "mine.png", "theirs.png")
    reserve_photo(photo=theirs.photo_id, reviewer=album.owner)
    both = [mine.photo_id, theirs.photo_id]
    assert room.post(DESK, {"action": "take", "photo": both}).json() == {"held": [str(mine.photo_id)]}
    assert room.post(DESK, {"action": "renew", "photo": both}).json() == {"held": [str(mine.photo_id)]}
    assert room.post(DESK, {"action": "renew", "photo": "?"}).status_code == 302


def test_number_of_queries_does_not_grow_with_the_queue(
    room: Client, album: Collection, django_assert_max_num_queries: object
) -> None:
    waiting(album, *(f"{number}.png" for number in range(4)))
    with django_assert_max_num_queries(24):
        room.get(ROOM)
    place = get_page(room, ROOM).one("article")["data-place"]
    with django_assert_max_num_queries(20):
        room.get(ROOM, {"fragment": "1", "after": place})


def test_viewers_do_not_get_in(client: Client, album: Collection) -> None:
    viewer = make_user()
    make_collection(members={viewer: Role.VIEWER})
    client.force_login(viewer)
    assert "Nothing more awaits" in get_page(client, ROOM).one(id="review-end").text
    (other,) = waiting(album, "other.png")
    answer = client.post(DECIDE, {"restoration": other.pk, "verdict": "approved"})
    assert answer.status_code == 404


def test_reasons_are_counted_by_model_and_only_where_they_stand(
    room: Client, album: Collection, reviewer: User
) -> None:
    series = make_collection(owner=album.owner, parent=album, auto_restore=False)
    seams, undone, approved = waiting(album, "a.png", "b.png", "c.png")
    (below,) = waiting(series, "d.png")
    wanted = [Decision(each.pk, "rejected", "seams") for each in (seams, undone, below)]
    decide_restorations(decisions=[*wanted, Decision(approved.pk, "approved")], reviewer=reviewer)
    room.post(UNDO, {"restoration": str(undone.pk)})
    page = get_page(room, reverse("restoration:review_summary", args=[album.pk]))
    rows = [row.text for row in page.all("tr")]
    model = str(seams.model_version)
    assert f"{model} 1 1 2 66.7 %" in rows
    assert "The edges of the repair can be seen 2" in rows
    assert "Damage was left 0" in rows
    assert not page.all("input", name="rule"), "only owners set the rule"


def test_owner_sets_the_rule_and_reviewers_may_not(client: Client, album: Collection, reviewer: User) -> None:
    address = reverse("restoration:review_summary", args=[album.pk])
    client.force_login(album.owner)
    page = page_of(client.post(address, {"rule": "two"}, follow=True))
    assert "Two people have to approve" in page.one("section", aria_labelledby="rule-heading").text
    assert ReviewRule.objects.get().rule == "two"
    assert Event.objects.filter(kind="review-rule-set").get().details == {"rule": "two", "was": "none"}
    client.force_login(reviewer)
    assert client.post(address, {"rule": "none"}).status_code == 403
    client.force_login(album.owner)
    client.post(address, {"rule": "none"})
    assert not ReviewRule.objects.exists()
