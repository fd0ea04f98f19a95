"""Lists over REST: one form, pages that hold while rows come and go, orders, some of the fields."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from archive.models import Collection
from archive.services import NewEvent, record_events
from restoration.models import Restoration
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db

LIST = "api:collection-list"


def pages(client: APIClient, address: str, link: str = "next") -> list[list[Any]]:
    """The results of the page at the address, and of all that follow by `link`."""
    found = []
    while address:
        page = client.get(address).json()
        assert list(page) == ["next", "previous", "results"]
        found.append(page["results"])
        address = page[link]
    return found


@pytest.fixture
def client() -> APIClient:
    user = make_user()
    for title in "fbdaec":
        make_collection(owner=user, title=title)
    return client_of(user)


@pytest.mark.parametrize(
    ("ordering", "titles"),
    [("title", "abcdef"), ("-title", "fedcba"), ("created_at", "fbdaec"), ("-created_at", "ceadbf")],
)
def test_every_row_comes_once_in_the_order_asked_for(client: APIClient, ordering: str, titles: str) -> None:
    found = pages(client, f"{reverse(LIST)}?ordering={ordering}&page_size=4")
    assert [[row["title"] for row in page] for page in found] == [list(titles[:4]), list(titles[4:])]


def test_one_goes_back_as_one_came(client: APIClient) -> None:
    first = client.get(reverse(LIST), {"ordering": "title", "page_size": 2}).json()
    last = client.get(client.get(first["next"]).json()["next"]).json()
    assert last["next"] is None
    back = [[row["title"] for row in page] for page in pages(client, last["previous"], "previous")]
    assert back == [["c", "d"], ["a", "b"]]
    assert first["previous"] is None


def test_what_comes_and_goes_meanwhile_moves_nothing(client: APIClient) -> None:
    first = client.get(reverse(LIST), {"ordering": "title", "page_size": 2}).json()
    owner = Collection.objects.get(title="a").owner
    make_collection(owner=owner, title="aa")
    Collection.objects.filter(title="b").update(deleted_at=timezone.now())
    assert [row["title"] for row in client.get(first["next"]).json()["results"]] == ["c", "d"]


def test_thousands_of_one_moment_are_all_there() -> None:
    collection = make_collection()
    kinds = [NewEvent(collection=collection, kind="test:tick", details={"n": n}) for n in range(1200)]
    record_events(events=kinds)
    address = reverse("api:collection-events", args=[collection.pk])
    found = pages(client_of(collection.owner), f"{address}?kind=test:tick&page_size=200&fields=details")
    assert sorted(row["details"]["n"] for page in found for row in page) == list(range(1200))


def test_what_was_not_measured_comes_last_on_any_page() -> None:
    collection = make_collection(auto_restore=False)
    for invention in (None, 3.5, None, 9.25, 1.0):
        restoration = make_restoration(photo=make_photo(collection=collection))
        Restoration.objects.filter(pk=restoration.pk).update(invention=invention)
    client, address = (
        client_of(collection.owner),
        reverse("api:collection-restorations", args=[collection.pk]),
    )
    query = "page_size=2&fields=invention"
    for ordering, wanted in (("invention", [1.0, 3.5, 9.25]), ("-invention", [9.25, 3.5, 1.0])):
        found = pages(client, f"{address}?{query}&ordering={ordering}")
        assert [row["invention"] for page in found for row in page] == [*wanted, None, None]
    last = client.get(client.get(f"{address}?{query}&ordering=invention").json()["next"]).json()["next"]
    back = pages(client, client.get(last).json()["previous"], "previous")
    assert [row["invention"] for page in back[::-1] for row in page] == [1.0, 3.5, 9.25, None]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "nonsense"}, "archive:finding:place"),
        ({"ordering": "owner"}, "invalid"),
        ({"page_size": "0"}, "invalid"),
        ({"page_size": "201"}, "invalid"),
        ({"fields": "id,nothing"}, "invalid"),
        ({"parent": "nonsense"}, "invalid"),
    ],
)
def test_what_means_nothing_is_refused(client: APIClient, query: dict[str, str], code: str) -> None:
    answer = client.get(reverse(LIST), query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_cursor_is_good_for_the_list_that_gave_it(client: APIClient) -> None:
    place = (
        client.get(reverse(LIST), {"page_size": 2}).json()["next"].partition("cursor=")[2].partition("&")[0]
    )
    answer = client.get(f"{reverse(LIST)}?ordering=title&cursor={place}")
    assert (answer.status_code, answer.json()["code"]) == (400, "archive:finding:place")


def test_lists_and_details_give_the_fields_that_are_asked_for(client: APIClient) -> None:
    row = client.get(reverse(LIST), {"fields": "id,title", "ordering": "title"}).json()["results"][0]
    assert (list(row), row["title"]) == (["id", "title"], "a")
    one = client.get(reverse("api:collection-detail", args=[row["id"]]), {"fields": "photo_count"})
    assert one.json() == {"photo_count": 0}
    photo = make_restoration(photo=make_photo(collection=Collection.objects.get(title="a"))).photo
    shown = client.get(reverse("api:photo-detail", args=[photo.pk]), {"fields": "latest_restoration,title"})
    assert list(shown.json()) == ["title", "latest_restoration"]
    assert shown.json()["latest_restoration"]["photo"] == str(photo.pk)


def test_parts_of_a_collection_and_of_a_title(client: APIClient) -> None:
    parent = Collection.objects.get(title="a")
    part = make_collection(owner=parent.owner, parent=parent, title="Letters home")
    for query in ({"parent": str(parent.pk)}, {"title": "LETTERS"}):
        assert [row["id"] for row in client.get(reverse(LIST), query).json()["results"]] == [str(part.pk)]
    assert len(client.get(reverse(LIST), {"parent": "none"}).json()["results"]) == 6
