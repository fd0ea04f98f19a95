"""Pages on which photos and collections are described, chosen, moved, and their tables handed in."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from archive.access.roles import Role
from archive.models import Collection, MetadataImport, Photo
from archive.queue.description_tasks import continue_metadata
from archive.services import create_collection, describe_photo
from tests.factories import make_collection, make_photo, make_user
from tests.html_page import get_page, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("sri")


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def collection(owner: User) -> Collection:
    return make_collection(owner=owner, title="Album", auto_restore=False)


@pytest.fixture
def photo(collection: Collection) -> Photo:
    return make_photo(collection=collection, filename="a.png")


def gallery(collection: Collection) -> str:
    return reverse("restoration:collection_detail", args=[collection.pk])


class TestOnePhoto:
    def test_the_form_holds_what_is_said_and_saves_what_is_changed(
        self, signed_in: Client, owner: User, photo: Photo
    ) -> None:
        describe_photo(photo=photo, actor=owner, title="Porch", place="Bandung", tags=["house", "family"])
        address = reverse("archive:photo_description", args=[photo.pk])
        page = get_page(signed_in, address)
        assert page.one("input", name="title")["value"] == "Porch"
        assert page.one("input", name="tags")["value"] == "family, house"

        answer = signed_in.post(
            address, {"title": "Porch", "date_edtf": "1965~", "tags": "house; garden"}, follow=True
        )
        photo.refresh_from_db()
        assert (photo.place, photo.date_edtf) == ("", "1965~")
        assert [tag.name for tag in photo.tags.all()] == ["garden", "house"]
        text = page_of(answer).one("section", aria_labelledby="description-heading").text
        assert "1965~" in text
        assert "garden" in text

    def test_the_history_says_what_was_before(self, signed_in: Client, owner: User, photo: Photo) -> None:
        describe_photo(photo=photo, actor=owner, title="Porch")
        describe_photo(photo=photo, actor=owner, title="Garden <b>")
        page = get_page(signed_in, reverse("restoration:photo_detail", args=[photo.pk]))
        assert [each.text for each in page.all("del")] == ["Porch"]
        assert [each.text for each in page.all("ins")] == ["Garden <b>", "Porch"]

    def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_saved(
        self, signed_in: Client, photo: Photo
    ) -> None:
        answer = signed_in.post(
            reverse("archive:photo_description", args=[photo.pk]),
            {"title": "Porch", "date_edtf": "long ago"},
        )
        page = page_of(answer)
        assert page.one("input", name="date_edtf")["aria-invalid"] == "true"
        assert page.one("h1").text.endswith("a.png")
        photo.refresh_from_db()
        assert photo.title == ""

    def test_what_the_file_says_is_shown(self, signed_in: Client, photo: Photo) -> None:
        photo.original.embedded = {"exif": {"Make": "Kodak"}, "xmp": {"dc:subject": ["a", "b"]}}
        photo.original.save()
        page = get_page(signed_in, reverse("restoration:photo_detail", args=[photo.pk]))
        text = page.one("section", aria_labelledby="embedded-heading").text
        assert "Make Kodak" in text
        assert "dc:subject a, b" in text

    def test_somebody_who_only_looks_finds_no_way_to_change(self, client: Client, photo: Photo) -> None:
        viewer = make_user()
        photo.collection.memberships.create(user=viewer, role=Role.VIEWER)
        client.force_login(viewer)
        page = get_page(client, reverse("restoration:photo_detail", args=[photo.pk]))
        address = reverse("archive:photo_description", args=[photo.pk])
        assert not page.all("a", href=address)
        assert client.get(address).status_code == 403


class TestSeveralPhotos:
    def test_chosen_photos_are_described_and_others_left(
        self, signed_in: Client, collection: Collection, photo: Photo
    ) -> None:
        other = make_photo(collection=collection)
        page = get_page(signed_in, gallery(collection))
        assert {each["value"] for each in page.all("input", name="photo")} == {str(photo.pk), str(other.pk)}
        describe = reverse("archive:photos_description", args=[collection.pk])
        address = page.one("button", formaction=describe)["formaction"] + f"?photo={photo.pk}"
        assert get_page(signed_in, address).one("h1").text == "Describe 1 photo"

        answer = signed_in.post(address, {"place": "Bandung", "add_tags": "house"})
        assert answer["Location"] == gallery(collection)
        photo.refresh_from_db()
        other.refresh_from_db()
        assert (photo.place, other.place) == ("Bandung", "")

    def test_everything_that_was_found_in_the_gallery(
        self, signed_in: Client, owner: User, collection: Collection, photo: Photo
    ) -> None:
        others = [make_photo(collection=collection) for _ in range(2)]
        for each in others:
            describe_photo(photo=each, actor=owner, tags=["house"])
        page = get_page(signed_in, f"{gallery(collection)}?tag=house")
        found = page.one("input", name="found")["value"]
        form = reverse("archive:photos_description", args=[collection.pk])
        address = f"{form}?all=1&found={found.replace('=', '%3D').replace('&', '%26')}"
        assert get_page(signed_in, address).one("h1").text == "Describe 2 photos"
        answer = signed_in.post(address, {"place": "Bandung"})
        assert answer["Location"] == f"{gallery(collection)}?tag=house"
        assert set(Photo.objects.filter(place="Bandung")) == set(others)

    def test_a_field_is_cleared_only_when_asked(
        self, signed_in: Client, owner: User, collection: Collection, photo: Photo
    ) -> None:
        describe_photo(photo=photo, actor=owner, title="Porch", place="Bandung")
        address = reverse("archive:photos_description", args=[collection.pk]) + f"?photo={photo.pk}"
        signed_in.post(address, {"place": "", "clear_title": "on"})
        photo.refresh_from_db()
        assert (photo.title, photo.place) == ("", "Bandung")

    def test_a_text_and_clear_at_once_is_refused(
        self, signed_in: Client, collection: Collection, photo: Photo
    ) -> None:
        address = reverse("archive:photos_description", args=[collection.pk]) + f"?photo={photo.pk}"
        page = page_of(signed_in.post(address, {"place": "Bandung", "clear_place": "on"}))
        assert page.one("input", name="place")["aria-invalid"] == "true"

    def test_photos_of_elsewhere_are_never_changed(
        self, signed_in: Client, owner: User, collection: Collection, photo: Photo
    ) -> None:
        elsewhere = make_photo(collection=make_collection(members={owner: Role.REVIEWER}))
        form = reverse("archive:photos_description", args=[collection.pk])
        signed_in.post(f"{form}?photo={elsewhere.pk}&photo={photo.pk}&photo=nonsense", {"place": "Bandung"})
        elsewhere.refresh_from_db()
        assert elsewhere.place == ""

    def test_nothing_chosen_is_said(self, signed_in: Client, collection: Collection) -> None:
        answer = signed_in.get(reverse("archive:photos_description", args=[collection.pk]), follow=True)
        assert "No photo was chosen." in page_of(answer).one("div", class_="notices").text


class TestTree:
    def test_a_part_is_made_from_its_whole_and_leads_back(
        self, signed_in: Client, collection: Collection
    ) -> None:
        address = f"{reverse('archive:collection_create')}?parent={collection.pk}"
        page = get_page(signed_in, address)
        assert page.one("h1").text == "New part of “Album”"
        answer = signed_in.post(address, {"title": "Letters", "parent": str(collection.pk), "level": ""})
        part = Collection.objects.get(title="Letters")
        assert answer["Location"] == gallery(part)
        assert (part.parent, part.level) == (collection, Collection.Level.SERIES)
        assert "Letters Series" in get_page(signed_in, gallery(collection)).one("ul", class_="parts").text
        trail = get_page(signed_in, gallery(part)).one("nav", class_="trail")
        assert trail.text == "Collections / Album"

    def test_a_level_that_does_not_fit_is_said(self, signed_in: Client, collection: Collection) -> None:
        answer = signed_in.post(
            reverse("archive:collection_create"),
            {"title": "Letters", "parent": str(collection.pk), "level": "fonds"},
        )
        assert "parts go fonds, series, file" in page_of(answer).one(role="alert").text

    def test_the_list_shows_what_is_part_of_nothing_that_one_sees(
        self, signed_in: Client, owner: User, collection: Collection
    ) -> None:
        create_collection(owner=owner, title="Letters", parent=collection)
        whole = make_collection(title="Hidden")
        part = create_collection(owner=whole.owner, title="Shared part", parent=whole)
        part.memberships.create(user=owner, role=Role.VIEWER)
        page = get_page(signed_in, reverse("archive:collection_list"))
        assert {each.text for each in page.all("a", class_="card__link")} == {"Album", "Shared part"}
        assert get_page(signed_in, gallery(part)).one("nav", class_="trail").text == "Collections"

    def test_describing_a_collection_and_its_history(self, signed_in: Client, collection: Collection) -> None:
        address = reverse("archive:collection_edit", args=[collection.pk])
        answer = signed_in.post(address, {"title": "Album", "call_number": "KIT 1", "date_edtf": "196X"})
        assert answer["Location"] == gallery(collection)
        described = [each.text for each in get_page(signed_in, gallery(collection)).all("details")]
        assert any("Call number KIT 1" in each for each in described)
        assert [each.text for each in get_page(signed_in, address).all("ins")][:2] == ["196X", "KIT 1"]

    def test_moving(self, signed_in: Client, owner: User, collection: Collection, photo: Photo) -> None:
        whole = make_collection(owner=owner, title="Estate")
        address = reverse("archive:collection_move", args=[collection.pk])
        page = get_page(signed_in, address)
        assert "1 photo comes along" in page.one("main").text
        signed_in.post(address, {"parent": str(whole.pk), "level": "series"})
        collection.refresh_from_db()
        assert (collection.parent, collection.level) == (whole, Collection.Level.SERIES)

    def test_a_move_that_cannot_be_is_said(
        self, signed_in: Client, owner: User, collection: Collection
    ) -> None:
        create_collection(owner=owner, title="Letters", parent=collection)
        answer = signed_in.post(
            reverse("archive:collection_move", args=[collection.pk]), {"parent": "", "level": "file"}
        )
        assert "would not stand above" in page_of(answer).one(role="alert").text


class TestTables:
    def test_look_then_apply(self, signed_in: Client, collection: Collection, photo: Photo) -> None:
        address = reverse("archive:descriptions", args=[collection.pk])
        file = SimpleUploadedFile("table.csv", b"filename,title,shelf\na.png,Porch,1\nb.png,Garden,2\n")
        answer = signed_in.post(address, {"file": file, "key": ""}, follow=True)
        page = page_of(answer)
        assert page.one("h1").text == "table.csv"
        rows = [row.text for row in page.all("tr")][1:]
        assert rows == ["3 b.png refused No photo here is “b.png”.", "2 a.png Title Porch"]
        photo.refresh_from_db()
        assert photo.title == ""

        kept = MetadataImport.objects.get()
        begun = signed_in.post(reverse("archive:metadata_import_apply", args=[kept.pk]), follow=True)
        progress = reverse("archive:metadata_import_progress", args=[kept.pk])
        assert page_of(begun).one(id="metadata-import")["hx-get"] == f"{progress}?page=1"
        assert "0 of 2 rows" in page_of(begun).one(id="metadata-import").text
        continue_metadata(str(kept.pk))
        photo.refresh_from_db()
        assert photo.title == "Porch"
        assert signed_in.get(progress).status_code == 286  # htmx's word for "ask no more"
        applied = get_page(signed_in, reverse("archive:metadata_import", args=[kept.pk]))
        assert "Photos changed 1" in applied.one("main").text
        again = signed_in.post(reverse("archive:metadata_import_apply", args=[kept.pk]), follow=True)
        assert "applied already" in page_of(again).one("div", class_="notices").text

    def test_a_table_that_cannot_be_read_is_said(self, signed_in: Client, collection: Collection) -> None:
        file = SimpleUploadedFile("photo.png", b"\x89PNG\r\n\x1a\n\x00\x00")
        answer = signed_in.post(reverse("archive:descriptions", args=[collection.pk]), {"file": file})
        assert "UTF-8" in page_of(answer).one("form", method="post", enctype="multipart/form-data").text

    def test_the_download_is_for_spreadsheets(
        self, signed_in: Client, collection: Collection, photo: Photo
    ) -> None:
        answer = signed_in.get(reverse("archive:descriptions_csv", args=[collection.pk]))
        assert answer["Content-Disposition"] == 'attachment; filename="descriptions.csv"'
        assert b"".join(answer.streaming_content).startswith(b"\xef\xbb\xbfphoto,collection,folder,filename")
