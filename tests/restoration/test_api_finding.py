"""Finding over REST: the same questions as the pages take, answers for programs."""

import pytest
from django.urls import reverse

from archive.models import Collection
from tests.archive.photo_rows import make_row
from tests.factories import make_collection, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db

PHOTOS = reverse("api:photo-list")


@pytest.fixture
def album() -> Collection:
    album = make_collection()
    for name in ("one", "two", "three", "four", "five"):
        make_row(album, f"{name}.png", title=f"River {name}")
    return album


def names(page):
    return [photo["filename"].removesuffix(".png") for photo in page["results"]]


def test_pages_are_followed_to_the_end_and_back(album):
    client = client_of(album.owner)
    page = client.get(PHOTOS, {"page_size": 2}).json()
    assert (page["count"], page["count_is_exact"], page["previous"]) == (5, True, None)
    seen = [names(page)]
    while page["next"]:
        page = client.get(page["next"]).json()
        seen.append(names(page))
    assert seen == [["five", "four"], ["three", "two"], ["one"]]
    back = client.get(page["previous"]).json()
    assert names(back) == ["three", "two"]
    assert names(client.get(back["previous"]).json()) == ["five", "four"]
    assert names(client.get(PHOTOS, {"page_size": 2, "before": "end"}).json()) == ["two", "one"]


def test_words_filters_and_orders(album):
    make_row(make_collection(owner=album.owner), "elsewhere.png", title="Road")
    client = client_of(album.owner)
    assert names(client.get(PHOTOS, {"q": "river two"}).json()) == ["two"]
    assert names(client.get(PHOTOS, {"q": "road"}).json()) == ["elsewhere"]
    own = reverse("api:collection-photos", args=[album.pk])
    assert names(client.get(own, {"q": "road"}).json()) == []
    assert names(client.get(own, {"sort": "name", "state": "none"}).json())[0] == "five"
    assert names(client.get(PHOTOS, {"collection": album.pk, "sort": "oldest"}).json())[0] == "one"


def test_nobody_finds_what_he_may_not_see(album):
    client = client_of(make_user())
    assert client.get(PHOTOS, {"q": "river"}).json()["count"] == 0
    refused = client.get(PHOTOS, {"collection": album.pk})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["collection"])


@pytest.mark.parametrize(
    "parameters",
    [
        {"date": "yesterday"},
        {"state": "lost"},
        {"damage_from": "lots"},
        {"sort": "chance"},
        {"uploader": "nobody"},
        {"collection": "1"},
        {"page_size": "0"},
        {"page_size": "201"},
    ],
)
def test_what_cannot_be_understood_is_refused_by_its_name(album, parameters):
    answer = client_of(album.owner).get(PHOTOS, parameters)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == list(parameters)


def test_a_place_that_no_page_gave_is_refused(album):
    answer = client_of(album.owner).get(PHOTOS, {"after": "nonsense"})
    assert (answer.status_code, answer.json()["code"]) == (400, "archive:finding:place")
