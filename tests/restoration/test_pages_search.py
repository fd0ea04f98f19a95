"""The search page: words and filters over every collection that somebody may see."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from archive.models import Collection, Tag
from tests.archive.photo_rows import make_row
from tests.factories import make_collection, make_user
from tests.html_page import Page, get_page

pytestmark = pytest.mark.django_db

SEARCH = reverse("restoration:search")


@pytest.fixture
def album(curator: User) -> Collection:
    """A river of 1931 with a tag, and a road."""
    album = make_collection(owner=curator, title="Album")
    river = make_row(album, "river.png", title="River at Solo", date_edtf="1931", date_earliest="1931-01-01",
                     date_latest="1931-12-31")  # fmt: skip
    river.tags.add(Tag.objects.create(name="Banjir"))
    make_row(album, "road.png", title="Road to Solo")
    return album


def titles(page: Page) -> set[str]:
    return {link.text for link in page.all("a", class_="card__link")}


def test_finds_in_every_collection_that_one_may_see_and_says_in_which(
    signed_in: Client, curator: User, album: Collection
) -> None:
    make_row(make_collection(owner=curator, title="Box"), "other.png", title="Solo station")
    make_row(make_collection(owner=make_user()), "foreign.png", title="Solo, not for you")
    page = get_page(signed_in, f"{SEARCH}?q=solo")
    assert titles(page) == {"River at Solo", "Road to Solo", "Solo station"}
    assert {"Album", "Box"} <= {text.text for text in page.all("p", class_="card__text")}
    assert page.one("option", value="relevance")["selected"] is not None


def test_filters_in_force_can_be_taken_away_one_by_one(signed_in: Client, album: Collection) -> None:
    page = get_page(signed_in, f"{SEARCH}?q=solo&tag=banjir&date=193X&media_type=image/png&uploader=sri")
    assert titles(page) == {"River at Solo"}
    assert "1 photo found" in page.one("div", class_="asked").text
    chips = [link for link in page.all("a", class_="chip") if "Remove" in link.text]
    asked = {link.text.removesuffix(" \N{MULTIPLICATION SIGN}"): link["href"] for link in chips}
    assert list(asked) == [
        "Remove filter: Tag: banjir",
        "Remove filter: Date: 193X",
        "Remove filter: Uploaded by: sri",
        "Remove filter: Kind of file: PNG",
    ]
    without = asked["Remove filter: Tag: banjir"]
    assert without == f"{SEARCH}?q=solo&date=193X&uploader=sri&media_type=image%2Fpng"
    assert titles(get_page(signed_in, without)) == {"River at Solo"}


def test_within_a_collection_by_a_link(signed_in: Client, curator: User, album: Collection) -> None:
    make_row(make_collection(owner=curator), "other.png")
    page = get_page(signed_in, f"{SEARCH}?collection={album.pk}")
    assert titles(page) == {"River at Solo", "Road to Solo"}
    # It stays when words are added, and is told by its title.
    assert page.one("input", name="collection")["value"] == str(album.pk)
    assert "Collection: Album" in page.one("div", class_="asked").text


def test_what_was_not_understood_is_told_at_its_field(signed_in: Client, album: Collection) -> None:
    page = get_page(signed_in, f"{SEARCH}?date=yesterday")
    assert len(titles(page)) == 2
    assert "yesterday" in page.one("div", class_="field__errors").text
    assert "open" in page.one("details", class_="search__more").attributes


def test_nothing_found_says_so(signed_in: Client, album: Collection) -> None:
    page = get_page(signed_in, f"{SEARCH}?q=nowhere")
    assert "Nothing was found" in page.one("div", class_="empty").text
    assert page.all("select", id="gallery-order") == []


def test_an_empty_archive_says_so(signed_in: Client) -> None:
    assert "no photos yet" in get_page(signed_in, SEARCH).one("div", class_="empty").text


def test_words_are_shown_as_words(signed_in: Client, album: Collection) -> None:
    nasty = '"><script>alert(1)</script>'
    page = get_page(signed_in, f"{SEARCH}?q={nasty}&tag={nasty}")
    assert page.one("input", name="q")["value"] == nasty
    assert [script for script in page.all("script") if "src" not in script.attributes] == []


def test_in_one_collection_with_words(signed_in: Client, curator: User, album: Collection) -> None:
    make_row(make_collection(owner=curator), "other.png", title="Another river")
    gallery = reverse("restoration:collection_detail", args=[album.pk])
    page = get_page(signed_in, f"{gallery}?q=river")
    assert titles(page) == {"River at Solo"}
    assert page.one("form", id="find")["aria-label"] == "Search in this collection"


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    assert client.get(SEARCH).status_code == 302
