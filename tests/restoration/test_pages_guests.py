"""What guests see of public collections and by share links, and what they do not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive.models import Collection, ShareLink
from archive.services import (
    create_share_link,
    describe_photo,
    publish_collection,
    revoke_share_link,
)
from restoration.models import Restoration, Review
from restoration.services import review_restoration
from tests.archive.camera_files import telling_jpeg
from tests.factories import make_collection, make_photo, make_restoration
from tests.html_page import get_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection() -> Collection:
    return make_collection(title="Album of 1932", auto_restore=False)


@pytest.fixture
def restoration(collection) -> Restoration:
    """A camera's photo in a part of the collection; one version rejected, one approved, one open."""
    series = make_collection(owner=collection.owner, parent=collection, title="Box 3", auto_restore=False)
    photo = make_photo(collection=series, content=telling_jpeg(), filename="porch.jpg")
    describe_photo(photo=photo, actor=collection.owner, title="On the porch", place="Solo", notes="Ask Siti")
    decided = {}
    for decision in Review.Decision:
        decided[decision] = make_restoration(photo=photo)
        review_restoration(
            restoration=decided[decision], reviewer=collection.owner, decision=decision, comment="Well done"
        )
    make_restoration(photo=photo)
    return Restoration.objects.get(pk=decided[Review.Decision.APPROVED].pk)


def publish(collection, *, downloads=False):
    publish_collection(
        collection=collection, actor=collection.owner, is_public=True, public_downloads=downloads
    )


def link_to(collection, **fields):
    ends = timezone.now() + timedelta(days=1)
    link, key = create_share_link(collection=collection, actor=collection.owner, expires_at=ends, **fields)
    return link, reverse("archive:share_link", args=[key])


def pages_of(restoration):
    photo = restoration.photo
    return [
        reverse("restoration:guest_collection", args=[photo.collection_id]),
        reverse("restoration:guest_photo", args=[photo.pk]),
        reverse("archive:guest_rendition", args=[photo.pk, "web"]),
        reverse("restoration:guest_result_rendition", args=[restoration.pk, "web"]),
    ]


def files_of(restoration):
    return [
        reverse("archive:guest_original", args=[restoration.photo_id]),
        reverse("restoration:guest_result", args=[restoration.pk]),
    ]


def statuses(client, addresses):
    return {client.get(address).status_code for address in addresses}


def test_nothing_is_open_by_itself(client, collection, restoration):
    assert statuses(client, pages_of(restoration) + files_of(restoration)) == {404}
    assert "Album" not in client.get(reverse("archive:public_collections")).content.decode()
    client.force_login(collection.owner)
    assert statuses(client, pages_of(restoration)) == {404}


def test_public_is_to_be_looked_at_and_with_downloads_to_be_had(client, collection, restoration):
    publish(collection)
    assert statuses(client, pages_of(restoration)) == {200}
    assert statuses(client, files_of(restoration)) == {404}
    publish(collection, downloads=True)
    assert statuses(client, files_of(restoration)) == {200}
    publish_collection(collection=collection, actor=collection.owner, is_public=False)
    assert statuses(client, pages_of(restoration) + files_of(restoration)) == {404}


def test_pages_lead_from_the_list_to_the_photo_and_back(client, collection, restoration):
    publish(collection, downloads=True)
    listed = get_page(client, reverse("archive:public_collections"))
    # The part is found in the whole, not beside it.
    assert [link.text for link in listed.all("a", href=pages_of(restoration)[0])] == []
    whole = reverse("restoration:guest_collection", args=[collection.pk])
    assert listed.one("a", href=whole).text == "Album of 1932"
    assert get_page(client, whole).one("a", href=pages_of(restoration)[0]).text == "Box 3"
    gallery = get_page(client, pages_of(restoration)[0])
    assert gallery.one("a", href=pages_of(restoration)[1], class_="card__link").text == "On the porch"
    photo = get_page(client, f"{pages_of(restoration)[1]}?closer")
    addresses = {element["src"] for element in photo.all("img") if "src" in element.attributes}
    assert set(pages_of(restoration)[2:]) <= addresses
    assert {element["href"] for element in photo.all("a")} >= set(files_of(restoration))


