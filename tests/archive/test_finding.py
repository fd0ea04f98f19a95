"""Filters, orders, pages and counts: what is found, for whom, and that pages neither lose nor double."""

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from archive.access.visitors import Guest, Visitor, limit_to_collections
from archive.errors import InputError
from archive.finding import counts, pages
from archive.finding.counts import FoundCount, count_found, count_states
from archive.finding.criteria import Criteria, criteria_of
from archive.finding.pages import page_of
from archive.models import CatalogueEntry, Collection, Membership, Photo, Tag
from archive.services import create_collection
from restoration.models import Restoration
from tests.archive.photo_rows import make_row
from tests.factories import make_collection, make_photo, make_restoration, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make_user("sri")


@pytest.fixture
def collection(owner: User) -> Collection:
    return make_collection(owner=owner)


def asked(visitor: Visitor, query: str = "", collection: Collection | None = None) -> Criteria:
    return criteria_of(visitor, QueryDict(query), collection)


def names(criteria: Criteria, size: int = 50, **place: str) -> list[str]:
    keys = page_of(criteria, size=size, **place).photos
    found = Photo.objects.in_bulk(keys)
    return [found[key].filename for key in keys]


class TestWho:
    def test_members_find_what_they_may_see_and_nobody_else_anything(self, collection: Collection) -> None:
        make_row(collection, "a")
        member, outsider = make_user(), make_user(is_staff=True, is_superuser=True)
        Membership.objects.create(collection=collection, user=member, role=Membership.Role.VIEWER)
        assert names(asked(member)) == names(asked(collection.owner)) == ["a"]
        assert names(asked(outsider)) == names(asked(AnonymousUser())) == names(asked(Guest())) == []
        # Also where somebody knows the collection.
        assert names(asked(outsider, collection=collection)) == []
        assert names(asked(outsider, f"collection={collection.pk}")) == []

    def test_a_role_holds_for_what_lies_below_and_a_token_for_no_more_than_it_says(
        self, owner: User, collection: Collection
    ) -> None:
        part = create_collection(owner=make_user(), title="Part", parent=collection)
        make_row(collection, "above")
        make_row(part, "below")
        assert set(names(asked(owner))) == {"above", "below"}
        limit_to_collections(owner, [part.pk])
        assert names(asked(owner)) == ["below"]

    def test_nothing_in_a_bin_is_found(self, owner: User, collection: Collection) -> None:
        gone = make_row(collection, "gone")
        Photo.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
        assert names(asked(owner)) == []
        make_row(collection, "here")
        Collection.objects.filter(pk=collection.pk).update(deleted_at=timezone.now())
        assert names(asked(owner)) == []

    def test_guests_find_what_is_public_and_learn_no_states(self, collection: Collection) -> None:
        make_row(collection, "a")
        Collection.objects.filter(pk=collection.pk).update(is_public=True)
        criteria = asked(Guest(), "state=failed&damage=heavy&sort=damage&uploader=sri", collection)
        assert names(criteria) == ["a"]
        assert criteria.values == {}
        assert not {"damage", "invention"} & {order.value for order in criteria.orders}


