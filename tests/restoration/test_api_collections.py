"""Collections and photos over REST."""

import hashlib

import pytest
from django.urls import reverse

from archive.access.roles import Role
from archive.description.fields import COLLECTION_FIELDS
from archive.models import Collection, Event, Membership
from restoration.models import Restoration
from tests import pictures
from tests.factories import make_collection, make_photo, make_restoration, make_upload, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db


def upload(client, collection, content=None, name="photo.png"):
    address = reverse("api:collection-photos", args=[collection.pk])
    return client.post(address, {"file": make_upload(content, name)}, format="multipart")


def test_create_a_collection():
    user = make_user("siti")
    answer = client_of(user).post(reverse("api:collection-list"), {"title": "Bandung 1931"}, format="json")
    assert answer.status_code == 201
    collection = Collection.objects.get()
    assert answer.json() == {
        "id": str(collection.pk),
        "parent": None,
        "level": "fonds",
        **dict.fromkeys(COLLECTION_FIELDS, ""),
        "title": "Bandung 1931",
        "date_earliest": None,
        "date_latest": None,
        "auto_restore": True,
        "owner": "siti",
        "role": "owner",
        "photo_count": 0,
        "created_at": answer.json()["created_at"],
    }
    assert Membership.objects.get().user == user


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\0b"}, "title"),
    ],
)
def test_a_collection_that_is_refused_names_the_field(body, field):
    answer = client_of(make_user()).post(reverse("api:collection-list"), body, format="json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["fields"]) == [field]
    assert Collection.objects.count() == 0


def test_the_list_has_role_and_count_and_is_paged(django_assert_num_queries):
    user = make_user()
    theirs = make_collection(title="theirs", members={user: Role.VIEWER})
    make_photo(collection=theirs)
    make_photo(collection=theirs)
    for number in range(51):
        make_collection(owner=user, title=f"mine {number}")
    make_collection(title="a stranger's")
    client = client_of(user)
    with django_assert_num_queries(3):  # the token (two), the page
        first = client.get(reverse("api:collection-list")).json()
    assert (list(first), len(first["results"])) == (["next", "previous", "results"], 50)
    second = client.get(first["next"]).json()
    assert [(row["title"], row["role"], row["photo_count"]) for row in second["results"]] == [
        ("mine 0", "owner", 0),
        ("theirs", "viewer", 2),
    ]


def test_a_curator_changes_a_collection_and_it_is_recorded():
    collection = make_collection(title="before")
    address = reverse("api:collection-detail", args=[collection.pk])
    answer = client_of(collection.owner).patch(
        address, {"title": "after", "auto_restore": False}, format="json"
    )
    assert (answer.status_code, answer.json()["title"]) == (200, "after")
    collection.refresh_from_db()
    assert (collection.title, collection.auto_restore) == ("after", False)
    event = Event.objects.get(kind="collection-changed")
    assert event.actor == collection.owner
    assert event.details["changes"] == {
        "title": {"from": "before", "to": "after"},
        "auto_restore": {"from": True, "to": False},
    }


def test_nobody_gives_a_collection_away_by_patch():
    collection = make_collection()
    address = reverse("api:collection-detail", args=[collection.pk])
    client_of(collection.owner).patch(address, {"owner": make_user("thief").username}, format="json")
    owner_before = collection.owner
    collection.refresh_from_db()
    assert collection.owner == owner_before


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.VIEWER])
def test_only_curators_change_and_upload(role):
    member = make_user()
    collection = make_collection(members={member: role})
    address = reverse("api:collection-detail", args=[collection.pk])
    for answer in (
        client_of(member).patch(address, {"title": "mine"}, format="json"),
        upload(client_of(member), collection),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert (collection.photos.count(), Collection.objects.get().title) == (0, collection.title)


def test_upload_answers_with_the_photo_and_its_queued_restoration():
    collection = make_collection()
    content = pictures.rotated_jpeg(6, pictures.portrait(96, 128))
    answer = upload(client_of(collection.owner), collection, content, "Nenek di Solo.jpg")
    assert answer.status_code == 201
    photo = answer.json()
    assert photo["filename"] == "Nenek di Solo.jpg"
    assert photo["collection"] == str(collection.pk)
    assert photo["original"] == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "byte_size": len(content),
        "media_type": "image/jpeg",
        "width": 96,
        "height": 128,
    }
    restoration = Restoration.objects.get()
    assert photo["latest_restoration"]["id"] == str(restoration.pk)
    assert photo["latest_restoration"]["status"] == "queued"
    assert photo["latest_restoration"]["requested_by"] == collection.owner.username


