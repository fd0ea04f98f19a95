"""Every sort and every filter of both lists of photos takes as many queries for many photos as for few."""

import itertools

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archive.models import Collection, Tag
from restoration.models import Restoration
from tests.factories import make_collection, make_photo, make_restoration

pytestmark = pytest.mark.django_db

MOST_QUERIES = 18
FILTERS = (
    "q=photo",
    "q=-lost",
    "tag=solo",
    "date=1900/1999",
    "uploader={owner}",
    "media_type=image/png",
    "state=failed",
    "damage=heavy",
    "damage_from=10",
)
SORTS = ("", "newest", "oldest", "name", "date", "latest", "damage", "invention")


def test_queries_do_not_grow_with_the_photos(client: Client) -> None:
    collection = make_collection()
    client.force_login(collection.owner)
    asked = [
        each.format(owner=collection.owner.username) + f"&sort={sort}"
        for each, sort in itertools.zip_longest(FILTERS, SORTS, fillvalue="")
    ]
    lists = reverse("restoration:collection_detail", args=[collection.pk]), reverse("restoration:search")
    addresses = [f"{place}?{query}" for place in lists for query in asked]
    solo = Tag.objects.create(name="Solo")
    fill(collection, solo, 1)
    few = [queries_of(client, address) for address in addresses]
    fill(collection, solo, 3)
    assert [queries_of(client, address) for address in addresses] == few
    assert max(few) <= MOST_QUERIES


def fill(collection: Collection, tag: Tag, number: int) -> None:
    """So many photos that every filter finds, each with a failed restoration after one that was measured."""
    for _ in range(number):
        photo = make_photo(collection=collection, filename="photo.png")
        photo.tags.add(tag)
        outcome = {"share_damaged": 0.4, "change_report": {"level": "heavy"}}
        make_restoration(photo=photo, outcome=outcome)
        make_restoration(
            photo=make_photo(collection=collection, filename="photo.png"), status=Restoration.Status.FAILED
        )


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
