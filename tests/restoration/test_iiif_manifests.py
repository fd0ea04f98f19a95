"""The Presentation API 3.0: collections and manifests, read by a client of another house (iiisight), and what
they say of originals and restorations.
"""

from __future__ import annotations

from typing import Any

import iiisight
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from archive.iiif import collections
from archive.models import Collection, Photo
from archive.services import describe_photo, publish_collection
from restoration.models import Restoration, Review
from restoration.services import review_restoration
from tests import pictures
from tests.archive.photo_rows import make_row
from tests.factories import make_collection, make_photo, make_restoration, make_user

pytestmark = pytest.mark.django_db


def client_of(user: Any = None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def read(client: Client, address: str) -> dict[str, Any]:
    """The document, which iiisight reads without having to guess or to mend anything."""
    response = client.get(address)
    assert response.status_code == 200, response.content
    assert response["Content-Type"].startswith("application/ld+json")
    assert response["Access-Control-Allow-Origin"] == "*"
    document: dict[str, Any] = response.json()
    report = iiisight.lint(document)
    assert report.ok, report.diagnostics
    assert document["id"] == f"http://testserver{address}"
    return document


def manifest(client: Client, photo: Photo) -> dict[str, Any]:
    return read(client, reverse("iiif:manifest", args=[photo.pk]))


def choices(document: dict[str, Any]) -> list[dict[str, Any]]:
    [canvas] = document["items"]
    [annotation] = canvas["items"][0]["items"]
    assert annotation["target"] == canvas["id"]
    body = annotation["body"]
    return body["items"] if body["type"] == "Choice" else [body]


def values(document: dict[str, Any], label: str) -> dict[str, list[str]]:
    [found] = [each["value"] for each in document["metadata"] if label in each["label"].get("en", [])]
    return found


def approve(restoration: Restoration) -> None:
    owner = restoration.photo.collection.owner
    review_restoration(restoration=restoration, reviewer=owner, decision=Review.Decision.APPROVED)


def publish(collection: Collection, **fields: Any) -> None:
    publish_collection(collection=collection, actor=collection.owner, is_public=True, **fields)


def test_a_photo_without_restorations_is_its_original() -> None:
    photo = make_photo(content=pictures.png(pictures.gradient(640, 480)), filename="porch.png")
    document = manifest(client_of(photo.collection.owner), photo)
    assert (document["type"], document["label"]) == ("Manifest", {"none": ["porch.png"]})
    [canvas] = document["items"]
    assert (canvas["width"], canvas["height"]) == (640, 480)
    [original] = choices(document)
    assert original["label"] == {"en": ["Original"], "id": ["Asli"]}
    assert original["service"] == [
        {
            "id": f"http://testserver/iiif/image/original-{photo.pk}",
            "type": "ImageService3",
            "profile": "level2",
        }
    ]
    assert "requiredStatement" not in document


def test_a_member_chooses_among_original_and_versions() -> None:
    photo = make_photo()
    older, rejected, newer = (make_restoration(photo=photo) for _number in range(3))
    approve(older)
    review_restoration(
        restoration=rejected,
        reviewer=photo.collection.owner,
        decision=Review.Decision.REJECTED,
        reason="invented",
    )
    client = client_of(photo.collection.owner)
    document = manifest(client, photo)
    original, *restored = choices(document)
    assert [each["service"][0]["id"].rpartition("/")[2] for each in (original, *restored)] == [
        f"original-{photo.pk}",
        f"restored-{newer.pk}",
        f"restored-{older.pk}",
    ]
    day = f"{newer.finished_at:%Y-%m-%d}"
    assert restored[0]["label"]["en"] == [f"Restored by AI ({day}, Not reviewed)"]
    assert restored[1]["label"]["en"] == [f"Restored by AI ({day})"]
    [statement] = document["requiredStatement"]["value"]["en"]
    assert statement.startswith("Restored by AI:")
    # What is written there can be fetched.
    for each in (original, *restored):
        response = client.get(each["id"].removeprefix("http://testserver"))
        assert response.status_code == 200
        assert pictures.opened(response.content).size == (each["width"], each["height"])
    small = client.get(document["thumbnail"][0]["id"].removeprefix("http://testserver"))
    assert small["Content-Type"] == "image/jpeg"


def test_a_guest_sees_the_newest_approved_version_as_large_as_the_pages_show_it() -> None:
    photo = make_photo(content=pictures.png(pictures.gradient(2000, 1000)))
    approved = make_restoration(photo=photo)
    unseen = make_restoration(photo=photo)
    guest = client_of()
    address = reverse("iiif:manifest", args=[photo.pk])
    assert guest.get(address).status_code == 404
    publish(photo.collection)
    assert len(choices(manifest(guest, photo))) == 1
    approve(approved)
    document = manifest(guest, photo)
    original, restored = choices(document)
    assert restored["service"][0]["id"].endswith(f"/restored-{approved.pk}-preview")
    assert original["service"][0]["id"].endswith(f"/original-{photo.pk}-preview")
    assert (restored["width"], restored["height"]) == (1600, 800)
    assert document["items"][0]["width"] == 2000
    assert document["homepage"][0]["id"].endswith(reverse("restoration:guest_photo", args=[photo.pk]))
    for refused in (f"restored-{approved.pk}", f"restored-{unseen.pk}", f"restored-{unseen.pk}-preview"):
        assert guest.get(reverse("iiif:image_info", args=[refused])).status_code == 404
    publish(photo.collection, public_downloads=True)
    assert [each["width"] for each in choices(manifest(guest, photo))] == [2000, 2000]
    # The photo's own people see all of it at the same address, and no cache keeps that for others.
    response = client_of(photo.collection.owner).get(address)
    assert len(choices(response.json())) == 3
    assert response["Cache-Control"] == "private, no-cache"
    assert guest.get(address)["Cache-Control"] == "public, max-age=300"


def test_descriptions_come_in_the_readers_language(settings: Settings) -> None:
    settings.PULIH_ORGANISATION = "Arsip Kota"
    photo = make_photo()
    describe_photo(
        photo=photo,
        actor=photo.collection.owner,
        tags=["garden", "Sri"],
        title="Sri's garden",
        description="By the gate.",
        creator="Kusuma",
        date_edtf="1950-05~",
        rights="CC BY 4.0 https://creativecommons.org/licenses/by/4.0/, Kusuma",
        source="<b>Album</b>",
        notes="For those who work here.",
    )
    document = manifest(client_of(photo.collection.owner), photo)
    assert document["label"] == {"none": ["Sri's garden"]}
    assert document["summary"] == {"none": ["By the gate."]}
    assert document["rights"] == "http://creativecommons.org/licenses/by/4.0/"
    assert document["navDate"] == f"{photo.date_earliest or '1950-05-01'}T00:00:00Z"
    assert values(document, "creator") == {"none": ["Kusuma"]}
    assert values(document, "date") == {"en": ["about May 1950"], "id": ["sekitar Mei 1950"]}
    assert values(document, "Tags") == {"none": ["Sri", "garden"]}
    # Viewers would take it for HTML.
    assert values(document, "source") == {"none": ["<span>&lt;b&gt;Album&lt;/b&gt;</span>"]}
    assert document["requiredStatement"]["value"]["none"][1] == "Arsip Kota"
    assert "work here" not in str(document)
    creator = [each["label"] for each in document["metadata"] if each["value"] == {"none": ["Kusuma"]}]
    assert creator == [{"en": ["creator"], "id": ["pencipta"]}]


def test_the_tree_is_walked_from_its_root_to_a_photo() -> None:
    fonds = make_collection(title="Fonds")
    series = make_collection(owner=fonds.owner, parent=fonds, title="Series", creator="Kusuma")
    photo = make_row(series, "a.png")
    other = make_collection(title="Another's")
    client = client_of(fonds.owner)
    root = read(client, reverse("iiif:root"))
    assert [each["label"] for each in root["items"]] == [{"none": ["Fonds"]}]
    above = read(client, root["items"][0]["id"].removeprefix("http://testserver"))
    assert [each["type"] for each in above["items"]] == ["Collection"]
    below = read(client, above["items"][0]["id"].removeprefix("http://testserver"))
    assert below["partOf"][0]["id"] == above["id"]
    [item] = below["items"]
    assert (item["type"], item["label"]) == ("Manifest", {"none": ["a.png"]})
    assert item["id"].endswith(reverse("iiif:manifest", args=[photo.pk]))
    assert client.get(reverse("iiif:collection", args=[other.pk])).status_code == 404
    assert read(client_of(), reverse("iiif:root"))["items"] == []


def test_a_guest_sees_the_tree_as_far_as_it_is_public() -> None:
    hidden = make_collection(title="Hidden")
    shown = make_collection(owner=hidden.owner, parent=hidden, title="Shown")
    publish(shown)
    guest = client_of()
    assert [each["label"]["none"] for each in read(guest, reverse("iiif:root"))["items"]] == [["Shown"]]
    assert "partOf" not in read(guest, reverse("iiif:collection", args=[shown.pk]))


def test_many_photos_come_in_pages(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(collections, "PAGE_SIZE", 3)
    collection = make_collection()
    for number in range(7):
        make_row(collection, f"{number}.png")
    client = client_of(collection.owner)
    whole = read(client, reverse("iiif:collection", args=[collection.pk]))
    labels = [each["label"]["en"] for each in whole["items"]]
    assert labels == [["Photos 1 to 3"], ["Photos 4 to 6"], ["Photos 7 to 7"]]
    names = []
    for page in whole["items"]:
        document = read(client, page["id"].removeprefix("http://testserver"))
        assert document["partOf"][0]["id"] == whole["id"]
        names += [each["label"]["none"][0] for each in document["items"]]
    assert names == [f"{number}.png" for number in range(7)]
    for none in (0, 4):
        address = reverse("iiif:collection_page", args=[collection.pk, none])
        assert client.get(address).status_code == 404
    address = reverse("iiif:collection_page", args=[collection.pk, 1])
    with django_assert_num_queries(5):
        client.get(address)


def test_whoever_wants_plain_json_gets_it() -> None:
    response = client_of(make_user()).get(reverse("iiif:root"), headers={"Accept": "application/json"})
    assert response["Content-Type"] == "application/json"


def test_pages_of_photos_name_the_manifest() -> None:
    photo = make_photo()
    publish(photo.collection)
    link = f'href="{reverse("iiif:manifest", args=[photo.pk])}"'.encode()
    for client, name in ((client_of(photo.collection.owner), "photo_detail"), (client_of(), "guest_photo")):
        page = client.get(reverse(f"restoration:{name}", args=[photo.pk])).content
        assert b'rel="alternate"' in page
        assert link in page