def test_upload_without_automatic_restoration():
    collection = make_collection(auto_restore=False)
    assert upload(client_of(collection.owner), collection).json()["latest_restoration"] is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "archive:file:empty"),
        (b"once upon a time", "archive:file:not-an-image"),
        (pictures.truncated(pictures.jpeg(pictures.portrait())), "archive:file:truncated"),
        (pictures.png_that_claims(60_000, 60_000), "archive:file:too-many-pixels"),
    ],
)
def test_a_refused_file_is_told_by_its_code(content, code):
    collection = make_collection()
    answer = upload(client_of(collection.owner), collection, content)
    assert (answer.status_code, answer.json()["code"], answer.json()["fields"]) == (400, code, {})
    assert answer.json()["message"]


def test_the_same_file_twice_is_refused():
    collection = make_collection()
    content = pictures.png()
    upload(client_of(collection.owner), collection, content)
    answer = upload(client_of(collection.owner), collection, content)
    assert (answer.status_code, answer.json()["code"]) == (400, "archive:photo:duplicate")


def test_a_missing_file_field_is_named():
    collection = make_collection()
    address = reverse("api:collection-photos", args=[collection.pk])
    answer = client_of(collection.owner).post(address, {}, format="multipart")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["file"])


def test_an_upload_that_is_no_form_is_refused():
    collection = make_collection()
    address = reverse("api:collection-photos", args=[collection.pk])
    answer = client_of(collection.owner).post(address, b"\x89PNG", content_type="image/png")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_photos_come_with_their_newest_restoration_in_a_fixed_number_of_queries(django_assert_num_queries):
    collection = make_collection()
    newest = []
    for _ in range(4):
        photo = make_photo(collection=collection)
        make_restoration(photo=photo, status=Restoration.Status.FAILED)
        newest.append(str(make_restoration(photo=photo, requested_by=collection.owner).pk))
    make_photo(collection=collection)
    client = client_of(collection.owner)
    # token (two), collection, what is visible, count, keys, entries, photos, restorations, tags
    with django_assert_num_queries(10):
        page = client.get(reverse("api:collection-photos", args=[collection.pk])).json()
    shown = [photo["latest_restoration"] for photo in page["results"]]
    assert shown[0] is None
    assert [restoration["id"] for restoration in reversed(shown[1:])] == newest


def test_a_cursor_that_no_page_gave_is_refused():
    collection = make_collection()
    answer = client_of(collection.owner).get(reverse("api:collection-list"), {"cursor": "7"})
    assert (answer.status_code, answer.json()["code"]) == (400, "archive:finding:place")


def test_an_original_comes_back_byte_for_byte_whatever_the_client_accepts():
    content = pictures.jpeg(pictures.portrait())
    photo = make_photo(content=content, filename="a b.jpg")
    for accept in ("*/*", "image/png", "text/html"):
        answer = client_of(photo.uploaded_by).get(
            reverse("api:photo-original", args=[photo.pk]), HTTP_ACCEPT=accept
        )
        assert b"".join(answer.streaming_content) == content
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Content-Disposition"] == 'attachment; filename="a b.jpg"'
        assert answer["X-Content-Type-Options"] == "nosniff"