class TestFilters:
    @pytest.fixture
    def album(self, owner: User, collection: Collection) -> Collection:
        one = make_row(
            collection,
            "one",
            date_earliest=datetime.date(1931, 1, 1),
            date_latest=datetime.date(1931, 12, 31),
        )
        one.tags.add(Tag.objects.create(name="Kraton"), Tag.objects.create(name="Solo"))
        two = make_row(
            collection, "two", media_type="image/tiff", uploaded_by=make_user("budi"),
            date_earliest=datetime.date(1930, 1, 1), date_latest=datetime.date(1939, 12, 31),
        )  # fmt: skip
        two.tags.add(Tag.objects.get(name="Solo"))
        make_row(collection, "open", date_latest=datetime.date(1900, 12, 31))
        make_row(collection, "undated")
        return collection

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", "one two open undated"),
            ("tag=solo", "one two"),
            ("tag= KRATON ", "one"),
            ("tag=nowhere", ""),
            ("uploader=budi", "two"),
            ("media_type=image/tiff", "two"),
            ("date=1931", "one two"),
            ("date=1935", "two"),
            ("date=1931-05-06", "one two"),
            ("date=1939/1950", "two"),
            ("date=../1899", "open"),
            ("date=193X", "one two"),
            ("date=1950/..", ""),
            ("tag=solo&media_type=image/png&date=1931", "one"),
            # What cannot be understood narrows nothing.
            ("date=yesterday", "one two open undated"),
            ("uploader=nobody", "one two open undated"),
            ("media_type=image/gif&damage_from=lots&state=lost&sort=chance", "one two open undated"),
        ],
    )
    def test_narmake_row(self, owner: User, album: Collection, query: str, found: str) -> None:
        assert set(names(asked(owner, query, album))) == set(found.split())
        assert set(names(asked(owner, query))) == set(found.split())

    def test_errors_say_what_was_not_understood(self, owner: User, collection: Collection) -> None:
        criteria = asked(owner, "date=yesterday&state=lost&tag=solo", collection)
        assert set(criteria.form.errors) == {"date", "state"}
        assert criteria.query() == "tag=solo&"

    def test_only_who_uploaded_here_is_on_offer(self, owner: User, album: Collection) -> None:
        make_row(make_collection(), "elsewhere", uploaded_by=make_user("stranger"))
        offered = [str(label) for _value, label in asked(owner).form.fields["uploader"].choices]
        assert offered == ["Anybody", "budi", "sri"]

    def test_damage_is_the_newest_restorations(self, owner: User, collection: Collection) -> None:
        for name, share, level in [("a", 0.02, "light"), ("b", 0.4, "heavy")]:
            make_restoration(
                photo=make_photo(collection=collection, filename=name),
                outcome={"share_damaged": share, "change_report": {"level": level}},
            )
        make_row(collection, "unmeasured")
        assert names(asked(owner, "damage=heavy")) == ["b"]
        assert set(names(asked(owner, "damage_from=2"))) == {"a", "b"}
        assert names(asked(owner, "damage_from=2.5&state=unreviewed")) == ["b"]
        assert names(asked(owner, "sort=damage")) == ["b", "a", "unmeasured"]

    def test_a_collection_alone_or_with_what_lies_below(self, owner: User, collection: Collection) -> None:
        part = create_collection(owner=owner, title="Part", parent=collection)
        make_row(collection, "above")
        make_row(part, "below")
        make_row(make_collection(owner=owner), "elsewhere")
        assert names(asked(owner, "", collection)) == ["above"]
        assert set(names(asked(owner, "below=on", collection))) == {"above", "below"}
        assert set(names(asked(owner, f"collection={collection.pk}"))) == {"above", "below"}
        assert names(asked(owner, f"collection={part.pk}")) == ["below"]


ORDERS = {
    "newest": "3 2 1 0",
    "oldest": "0 1 2 3",
    "name": "2 0 3 1",
    "date": "1 0 2 3",
    "latest": "2 0 1 3",
}


class TestPages:
    @pytest.fixture
    def four(self, collection: Collection) -> Collection:
        """Called "b", "d", "a" and "c"; of 1930, 1910, 1950 and of no known date."""
        for number, (title, year) in enumerate([("b", 1930), ("d", 1910), ("A", 1950), ("c", None)]):
            dates = (
                {"date_earliest": datetime.date(year, 1, 1), "date_latest": datetime.date(year, 12, 31)}
                if year
                else {}
            )
            make_row(collection, str(number), title=title, **dates)
        return collection

    @pytest.mark.parametrize(("sort", "expected"), ORDERS.items())
    def test_forth_and_back_in_every_order(
        self, owner: User, four: Collection, sort: str, expected: str
    ) -> None:
        criteria = asked(owner, f"sort={sort}", four)
        assert names(criteria) == expected.split()
        seen, place = [], {}
        while True:
            page = page_of(criteria, size=1, **place)
            seen.append(page)
            if page.next is None:
                break
            place = {"after": page.next}
        assert [page.photos for page in seen] == [[key] for key in page_of(criteria, size=9).photos]
        assert seen[0].previous is None
        for page, before in zip(seen[1:], seen, strict=False):
            assert page.previous is not None
            assert page_of(criteria, size=1, before=page.previous).photos == before.photos
        last = page_of(criteria, size=1, before="end")
        assert (last.photos, last.next) == (seen[-1].photos, None)

    def test_photos_with_the_same_key_come_once(self, owner: User, collection: Collection) -> None:
        for number in range(7):
            make_row(collection, str(number), title="the same")
        now = timezone.now()
        Photo.objects.update(created_at=now)
        for sort in ("newest", "oldest", "name", "date", "damage"):
            criteria = asked(owner, f"sort={sort}", collection)
            seen: list[str] = []
            after = ""
            while True:
                page = page_of(criteria, size=2, after=after)
                seen += map(str, page.photos)
                if not page.next:
                    break
                after = page.next
            assert len(seen) == len(set(seen)) == 7

    def test_what_arrives_meanwhile_neither_doubles_nor_swallows(self, owner: User, four: Collection) -> None:
        criteria = asked(owner, "", four)
        first = page_of(criteria, size=2)
        make_row(four, "new")
        assert names(criteria, 2, after=first.next or "") == ["1", "0"]
        Photo.objects.filter(pk=first.photos[1]).delete()
        # The row after which the page begins may be gone.
        assert names(criteria, 2, after=first.next or "") == ["1", "0"]

    @pytest.mark.parametrize(
        "place", ["nonsense", "W10", "WzFd", "eyJ9", "é", "=" * 9, "W251bGwsMV0", "x" * 9999]
    )
    def test_a_place_that_no_page_gave_is_refused(self, owner: User, four: Collection, place: str) -> None:
        for sort in ("newest", "date", "damage"):
            with pytest.raises(InputError) as refused:
                page_of(asked(owner, f"sort={sort}", four), size=2, after=place)
            assert refused.value.code == "archive:finding:place"

    def test_the_best_match_comes_first_on_pages(self, owner: User, collection: Collection) -> None:
        make_row(collection, "in-notes", notes="river " * 3 + "and much else that has nothing to do with it")
        make_row(collection, "in-title", title="River")
        make_row(collection, "in-place", place="River bank")
        make_row(collection, "other")
        criteria = asked(owner, "q=river", collection)
        assert criteria.order.value == "relevance"
        assert names(criteria) == ["in-title", "in-place", "in-notes"]
        assert names(asked(owner, "q=river&sort=oldest", collection)) == ["in-notes", "in-title", "in-place"]
        first = page_of(criteria, size=2)
        assert (first.next, first.previous) == ("2", None)
        second = page_of(criteria, size=2, after="2")
        assert (len(second.photos), second.next, second.previous) == (1, None, "0")
        assert page_of(criteria, size=2, before="0").photos == first.photos
        for place in ("-1", "2.5", "x", "99999999999", "²"):
            with pytest.raises(InputError):
                page_of(criteria, size=2, after=place)

    def test_best_matches_end_somewhere(
        self, owner: User, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pages, "RANKED", 3)
        for number in range(5):
            make_row(collection, str(number), title="river")
        criteria = asked(owner, "q=river", collection)
        first = page_of(criteria, size=2)
        last = page_of(criteria, size=2, after=first.next or "")
        assert (len(first.photos), len(last.photos), last.next) == (2, 1, None)
        with pytest.raises(InputError):
            page_of(criteria, size=2, after="3")

    def test_only_exclusions_have_no_best_match(self, owner: User, four: Collection) -> None:
        criteria = asked(owner, "q=-b", four)
        assert criteria.order.value == "newest"
        assert names(criteria) == ["3", "2", "1"]

    def test_a_page_takes_two_queries(self, owner: User, four: Collection) -> None:
        for query, most in [("", 2), ("sort=name&state=none&below=on&tag=a&date=1930", 2), ("q=b", 2)]:
            criteria = asked(owner, query, four)
            with CaptureQueriesContext(connection) as queries:
                page_of(criteria, size=2)
            assert len(queries) <= most


