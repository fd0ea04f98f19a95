"""ETag, If-None-Match and If-Match: nobody overwrites what he has not seen."""

from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from archive.models import Collection, Photo
from archive.services import describe_photo, update_collection
from restoration.models import Restoration
from tests.at_once import at_once
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.restoration.api_client import client_of

STALE = "archive:precondition:changed"


def seen(client: APIClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer["ETag"])


def change(client: APIClient, method: str, address: str, etag: str, body: Any = None) -> Any:
    return getattr(client, method)(address, body, format="json", headers={"If-Match": etag})


@pytest.mark.django_db
class TestIfMatch:
    def test_a_collection_is_changed_as_it_was_seen_and_not_otherwise(self) -> None:
        collection = make_collection(title="before")
        client, address = client_of(collection.owner), reverse("api:collection-detail", args=[collection.pk])
        etag = seen(client, address)
        answer = change(client, "patch", address, etag, {"title": "after"})
        assert answer.status_code == 200
        assert answer["ETag"] == seen(client, address) != etag
        stale = change(client, "patch", address, etag, {"title": "lost update"})
        assert (stale.status_code, stale.json()["code"]) == (412, STALE)
        assert change(client, "delete", address, etag).status_code == 412
        collection.refresh_from_db()
        assert (collection.title, collection.deleted_at) == ("after", None)
        assert change(client, "delete", address, seen(client, address)).status_code == 204

    def test_what_nobody_describes_is_no_reason(self) -> None:
        photo = make_restoration().photo
        client = client_of(photo.uploaded_by)
        address = reverse("api:photo-detail", args=[photo.pk])
        about = reverse("api:collection-detail", args=[photo.collection_id])
        etag, etag_above = seen(client, address), seen(client, about)
        Restoration.objects.update(progress=40)
        make_photo(collection=photo.collection)
        assert client.get(address)["ETag"] != etag
        assert change(client, "patch", address, etag, {"title": "Grandmother"}).status_code == 200
        assert change(client, "patch", about, etag_above, {"title": "Album"}).status_code == 200

    def test_what_a_page_changed_meanwhile_counts(self) -> None:
        photo = make_photo()
        client, address = client_of(photo.uploaded_by), reverse("api:photo-detail", args=[photo.pk])
        etag = seen(client, address)
        describe_photo(photo=photo, actor=photo.uploaded_by, tags=["house"])
        assert change(client, "patch", address, etag, {"title": "A house"}).status_code == 412
        assert change(client, "delete", address, etag).status_code == 412
        assert Photo.objects.present().count() == 1

    def test_it_holds_for_one_s_account_and_for_everything_that_is_set(self) -> None:
        collection = make_collection()
        client = client_of(collection.owner)
        key = [collection.pk]
        for address, method, body in (
            (reverse("api:me"), "patch", {"first_name": "Ani"}),
            (reverse("api:collection-publication", args=key), "put", {"is_public": True}),
            (reverse("api:collection-hold", args=key), "put", {"reason": "A court asks."}),
            (reverse("api:collection-review-rule", args=key), "put", {"rule": "two"}),
        ):
            etag = seen(client, address)
            assert change(client, method, address, etag, body).status_code == 200, address
            assert change(client, method, address, etag, body).status_code == 412, address

    def test_without_the_header_or_with_a_star_it_is_as_ever(self) -> None:
        collection = make_collection()
        client, address = client_of(collection.owner), reverse("api:collection-detail", args=[collection.pk])
        assert client.patch(address, {"title": "one"}, format="json").status_code == 200
        assert change(client, "patch", address, "*", {"title": "two"}).status_code == 200
        weak = "W/" + seen(client, address)
        assert change(client, "patch", address, weak, {"title": "three"}).status_code == 412

    def test_who_may_not_look_learns_nothing(self) -> None:
        collection = make_collection()
        address = reverse("api:collection-detail", args=[collection.pk])
        etag = seen(client_of(collection.owner), address)
        assert change(client_of(make_user()), "patch", address, etag, {"title": "x"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_who_have_seen_the_same_one_changes_it() -> None:
    collection = make_collection(title="seen by all")
    address = reverse("api:collection-detail", args=[collection.pk])
    clients = [client_of(collection.owner) for _ in range(8)]
    etag = seen(clients[0], address)
    answers = at_once(
        *[
            lambda client=client, number=number: change(
                client, "patch", address, etag, {"title": f"title {number}"}
            )
            for number, client in enumerate(clients)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    (won,) = [answer.json()["title"] for answer in answers if answer.status_code == 200]
    assert Collection.objects.get().title == won


@pytest.mark.django_db
class TestIfNoneMatch:
    def test_nobody_fetches_what_he_has(self) -> None:
        collection = make_collection()
        client, address = client_of(collection.owner), reverse("api:collection-detail", args=[collection.pk])
        etag = seen(client, address)
        for header in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            answer = client.get(address, headers={"If-None-Match": header})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer["ETag"] == etag
        update_collection(collection=collection, actor=collection.owner, title="new")
        answer = client.get(address, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.json()["title"]) == (200, "new")
