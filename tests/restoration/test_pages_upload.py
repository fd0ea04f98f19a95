"""Files come in: one at a time from the script, any number from a plain form."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from archive.models import Collection, ImportRun, Membership, Photo
from archive.queue.ingest_tasks import continue_import
from config.package_files import PackageFileFinder
from tests import pictures
from tests.archive.zips import zipped
from tests.factories import make_collection, make_photo, make_upload, make_user
from tests.html_page import Page, get_page, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> User:
    return make_user()


@pytest.fixture
def collection(curator: User) -> Collection:
    return make_collection(owner=curator)


def address(collection: Collection) -> str:
    return reverse("archive:photo_upload", args=[collection.pk])


class TestWhatTheScriptNeeds:
    def test_page_tells_it_where_to_send_and_keeps_a_form_for_those_without(
        self, signed_in: Client, collection: Collection
    ) -> None:
        page = get_page(signed_in, reverse("restoration:collection_detail", args=[collection.pk]))
        queue = page.one("upload-queue")
        assert queue["data-endpoint"] == reverse("api:collection-uploads", args=[collection.pk])
        assert page.one("form", class_="upload__form")["action"] == address(collection)
        scripts = [script.attributes.get("src", "") for script in page.all("script")]
        assert any("vendor/tus-js-client/tus.min.js" in source for source in scripts)

    def test_the_card_of_a_photo_that_has_arrived(self, signed_in: Client, collection: Collection) -> None:
        photo = make_photo(collection=collection, filename="Paman Budi.png")
        response = signed_in.get(reverse("restoration:photo_card", args=[photo.pk]))
        card = Page(response.content.decode()).one("li", id=f"photo-{photo.pk}")
        assert "Paman Budi.png" in card.text
        assert "Not restored" in card.text

    def test_packages_give_what_pages_name_and_nothing_else(self) -> None:
        found = [name for name, _storage in PackageFileFinder().list([])]
        assert found == [
            "tus.min.js",
            "tus.min.js.map",
            "openseadragon.min.js",
            "openseadragon.min.js.map",
        ]
        path = finders.find("vendor/tus-js-client/tus.min.js")
        assert path is not None
        assert Path(path).stat().st_size > 50_000
        assert finders.find("vendor/tus-js-client/package.json") is None


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

    def test_a_zip_is_unpacked_by_a_worker(self, signed_in: Client, collection: Collection) -> None:
        content = zipped({"Album/one.png": pictures.png()})
        response = signed_in.post(address(collection), {"file": make_upload(content, "box.zip")}, follow=True)
        assert page_of(response).one(class_="notice").text == "box.zip has arrived and is being unpacked."
        run = ImportRun.objects.get()
        assert continue_import(str(run.pk)) == "done"
        assert Photo.objects.get().folder == "Album"

    def test_what_is_no_zip_is_refused(self, signed_in: Client, collection: Collection) -> None:
        response = signed_in.post(address(collection), {"file": make_upload(b"no", "box.zip")}, follow=True)
        notice = page_of(response).one(class_="notice").text
        assert notice == "box.zip: The file is not a ZIP, or it is damaged."

    def test_empty_form_says_so(self, signed_in: Client, collection: Collection) -> None:
        response = signed_in.post(address(collection), follow=True)
        assert page_of(response).one(class_="notice").text == "This field is required."


class TestWhoMay:
    def test_viewers_and_reviewers_may_not(self, client: Client, collection: Collection) -> None:
        for role in (Membership.Role.VIEWER, Membership.Role.REVIEWER):
            user = make_user()
            Membership.objects.create(collection=collection, user=user, role=role)
            client.force_login(user)
            response = client.post(address(collection), {"file": make_upload()})
            assert response.status_code == 403
        assert not Photo.objects.exists()

    def test_strangers_get_404(self, client: Client, collection: Collection) -> None:
        client.force_login(make_user(is_superuser=True, is_staff=True))
        assert client.post(address(collection), {"file": make_upload()}).status_code == 404
        assert not Photo.objects.exists()

    def test_it_takes_a_post(self, signed_in: Client, collection: Collection) -> None:
        assert signed_in.get(address(collection)).status_code == 405
