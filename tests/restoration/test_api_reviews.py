"""The review room over REST."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from archive.access.roles import Role
from archive.models import Collection
from restoration.models import Reservation, Restoration
from restoration.services import reserve_photo
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ani() -> User:
    return make_user("ani")


@pytest.fixture
def album(ani: User) -> Collection:
    return make_collection(members={ani: Role.REVIEWER}, auto_restore=False)


def waiting(album: Collection, number: int) -> list[Restoration]:
    return [make_restoration(photo=make_photo(collection=album)) for _ in range(number)]


def test_a_program_works_through_the_queue(ani: User, album: Collection) -> None:
    old, new = waiting(album, 2)
    api = client_of(ani)
    first = api.post("/api/v1/review/next/").json()
    assert first["restoration"]["id"] == str(new.pk)
    second = api.post(f"/api/v1/review/next/?after={first['place']}").json()
    assert second["restoration"]["id"] == str(old.pk)
    assert api.post(f"/api/v1/review/next/?after={second['place']}").status_code == 204
    photos = [str(new.photo_id), str(old.photo_id)]
    held = api.put("/api/v1/review/reservations/", {"photos": photos}, format="json").json()
    assert sorted(held["photos"]) == sorted(photos)
    assert api.delete("/api/v1/review/reservations/").status_code == 204
    assert not Reservation.objects.exists()


def test_what_it_asks_for_has_to_be_understood(ani: User, album: Collection) -> None:
    answer = client_of(ani).post("/api/v1/review/next/?damage=enormous&model=?")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"damage", "model"})


def test_decisions_have_results_each_and_can_be_undone(ani: User, album: Collection) -> None:
    first, second = waiting(album, 2)
    api = client_of(ani)
    asked = [
        {"restoration": str(first.pk), "decision": "approved"},
        {"restoration": str(second.pk), "decision": "rejected", "reason": "seams", "comment": "mouth"},
    ]
    answer = api.post("/api/v1/review/decisions/", {"decisions": asked}, format="json")
    assert [each["review_state"] for each in answer.json()["results"]] == ["approved", "rejected"]
    again = api.post("/api/v1/review/decisions/", {"decisions": asked[:1]}, format="json")
    assert again.status_code == 409
    assert again.json()["results"][0]["code"] == "restoration:review:decided-meanwhile"
    undone = api.post("/api/v1/review/undo/", {"restorations": [str(first.pk)]}, format="json")
    assert undone.json()["results"][0]["review_state"] == "unreviewed"
    listed = api.get(f"/api/v1/restorations/{second.pk}/reviews/").json()["results"]
    assert [(each["decision"], each["reason"]) for each in listed] == [("rejected", "seams")]


def test_whoever_is_too_late_gets_409(ani: User, album: Collection) -> None:
    (only,) = waiting(album, 1)
    address = f"/api/v1/restorations/{only.pk}/reviews/"
    seen = {"decision": "approved", "expected_state": "unreviewed"}
    assert client_of(ani).post(address, seen, format="json").status_code == 201
    late = client_of(album.owner).post(address, seen | {"decision": "rejected"}, format="json")
    assert (late.status_code, late.json()["code"]) == (409, "restoration:review:decided-meanwhile")
    # Without saying what one has seen, the newest decision counts, as ever.
    assert client_of(album.owner).post(address, {"decision": "rejected"}, format="json").status_code == 201
    assert client_of(ani).post(address, {"decision": "undone"}, format="json").status_code == 400


def test_a_limited_token_sees_its_collections_only(ani: User, album: Collection) -> None:
    waiting(album, 1)
    other = make_collection(members={ani: Role.REVIEWER}, auto_restore=False)
    (expected,) = waiting(other, 1)
    api = client_of(ani, collections=[other])
    got = api.post("/api/v1/review/next/").json()
    assert got["restoration"]["id"] == str(expected.pk)
    assert api.post(f"/api/v1/review/next/?after={got['place']}").status_code == 204
    reserve_photo(photo=expected.photo_id, reviewer=album.owner)


def test_reasons_figures_and_rule(ani: User, album: Collection) -> None:
    (only,) = waiting(album, 1)
    api, owner = client_of(ani), client_of(album.owner)
    asked = [{"restoration": str(only.pk), "decision": "rejected", "reason": "tones"}]
    api.post("/api/v1/review/decisions/", {"decisions": asked}, format="json")
    assert {"code": "tones", "message": "Tones or colours have changed"} in api.get(
        "/api/v1/review/reasons/"
    ).json()["results"]
    (figures,) = api.get(f"/api/v1/collections/{album.pk}/review/figures/").json()["results"]
    assert (figures["rejected"], figures["share_rejected"], figures["reasons"]["tones"]) == (1, 1.0, 1)
    rule = f"/api/v1/collections/{album.pk}/review/rule/"
    assert api.put(rule, {"rule": "two"}, format="json").status_code == 403
    assert owner.put(rule, {"rule": "two"}, format="json").json() == {"rule": "two", "in_force": ["two"]}
    part = make_collection(owner=album.owner, parent=album)
    inherited = owner.get(f"/api/v1/collections/{part.pk}/review/rule/").json()
    assert inherited == {"rule": "none", "in_force": ["two"]}
