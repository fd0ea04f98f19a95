"""Many photos at once over REST: a result for each, and nothing that stops the others."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from archive.access.roles import Role
from archive.models import Event, Photo
from archive.services import delete_photo, set_legal_hold, start_fixity_run, start_fixity_slice
from restoration.models import Restoration
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db


def results(user: Any, name: str, *photos: Any) -> list[tuple[str, str]]:
    """Status and code of each, once it is clear that they come in the order that was asked."""
    asked = [str(getattr(photo, "pk", photo)) for photo in photos]
    answer = client_of(user).post(reverse(name), {"photos": asked}, format="json")
    assert answer.status_code == 200, answer.content
    rows = answer.json()["results"]
    assert [row["id"] for row in rows] == list(dict.fromkeys(asked))
    assert all(bool(row["message"]) is bool(row["code"]) for row in rows)
    return [(row["status"], row["code"]) for row in rows]


def test_deleting() -> None:
    user = make_user()
    photo, held = (make_photo(collection=make_collection(owner=user)) for _ in range(2))
    only_seen = make_photo(collection=make_collection(members={user: Role.REVIEWER}))
    hidden = make_photo()
    set_legal_hold(collection=held.collection, actor=user, reason="A court asks.")
    assert results(user, "api:photos-deletion", photo, held, only_seen, hidden, uuid4(), photo) == [
        ("done", ""),
        ("refused", "archive:hold:held"),
        ("refused", "permission_denied"),
        ("refused", "not_found"),
        ("refused", "not_found"),
    ]
    assert set(Photo.objects.filter(deleted_at__isnull=False)) == {photo}
    assert Event.objects.filter(kind="photo-deleted", photo=photo, actor=user).count() == 1


def test_taking_back() -> None:
    user = make_user()
    collection = make_collection(owner=user)
    binned, present = make_photo(collection=collection), make_photo(collection=collection)
    theirs = make_photo()
    for photo in (binned, theirs):
        delete_photo(photo=photo, actor=photo.uploaded_by)
    assert results(user, "api:photos-take-back", binned, present, theirs) == [
        ("done", ""),
        ("unchanged", ""),
        ("refused", "not_found"),
    ]
    assert Photo.objects.visible_to(user).count() == 2
    assert not Photo.objects.visible_to(theirs.uploaded_by).exists()


def test_restoring() -> None:
    user = make_user()
    fresh = make_photo(collection=make_collection(owner=user))
    queued = make_photo(collection=make_collection(owner=user))
    waiting = make_restoration(photo=queued, status="queued").photo
    only_seen = make_photo(collection=make_collection(members={user: Role.VIEWER}))
    assert results(user, "api:photos-restoring", fresh, waiting, only_seen) == [
        ("done", ""),
        ("unchanged", ""),
        ("refused", "permission_denied"),
    ]
    assert Restoration.objects.filter(photo=fresh, requested_by=user).count() == 1


def test_nothing_named_or_a_slip_of_the_pen_is_refused() -> None:
    client = client_of(make_user())
    for body in ({}, {"photos": []}, {"photos": ["x"]}, {"photos": [str(uuid4())], "photo": "x"}):
        for name in ("api:photos-deletion", "api:photos-take-back", "api:photos-restoring"):
            answer = client.post(reverse(name), body, format="json")
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


class TestOneRestoration:
    def test_is_called_off_once(self) -> None:
        restoration = make_restoration(status="queued")
        client = client_of(restoration.photo.collection.owner)
        address = reverse("api:restoration-cancel", args=[restoration.pk])
        answer = client.post(address)
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        again = client.post(address)
        assert (again.status_code, again.json()["code"]) == (409, "restoration:cancel:ended")

    def test_is_done_again_as_it_was_or_otherwise(self) -> None:
        first = make_restoration(status="failed")
        Restoration.objects.filter(pk=first.pk).update(strength=70, quick=True, thorough=True)
        client = client_of(first.photo.collection.owner)
        answer = client.post(reverse("api:restoration-redo", args=[first.pk]), {}, format="json")
        again = answer.json()
        assert (answer.status_code, answer["Location"]) == (202, again["url"])
        assert (again["strength"], again["photo"]) == (70, str(first.photo_id))
        assert (again["quick"], again["thorough"]) == (True, True)
        busy = client.post(reverse("api:restoration-redo", args=[first.pk]), {"strength": 50}, format="json")
        assert (busy.status_code, busy.json()["code"]) == (409, "restoration:request:already-active")
        client.post(reverse("api:restoration-cancel", args=[again["id"]]))
        changed = {"strength": 50, "thorough": False}
        other = client.post(reverse("api:restoration-redo", args=[first.pk]), changed, format="json").json()
        assert (other["strength"], other["quick"], other["thorough"]) == (50, True, False)


def test_long_work_has_an_address_that_tells_how_far_it_is() -> None:
    collection = make_collection()
    make_photo(collection=collection)
    client, key = client_of(collection.owner), [collection.pk]
    for name, args in (
        ("collection-fixity", key),
        ("collection-restore", key),
        ("collection-retry", key),
        ("collection-sample", []),
    ):
        answer = client.post(reverse(f"api:{name}", args=args), {}, format="json")
        assert answer.status_code == 202, name
        assert client.get(answer["Location"]).status_code == 200, name


def test_operators_follow_the_checks_of_everything_and_nobody_else_s_of_a_collection() -> None:
    collection = make_collection()
    operator = make_user(is_staff=True)
    theirs = start_fixity_run(requested_by=collection.owner, collection=collection)
    night = start_fixity_slice()
    for user, seen in ((operator, [night]), (collection.owner, [theirs]), (make_user(), [])):
        rows = client_of(user).get(reverse("api:fixity-runs")).json()["results"]
        assert [row["id"] for row in rows] == [str(run.pk) for run in seen]