class TestCounts:
    def test_by_state_but_for_the_state_that_was_asked_for(self, owner: User, collection: Collection) -> None:
        make_restoration(photo=make_photo(collection=collection), status=Restoration.Status.FAILED)
        make_row(collection, "river")
        make_row(collection, "road")
        assert count_states(asked(owner, "", collection)).by_state == {"failed": 1, "none": 2}
        found = count_states(asked(owner, "state=failed", collection))
        assert (found.total, found.by_state) == (FoundCount(3), {"failed": 1, "none": 2})
        assert count_states(asked(owner, "q=r&state=failed", collection)).by_state == {"none": 2}
        assert count_found(asked(owner, "state=failed", collection)) == FoundCount(1)

    def test_counting_ends_where_something_narrows(
        self, owner: User, collection: Collection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(counts, "COUNTED", 2)
        for number in range(3):
            make_row(collection, f"river {number}")
        assert count_found(asked(owner, "", collection)) == FoundCount(3)
        assert count_found(asked(owner, "q=river", collection)) == FoundCount(2, is_exact=False)
        assert count_states(asked(owner, "q=river", collection)).total == FoundCount(2, is_exact=False)
        make_row(collection, "road")
        assert count_states(asked(owner, "q=road", collection)).total == FoundCount(1)

    @pytest.mark.parametrize("most", [2, 10])
    def test_a_page_of_best_matches_has_counted_the_same(
        self, owner: User, collection: Collection, monkeypatch: pytest.MonkeyPatch, most: int
    ) -> None:
        monkeypatch.setattr(counts, "COUNTED", most)
        monkeypatch.setattr(pages, "WEIGHED", most + 1)
        photo = make_photo(collection=collection, filename="river.png")
        make_restoration(photo=photo, status=Restoration.Status.FAILED)
        for number in range(4):
            make_row(collection, f"river {number}")
        for query in ("q=river", "q=river -3", "q=river&state=failed", "q=nothing", "q=-river"):
            criteria = asked(owner, query, collection)
            for after in ("", "1"):
                if after and criteria.order.key:
                    continue
                page = page_of(criteria, size=1, after=after)
                assert count_found(criteria, page.states) == count_found(criteria), query
                assert count_states(criteria, page.states) == count_states(criteria), query
            assert (page.states is None) == bool(criteria.order.key)


def test_entries_are_as_many_as_present_photos(collection: Collection) -> None:
    make_row(collection, "a")
    assert CatalogueEntry.objects.count() == Photo.objects.present().count() == 1
