"""Deleting asks first; the bin gives back; over REST, too."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from archive.access.roles import Role
from archive.models import Collection, Photo
from archive.services import add_member, delete_collection, delete_photo, set_legal_hold
from tests.factories import make_collection, make_photo, make_user
from tests.html_page import get_page

pytestmark = pytest.mark.django_db

BIN = "archive:bin"


@pytest.fixture
def owner() -> User:
    return make_user("sri")


@pytest.fixture
def photo(owner: User) -> Photo:
    return make_photo(collection=make_collection(owner=owner, title="Album"), filename="a.png")


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


class TestPages:
    def test_photo_goes_into_the_bin_and_comes_back(self, signed_in: Client, photo: Photo) -> None:
        address = reverse("archive:photo_delete", args=[photo.pk])
        page = get_page(signed_in, reverse("restoration:photo_detail", args=[photo.pk]))
        assert page.one("a", href=address)
        page = get_page(signed_in, address)
        assert "30 days" in page.one("main").text
        answer = signed_in.post(address)
        assert answer["Location"] == reverse("restoration:collection_detail", args=[photo.collection_id])
        assert signed_in.get(reverse("restoration:photo_detail", args=[photo.pk])).status_code == 404

        page = get_page(signed_in, reverse(BIN))
        entry = page.one("li", class_="entry")
        assert entry.text.startswith("a.png Album deleted")
        assert "goes for good in" in entry.text
        signed_in.post(reverse("archive:photo_take_back", args=[photo.pk]))
        assert signed_in.get(reverse("restoration:photo_detail", args=[photo.pk])).status_code == 200
        assert get_page(signed_in, reverse(BIN)).one("h2").text == "The bin is empty"

    def test_collection_goes_with_everything_and_comes_back(self, signed_in: Client, photo: Photo) -> None:
        collection = photo.collection
        address = reverse("archive:collection_delete", args=[collection.pk])
        assert "1 photo" in get_page(signed_in, address).one("main").text
        assert signed_in.post(address)["Location"] == reverse("archive:collection_list")
        page = get_page(signed_in, reverse(BIN))
        assert page.one("li", class_="entry").text.startswith("Album deleted")
        signed_in.post(reverse("archive:collection_take_back", args=[collection.pk]))
        assert Photo.objects.visible_to(collection.owner).get() == photo

    def test_legal_hold_is_said_instead_of_a_button(self, signed_in: Client, photo: Photo) -> None:
        set_legal_hold(collection=photo.collection, actor=photo.uploaded_by, reason="Claim")
        for name, key in (("photo_delete", photo.pk), ("collection_delete", photo.collection_id)):
            address = reverse(f"archive:{name}", args=[key])
            page = get_page(signed_in, address)
            assert "under legal hold" in page.one(class_="notice--warning").text
            assert not page.all("button", class_="button--reject")
            page = get_page(signed_in, signed_in.post(address)["Location"])
            assert "under legal hold" in page.one(class_="notices").text
        assert Photo.objects.present().get() == photo

    def test_part_of_what_is_in_the_bin_says_why_it_stays(self, signed_in: Client, owner: User) -> None:
        fonds = make_collection(owner=owner)
        part = make_collection(owner=owner, parent=fonds)
        for each in (part, fonds):
            delete_collection(collection=each, actor=owner)
        answer = signed_in.post(reverse("archive:collection_take_back", args=[part.pk]), follow=True)
        assert "Take that back first" in answer.content.decode()

    def test_number_of_queries_does_not_grow_with_the_bin(
        self, signed_in: Client, owner: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        collection = make_collection(owner=owner)
        for _ in range(3):
            delete_photo(photo=make_photo(collection=collection), actor=owner)
        for _ in range(2):
            delete_collection(collection=make_collection(owner=owner), actor=owner)
        with django_assert_num_queries(5):  # session, user, number of photos, collections, photos
            signed_in.get(reverse(BIN))


class TestApi:
    def test_delete_list_and_take_back(self, signed_in: Client, photo: Photo, owner: User) -> None:
        assert signed_in.delete(f"/api/v1/photos/{photo.pk}/").status_code == 204
        assert signed_in.get("/api/v1/bin/").json() == {"days": 30, "photos": 1, "collections": 0}
        assert signed_in.get("/api/v1/bin/photos/").json()["results"][0] | {"deleted_at": ""} == {
            "id": str(photo.pk),
            "filename": "a.png",
            "title": "",
            "collection": str(photo.collection_id),
            "deleted_at": "",
            "deleted_by": "sri",
        }
        assert signed_in.post(f"/api/v1/photos/{photo.pk}/take-back/").status_code == 204
        assert signed_in.post(f"/api/v1/photos/{photo.pk}/take-back/").status_code == 404
        assert signed_in.delete(f"/api/v1/collections/{photo.collection_id}/").status_code == 204
        assert signed_in.get("/api/v1/bin/collections/").json()["results"][0]["title"] == "Album"
        assert signed_in.post(f"/api/v1/collections/{photo.collection_id}/take-back/").status_code == 204
        assert Collection.objects.visible_to(owner).count() == 1

    def test_hold_answers_409_with_its_code(self, signed_in: Client, photo: Photo) -> None:
        address = f"/api/v1/collections/{photo.collection_id}/hold/"
        answer = signed_in.put(address, {"reason": "Claim"}, content_type="application/json")
        held = {"held": True, "collection": str(photo.collection_id), "reason": "Claim"}
        assert answer.json() == signed_in.get(address).json() == held
        for refusing in (f"/api/v1/photos/{photo.pk}/", f"/api/v1/collections/{photo.collection_id}/"):
            answer = signed_in.delete(refusing)
            assert (answer.status_code, answer.json()["code"]) == (409, "archive:hold:held")
        assert signed_in.delete(address).json()["held"] is False
        assert signed_in.delete(address).json()["code"] == "archive:hold:not-held"
        assert signed_in.put(address, {}, content_type="application/json").status_code == 400

    def test_curator_deletes_photos_but_not_the_collection(self, client: Client, photo: Photo) -> None:
        curator = make_user()
        add_member(collection=photo.collection, user=curator, role=Role.CURATOR)
        client.force_login(curator)
        assert client.delete(f"/api/v1/collections/{photo.collection_id}/").status_code == 403
        assert client.delete(f"/api/v1/photos/{photo.pk}/").status_code == 204
