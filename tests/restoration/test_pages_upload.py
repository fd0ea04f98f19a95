"""Files come in: one at a time from the script, any number from a plain form."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from archive.models import Collection, Membership, Photo
from restoration.models import Restoration
from tests import pictures
from tests.factories import make_collection, make_photo, make_upload, make_user
from tests.html_page import Page, page_of

pytestmark = pytest.mark.django_db

BY_SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def curator() -> User:
    return make_user()


@pytest.fixture
def collection(curator: User) -> Collection:
    return make_collection(owner=curator)


def address(collection: Collection) -> str:
    return reverse("restoration:photo_upload", args=[collection.pk])


class TestByScript:
    def test_answers_with_the_new_card(self, signed_in: Client, collection: Collection) -> None:
        response = signed_in.post(
            address(collection), {"file": make_upload(name="Paman Budi.png")}, headers=BY_SCRIPT
        )
        assert response.status_code == 201
        photo = Photo.objects.get()
        assert photo.restorations.get().status == Restoration.Status.QUEUED
        card = Page(response.content.decode()).one("li", id=f"photo-{photo.pk}")
        assert card.text == "Paman Budi.png Queued"

    def test_collection_may_leave_starting_to_people(self, signed_in: Client, curator: User) -> None:
        collection = make_collection(owner=curator, auto_restore=False)
        response = signed_in.post(address(collection), {"file": make_upload()}, headers=BY_SCRIPT)
        assert "Not restored" in response.content.decode()
        assert not Restoration.objects.exists()

    @pytest.mark.parametrize(
        ("content", "code", "message"),
        [
            (b"", "archive:file:empty", "The file is empty."),
            (
                b"%PDF-1.7 not a picture",
                "archive:file:not-an-image",
                "The file is not a JPEG, PNG, TIFF, WebP or BMP picture.",
            ),
            (
                pictures.png(pictures.portrait())[:2000],
                "archive:file:truncated",
                "The picture is damaged or incomplete and cannot be read to its end.",
            ),
        ],
    )
    def test_refusal_comes_as_code_and_sentence(
        self, signed_in: Client, collection: Collection, content: bytes, code: str, message: str
    ) -> None:
        response = signed_in.post(address(collection), {"file": make_upload(content)}, headers=BY_SCRIPT)
        assert (response.status_code, response.json()) == (400, {"code": code, "message": message})
        assert not Photo.objects.exists()

    def test_second_copy_is_refused_by_name(self, signed_in: Client, collection: Collection) -> None:
        content = pictures.png()
        make_photo(collection=collection, content=content, filename="first.png")
        response = signed_in.post(address(collection), {"file": make_upload(content)}, headers=BY_SCRIPT)
        assert response.json() == {
            "code": "archive:photo:duplicate",
            "message": "This collection already holds the same file, as “first.png”.",
        }

    def test_request_without_a_file(self, signed_in: Client, collection: Collection) -> None:
        response = signed_in.post(address(collection), headers=BY_SCRIPT)
        assert (response.status_code, response.json()["message"]) == (400, "This field is required.")


class TestByPlainForm:
    def test_takes_several_files_and_names_the_bad_ones(
        self, signed_in: Client, collection: Collection
    ) -> None:
        files = [
            make_upload(name="one.png"),
            make_upload(b"nothing", "notes.txt"),
            make_upload(name="two.png"),
        ]
        response = signed_in.post(address(collection), {"file": files}, follow=True)
        page = page_of(response)
        assert sorted(photo.filename for photo in Photo.objects.all()) == ["one.png", "two.png"]
        assert [notice.text for notice in page.all(class_="notice")] == [
            "notes.txt: The file is not a JPEG, PNG, TIFF, WebP or BMP picture."
        ]

    def test_empty_form_says_so(self, signed_in: Client, collection: Collection) -> None:
        response = signed_in.post(address(collection), follow=True)
        assert page_of(response).one(class_="notice").text == "This field is required."


class TestWhoMay:
    def test_viewers_and_reviewers_may_not(self, client: Client, collection: Collection) -> None:
        for role in (Membership.Role.VIEWER, Membership.Role.REVIEWER):
            user = make_user()
            Membership.objects.create(collection=collection, user=user, role=role)
            client.force_login(user)
            response = client.post(address(collection), {"file": make_upload()}, headers=BY_SCRIPT)
            assert response.status_code == 403
        assert not Photo.objects.exists()

    def test_strangers_get_404(self, client: Client, collection: Collection) -> None:
        client.force_login(make_user(is_superuser=True, is_staff=True))
        assert client.post(address(collection), {"file": make_upload()}).status_code == 404
        assert not Photo.objects.exists()

    def test_it_takes_a_post(self, signed_in: Client, collection: Collection) -> None:
        assert signed_in.get(address(collection)).status_code == 405
