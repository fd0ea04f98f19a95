"""Descriptions and the tree over REST."""

import csv
import io
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from archive.access.roles import Role
from archive.models import Collection, Photo
from archive.queue.description_tasks import continue_metadata
from archive.services import create_collection, describe_photo
from tests.factories import make_collection, make_photo, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("sri")


@pytest.fixture
def collection(owner: User) -> Collection:
    return make_collection(owner=owner, auto_restore=False)


@pytest.fixture
def photo(collection: Collection) -> Photo:
    return make_photo(collection=collection, filename="a.png")


def table(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("table.csv", text.encode(), content_type="text/csv")


class TestOnePhoto:
    def test_is_described_and_says_so(self, owner: User, photo: Photo) -> None:
        answer = client_of(owner).patch(
            reverse("api:photo-detail", args=[photo.pk]),
            {"title": "Porch", "date_edtf": "196X", "tags": ["house"]},
            format="json",
        )
        assert answer.status_code == 200
        said = answer.json()
        assert (said["title"], said["date_edtf"], said["tags"]) == ("Porch", "196X", ["house"])
        assert (said["date_earliest"], said["date_latest"]) == ("1960-01-01", "1969-12-31")
        assert photo.events.get(kind="photo-described").actor == owner

    def test_what_is_left_out_stays_and_empty_clears(self, owner: User, photo: Photo) -> None:
        describe_photo(photo=photo, actor=owner, title="Porch", place="Bandung", tags=["house"])
        answer = client_of(owner).patch(
            reverse("api:photo-detail", args=[photo.pk]), {"place": ""}, format="json"
        )
        said = answer.json()
        assert (said["title"], said["place"], said["tags"]) == ("Porch", "", ["house"])

    @pytest.mark.parametrize(
        ("body", "code", "field"),
        [
            ({"titel": "Porch"}, "invalid", "titel"),
            ({"title": "x" * 501}, "invalid", "title"),
            ({"date_edtf": "long ago"}, "archive:date:not-edtf", None),
            ({"filename": "b.png"}, "invalid", "filename"),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, owner: User, photo: Photo, body: dict, code: str, field: str | None
    ) -> None:
        answer = client_of(owner).patch(reverse("api:photo-detail", args=[photo.pk]), body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert list(answer.json()["fields"]) == ([field] if field else [])

    def test_embedded_metadata_have_an_address_of_their_own(self, owner: User, photo: Photo) -> None:
        photo.original.embedded = {"exif": {"Make": "Kodak"}}
        photo.original.save()
        answer = client_of(owner).get(reverse("api:photo-embedded", args=[photo.pk]))
        assert answer.json() == {"exif": {"Make": "Kodak"}, "iptc": {}, "xmp": {}}


class TestSeveralPhotos:
    def test_one_result_for_each(self, owner: User, photo: Photo) -> None:
        same = describe_photo(photo=make_photo(collection=photo.collection), actor=owner, place="Bandung")
        only_seen = make_photo(collection=make_collection(members={owner: Role.REVIEWER}))
        hidden = make_photo()
        named = [photo, same, only_seen, hidden]
        answer = client_of(owner).post(
            reverse("api:photo-descriptions"),
            {"photos": [str(each.pk) for each in named], "description": {"place": "Bandung"}},
            format="json",
        )
        items = answer.json()["results"]
        assert [item["id"] for item in items] == [str(each.pk) for each in named]
        assert [(item["status"], item["code"]) for item in items] == [
            ("done", ""),
            ("unchanged", ""),
            ("refused", "permission_denied"),
            ("refused", "not_found"),
        ]
        assert Photo.objects.filter(place="Bandung").count() == 2

    def test_tags_are_added_and_taken_away(self, owner: User, photo: Photo) -> None:
        describe_photo(photo=photo, actor=owner, tags=["old", "house"])
        client_of(owner).post(
            reverse("api:photo-descriptions"),
            {"photos": [str(photo.pk)], "add_tags": ["new"], "remove_tags": ["OLD"]},
            format="json",
        )
        assert [tag.name for tag in photo.tags.all()] == ["house", "new"]

    def test_a_description_that_does_not_fit_changes_nothing(self, owner: User, photo: Photo) -> None:
        answer = client_of(owner).post(
            reverse("api:photo-descriptions"),
            {"photos": [str(photo.pk), str(uuid4())], "description": {"date_edtf": "x", "place": "Bandung"}},
            format="json",
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "archive:date:not-edtf")
        photo.refresh_from_db()
        assert photo.place == ""


class TestTables:
    def test_the_table_holds_what_lies_below_and_nothing_hidden(
        self, owner: User, collection: Collection, photo: Photo
    ) -> None:
        below = make_photo(collection=create_collection(owner=owner, title="Part", parent=collection))
        make_photo()
        answer = client_of(owner).get(reverse("api:collection-descriptions", args=[collection.pk]))
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert {row["photo"] for row in rows} == {str(photo.pk), str(below.pk)}

    def test_looking_first_then_doing_it(self, owner: User, collection: Collection, photo: Photo) -> None:
        client = client_of(owner)
        address = reverse("api:collection-descriptions", args=[collection.pk])
        content = "filename,title,shelf\na.png,Porch,3\nb.png,Garden,4\n"
        answer = client.post(address, {"file": table(content)}, format="multipart")
        looked = answer.json()
        assert (answer.status_code, looked["state"], looked["dry_run"]) == (202, "planned", True)
        assert (looked["key"], looked["ignored"]) == ("filename", ["shelf"])
        assert (looked["changed"], looked["unchanged"], looked["refused"]) == (1, 0, 1)
        assert client.get(answer["Location"]).json() == looked
        rows = client.get(f"{answer['Location']}rows/").json()["results"]
        assert rows[0] == {
            "line": 2,
            "key": "a.png",
            "photo": str(photo.pk),
            "outcome": "changed",
            "changes": {"title": {"from": "", "to": "Porch"}},
            "code": "",
            "message": "",
        }
        assert (rows[1]["photo"], rows[1]["code"]) == (None, "archive:csv:not-found")
        (refused,) = client.get(f"{answer['Location']}rows/", {"outcome": "refused"}).json()["results"]
        assert refused == rows[1]
        photo.refresh_from_db()
        assert photo.title == ""

        begun = client.post(f"{answer['Location']}apply/")
        assert (begun.status_code, begun.json()["state"], begun["Location"]) == (
            202,
            "queued",
            answer["Location"],
        )
        assert client.post(f"{answer['Location']}apply/").json()["code"] == "archive:csv:being-applied"
        continue_metadata(looked["id"])
        done = client.get(answer["Location"]).json()
        assert (done["state"], done["dry_run"], done["changed"], done["refused"]) == ("done", False, 1, 1)
        photo.refresh_from_db()
        assert photo.title == "Porch"

    def test_without_a_look_first(self, owner: User, collection: Collection, photo: Photo) -> None:
        address = reverse("api:collection-descriptions", args=[collection.pk])
        sent = {"file": table("filename,title\na.png,Porch\n"), "dry_run": "false"}
        begun = client_of(owner).post(address, sent, format="multipart").json()
        assert (begun["state"], begun["dry_run"]) == ("queued", False)
        continue_metadata(begun["id"])
        photo.refresh_from_db()
        assert photo.title == "Porch"


class TestTree:
    def test_a_part_is_made_and_moved(self, owner: User, collection: Collection) -> None:
        client = client_of(owner)
        made = client.post(
            reverse("api:collection-list"),
            {"title": "Letters", "parent": str(collection.pk), "call_number": "KIT 1"},
            format="json",
        ).json()
        assert (made["parent"], made["level"], made["call_number"]) == (str(collection.pk), "series", "KIT 1")
        moved = client.post(
            reverse("api:collection-move", args=[made["id"]]),
            {"parent": None, "level": "fonds"},
            format="json",
        ).json()
        assert (moved["parent"], moved["level"]) == (None, "fonds")

    def test_not_into_what_is_somebody_elses(self, owner: User, collection: Collection) -> None:
        seen = make_collection(members={owner: Role.VIEWER})
        for address, body in (
            (reverse("api:collection-list"), {"title": "x"}),
            (reverse("api:collection-move", args=[collection.pk]), {}),
        ):
            answer = client_of(owner).post(address, {**body, "parent": str(seen.pk)}, format="json")
            assert (answer.status_code, list(answer.json()["fields"])) == (400, ["parent"])

    def test_a_move_into_itself_says_why_not(self, owner: User, collection: Collection) -> None:
        answer = client_of(owner).post(
            reverse("api:collection-move", args=[collection.pk]),
            {"parent": str(collection.pk)},
            format="json",
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "archive:tree:circle")

    def test_a_change_of_the_description_does_not_move(self, owner: User, collection: Collection) -> None:
        other = make_collection(owner=owner)
        answer = client_of(owner).patch(
            reverse("api:collection-detail", args=[collection.pk]),
            {"parent": str(other.pk), "notes": "in two boxes"},
            format="json",
        )
        assert (answer.json()["parent"], answer.json()["notes"]) == (None, "in two boxes")
