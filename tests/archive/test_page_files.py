"""Originals leave as attachments, renditions inline, and strangers get nothing."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from archive.files.renditions import remove_renditions
from archive.files.storage import Area
from archive.models import Membership, Photo, Rendition
from tests import pictures
from tests.factories import make_collection, make_photo, make_user
from tests.stored import rendition_path, stored_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> User:
    return make_user()


@pytest.fixture
def content() -> bytes:
    return pictures.jpeg(pictures.portrait())


@pytest.fixture
def photo(viewer: User, content: bytes) -> Photo:
    collection = make_collection(members={viewer: Membership.Role.VIEWER})
    return make_photo(collection=collection, content=content, filename="Bibi Sri, 1932.jpg")


def addresses(photo: Photo) -> list[str]:
    renditions = [reverse("archive:rendition", args=[photo.pk, kind]) for kind in Rendition.Kind.values]
    return [reverse("archive:original", args=[photo.pk]), *renditions]


class TestOriginal:
    def test_comes_byte_for_byte_as_an_attachment(
        self, client: Client, viewer: User, photo: Photo, content: bytes
    ) -> None:
        client.force_login(viewer)
        response = client.get(reverse("archive:original", args=[photo.pk]))
        assert response.getvalue() == content
        assert response["Content-Type"] == "image/jpeg"
        assert response["Content-Disposition"] == 'attachment; filename="Bibi Sri, 1932.jpg"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "sandbox"
        assert "private" in response["Cache-Control"]

    def test_missing_file_is_a_page_that_says_so(self, client: Client, viewer: User, photo: Photo) -> None:
        stored_path(Area.ORIGINALS, photo.original.sha256).unlink()
        client.force_login(viewer)
        assert client.get(reverse("archive:original", args=[photo.pk])).status_code == 404


class TestRendition:
    def test_is_shown_inline_and_kept_by_this_browser_only(
        self, client: Client, viewer: User, photo: Photo
    ) -> None:
        client.force_login(viewer)
        response = client.get(reverse("archive:rendition", args=[photo.pk, "web"]))
        assert response.getvalue() == rendition_path(photo.original.sha256, Rendition.Kind.WEB).read_bytes()
        assert response["Content-Type"] == "image/webp"
        assert "attachment" not in response.get("Content-Disposition", "")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert set(response["Cache-Control"].split(", ")) == {"private", "max-age=3600"}
        assert "Cookie" in response["Vary"]

    def test_second_request_is_answered_without_the_picture(
        self, client: Client, viewer: User, photo: Photo
    ) -> None:
        client.force_login(viewer)
        address = reverse("archive:rendition", args=[photo.pk, "thumbnail"])
        etag = client.get(address)["ETag"]
        again = client.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        other = client.get(address, headers={"If-None-Match": '"something else"'})
        assert other.status_code == 200

    def test_missing_file_and_unknown_kind(self, client: Client, viewer: User, photo: Photo) -> None:
        client.force_login(viewer)
        remove_renditions(photo.original.sha256)
        address = reverse("archive:rendition", args=[photo.pk, "web"])
        assert client.get(address).status_code == 404
        assert client.get(address.replace("/web/", "/huge/")).status_code == 404


class TestVisibility:
    def test_strangers_and_staff_get_404(self, client: Client, photo: Photo) -> None:
        for stranger in (make_user(), make_user(is_staff=True, is_superuser=True)):
            client.force_login(stranger)
            assert [client.get(address).status_code for address in addresses(photo)] == [404, 404, 404]

    def test_who_is_not_signed_in_is_asked_to(self, client: Client, photo: Photo) -> None:
        for address in addresses(photo):
            response = client.get(address)
            assert response["Location"] == f"{reverse('sign_in')}?next={address}"

    def test_former_member_gets_404_even_with_a_known_etag(
        self, client: Client, viewer: User, photo: Photo
    ) -> None:
        client.force_login(viewer)
        address = reverse("archive:rendition", args=[photo.pk, "web"])
        etag = client.get(address)["ETag"]
        Membership.objects.filter(user=viewer).delete()
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 404