def test_only_approved_work_and_no_internals(client, collection, restoration):
    publish(collection, downloads=True)
    for other in Restoration.objects.exclude(pk=restoration.pk):
        assert statuses(client, [files_of(other)[1], pages_of(other)[3]]) == {404}
    text = client.get(pages_of(restoration)[1]).content.decode()
    assert "On the porch" in text
    assert "Solo" in text
    for internal in ("Ask Siti", "Well done", collection.owner.username, "porch.jpg"):
        assert internal not in text


def test_files_come_without_what_the_camera_tells(client, collection, restoration):
    publish(collection, downloads=True)
    stored = telling_jpeg()
    original = client.get(files_of(restoration)[0])
    content = original.getvalue()
    assert content != stored
    assert original["Content-Disposition"] == 'attachment; filename="porch.jpg"'
    part = client.get(files_of(restoration)[0], headers={"Range": "bytes=5-99"})
    assert (part.status_code, part.getvalue()) == (206, content[5:100])


def test_a_link_opens_its_collection_to_this_browser_and_no_other(client, collection, restoration):
    link, address = link_to(collection)
    answer = client.get(address)
    assert answer["Location"] == reverse("restoration:guest_collection", args=[collection.pk])
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert statuses(client, pages_of(restoration)) == {200}
    assert statuses(client, files_of(restoration)) == {404}
    assert statuses(Client(), pages_of(restoration)) == {404}
    client.get(address)
    link.refresh_from_db()
    assert link.visit_count == 1
    Client().get(address)
    link.refresh_from_db()
    assert link.visit_count == 2


@pytest.mark.parametrize("how", ["revoked", "ended", "binned"])
def test_a_link_closes_for_those_who_are_inside_too(client, collection, restoration, how):
    link, address = link_to(collection, with_downloads=True)
    client.get(address)
    assert statuses(client, pages_of(restoration) + files_of(restoration)) == {200}
    if how == "revoked":
        revoke_share_link(link=link, actor=collection.owner)
    elif how == "ended":
        ShareLink.objects.update(expires_at=timezone.now())
    else:
        Collection.objects.filter(pk=collection.pk).update(deleted_at=timezone.now())
    assert statuses(client, pages_of(restoration) + files_of(restoration)) == {404}
    assert client.get(address).status_code == 404


def test_links_add_up(client, collection, restoration):
    other = make_photo(collection=make_collection(title="Other"))
    for each in (collection, other.collection):
        client.get(link_to(each)[1])
    listed = client.get(reverse("archive:public_collections")).content.decode()
    assert "Album of 1932" in listed
    assert "Other" in listed


def test_a_link_opens_none_of_the_members_pages(client, collection, restoration):
    client.get(link_to(collection, with_downloads=True)[1])
    members_only = [
        reverse("restoration:collection_detail", args=[collection.pk]),
        reverse("restoration:photo_detail", args=[restoration.photo_id]),
        reverse("archive:original", args=[restoration.photo_id]),
        reverse("restoration:result", args=[restoration.pk]),
    ]
    for address in members_only:
        assert client.get(address)["Location"].startswith(reverse("sign_in"))
    assert client.get(reverse("api:photo-detail", args=[restoration.photo_id])).status_code == 401


def test_a_large_collection_is_shown_a_page_at_a_time(
    client, collection, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr("restoration.views.guests.PHOTOS_PER_PAGE", 2)
    for number in range(5):
        make_photo(collection=collection, filename=f"{number}.png")
    publish(collection)
    address = reverse("restoration:guest_collection", args=[collection.pk])
    seen = []
    page = get_page(client, address)
    while True:
        seen += [link.text for link in page.all("a") if link.text.endswith(".png")]
        following = page.all("a", rel="next")
        if not following:
            break
        page = get_page(client, address + following[0]["href"])
    assert seen == ["4.png", "3.png", "2.png", "1.png", "0.png"]
    with django_assert_max_num_queries(10):
        client.get(address)
    assert client.get(f"{address}?after=nonsense").status_code == 404
