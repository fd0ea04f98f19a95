"""The log of a collection and all below it: pages by the last event seen, each collection giving its own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from archive.errors import InputError
from archive.models import Collection, Event
from archive.querysets import visible
from archive.querysets.pages import page_by_key
from archive.services import NewEvent, create_collection, record_events
from archive.views import keeping
from tests.factories import make_collection, make_user
from tests.html_page import Page, get_page
from tests.query_plans import assert_found_by

pytestmark = pytest.mark.django_db

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PLACES = (0, 0, 1, 0, 2, 2, 2, 0, 1, 0, 0, 0, 2, 1, 1, 0, 2, 0, 0)
"""In which of three collections something happened, minute by minute."""


@pytest.fixture
def owner() -> User:
    return make_user("sri")


@pytest.fixture
def fonds(owner: User) -> Collection:
    """With two parts; every third thing happened at the moment of the one before it."""
    fonds = make_collection(owner=owner, title="Fonds")
    homes = [fonds, *(create_collection(owner=owner, title=f"Part {n}", parent=fonds) for n in (1, 2))]
    record_events(
        events=[
            NewEvent(
                kind="test:tick" if number % 4 else "test:tock",
                collection=homes[place],
                details={"n": number},
                happened_at=BEGAN + timedelta(minutes=number - (number % 3 == 2)),
            )
            for number, place in enumerate(PLACES)
        ]
    )
    # Of others, and newer than all of it.
    record_events(events=[NewEvent(kind="test:tick", collection=make_collection(), details={"n": -1})])
    return fonds


def ticks(**more: Any) -> Any:
    return Event.objects.filter(kind__startswith="test:", **more).for_lists()


def keys_in(fonds: Collection) -> Any:
    return Collection.objects.within(fonds).keys_to_filter_by()


def paged(events: Any, collections: Any, size: int, *, from_end: bool = False) -> list[Event]:
    """All of them, page by page; from the end backwards, they come in the same order."""
    page = page_by_key(events, size=size, collections=collections, from_end=from_end)
    rows = page.rows
    while place := page.previous if from_end else page.next:
        page = page_by_key(events, size=size, collections=collections, place=place)
        rows = [*page.rows, *rows] if from_end else [*rows, *page.rows]
    return rows


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("order", [("-created_at", "id"), ("created_at", "-id")])
def test_every_event_comes_once_and_in_order(fonds: Collection, size: int, order: tuple[str, str]) -> None:
    plainly = list(ticks(collection__in=keys_in(fonds)).order_by(*order))
    assert len(plainly) == len(PLACES)
    assert paged(ticks().order_by(*order), keys_in(fonds), size) == plainly
    assert paged(ticks(kind="test:tock"), keys_in(fonds), size) == list(
        ticks(kind="test:tock", collection__in=keys_in(fonds))
    )


def test_from_the_end_one_comes_to_the_beginning(fonds: Collection) -> None:
    plainly = list(ticks(collection__in=keys_in(fonds)))
    last = page_by_key(ticks(), size=5, collections=keys_in(fonds), from_end=True)
    assert (last.rows, last.next) == (plainly[-5:], None)
    seen = paged(ticks(), keys_in(fonds), 5, from_end=True)
    # The page before which too few are left is the first one, and full.
    assert seen[:5] == plainly[:5]
    assert set(seen) == set(plainly)


def test_one_collection_or_very_many_make_no_difference(
    fonds: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = Collection.objects.get(title="Part 2")
    assert paged(ticks(), [part.pk], 2) == list(ticks(collection=part))
    told = paged(ticks(), keys_in(fonds), 2)
    monkeypatch.setattr(visible, "MANY_COLLECTIONS", 1)
    assert not isinstance(keys_in(fonds), list)
    assert paged(ticks(), keys_in(fonds), 2) == told
    assert paged(ticks(), [], 2) == []


def test_a_place_of_another_order_is_refused(fonds: Collection) -> None:
    place = page_by_key(ticks(), size=2).next
    assert place is not None
    for events, wrong in ((ticks().order_by("created_at", "-id"), place), (ticks(), "7")):
        with pytest.raises(InputError) as refused:
            page_by_key(events, size=2, place=wrong)
        assert refused.value.code == "archive:finding:place"


class TestPage:
    @pytest.fixture
    def address(self, client: Client, owner: User, fonds: Collection, monkeypatch: pytest.MonkeyPatch) -> str:
        client.force_login(owner)
        monkeypatch.setattr(keeping, "EVENTS_PER_PAGE", 8)
        return reverse("archive:collection_keeping", args=[fonds.pk])

    def link(self, page: Page, text: str) -> str:
        (found,) = (each for each in page.all("a") if each.text == text)
        return str(found["href"])

    def lines(self, page: Page) -> int:
        return len(page.all("li", class_="history__item"))

    def test_one_goes_to_the_last_page_and_back(self, client: Client, address: str) -> None:
        # Three collections were created, too: 22 events.
        first = get_page(client, address)
        second = get_page(client, self.link(first, "Next"))
        third = get_page(client, self.link(second, "Next"))
        assert [self.lines(page) for page in (first, second, third)] == [8, 8, 6]
        assert "Next" not in third.one("nav", aria_label="Pages").text
        assert self.link(third, "First") == address
        last = get_page(client, self.link(first, "Last"))
        assert self.lines(last) == 8
        assert "Previous" in last.one("nav", aria_label="Pages").text
        assert get_page(client, self.link(third, "Previous")).one("ol").text == second.one("ol").text

    @pytest.mark.parametrize("place", ["7", "nonsense", ""])
    def test_what_names_no_place_shows_the_first_page(self, client: Client, address: str, place: str) -> None:
        assert get_page(client, f"{address}?page={place}").one("ol").text == (
            get_page(client, address).one("ol").text
        )


def test_an_index_gives_each_collection_its_own(fonds: Collection) -> None:
    # So many of others that it is worth asking for one's own.
    stranger = make_collection()
    strange = [NewEvent(kind="test:tick", collection=stranger, details={"n": n}) for n in range(2000)]
    record_events(events=strange)
    (one, *_others) = keys = keys_in(fonds)
    newest = Event.objects.filter(collection=one).for_lists()[:50]
    assert_found_by("event_log", newest)
    assert_found_by("event_log", Event.objects.filter(collection__in=keys, created_at__gte=BEGAN))
    of_a_kind = Event.objects.filter(collection__in=keys, kind="test:tick").order_by()
    assert_found_by("event_log_of_kind", of_a_kind)
