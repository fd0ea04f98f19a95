"""What makes finding hold at any size finds the same: the index of all facts, words first, keys told."""

import datetime
import itertools

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from archive.access.visitors import Guest, Visitor
from archive.finding.counts import count_found, count_states
from archive.finding.criteria import Criteria, criteria_of
from archive.finding.pages import page_of
from archive.finding.triggers import FACTS
from archive.models import CatalogueEntry, Collection, Photo, Tag
from archive.querysets import visible
from archive.services import create_collection
from tests.archive.photo_rows import make_row
from tests.factories import make_collection, make_user

pytestmark = pytest.mark.django_db

QUERIES = (
    "state=none",
    "tag=solo",
    "date=1930/1939",
    "media_type=image/png",
    "uploader=sri",
    "q=river",
    "q=river&tag=solo",
    "q=-harbour",
    'q="river bank" -harbour&media_type=image/png',
)
SORTS = ("newest", "oldest", "name", "date", "latest", "damage", "invention")


@pytest.fixture
def owner() -> User:
    return make_user("sri")


@pytest.fixture
def fonds(owner: User) -> Collection:
    """Nine photos, three of them in a part; every other one is tagged, most have to do with a river."""
    fonds = make_collection(owner=owner)
    part = create_collection(owner=owner, title="Part", parent=fonds)
    solo = Tag.objects.create(name="Solo")
    for number in range(9):
        photo = make_row(
            part if number % 3 == 0 else fonds,
            str(number),
            title=("River bank", "Harbour", "A river")[number % 3],
            date_earliest=datetime.date(1928 + number, 1, 1),
            date_latest=datetime.date(1928 + number, 12, 31),
        )
        if number % 2:
            photo.tags.add(solo)
    return fonds


def asked(visitor: Visitor, query: str, collection: Collection | None = None) -> Criteria:
    return criteria_of(visitor, QueryDict(query), collection)


def paged(criteria: Criteria) -> list[str]:
    """Names of all photos of all pages of two."""
    seen: list[str] = []
    after = ""
    while True:
        page = page_of(criteria, size=2, after=after)
        found = Photo.objects.in_bulk(page.photos)
        seen += [found[key].filename for key in page.photos]
        if not page.next:
            return seen
        after = page.next


def expected(criteria: Criteria) -> list[str]:
    """The same from the plainest of queries, sorted here."""
    entries = {entry.pk: entry for entry in CatalogueEntry.objects.select_related("photo")}
    found = sorted(
        (entries[key] for key in criteria.found().values_list("pk", flat=True)),
        key=lambda entry: (getattr(entry, criteria.order.key), entry.pk),
        reverse=criteria.order.descending,
    )
    return [entry.photo.filename for entry in found]


@pytest.mark.parametrize("query", QUERIES)
def test_whatever_narrows_all_orders_give_all_pages(owner: User, fonds: Collection, query: str) -> None:
    for sort, place in itertools.product(SORTS, (None, fonds)):
        criteria = asked(owner, f"{query}&sort={sort}&below=on", place)
        assert paged(criteria) == expected(criteria)
        assert count_states(criteria).total.number == len(expected(criteria)) > 0


def test_the_index_of_facts_has_all_that_can_be_asked_for() -> None:
    with connection.cursor() as cursor:
        indexes = connection.introspection.get_constraints(cursor, CatalogueEntry._meta.db_table)
    columns = {field.column for field in CatalogueEntry._meta.fields} - {"id"}
    assert set(indexes[FACTS]["columns"]) == columns
    # Narrowed by its collection first, it is no longer than what one looks at.
    assert indexes[FACTS]["columns"][0] == "collection_id"


def test_words_narrow_inside_other_questions(owner: User, fonds: Collection) -> None:
    criteria = asked(owner, "q=river -harbour&tag=solo&below=on", fonds)
    photos = Photo.objects.filter(pk__in=criteria.found().values("photo"))
    assert {photo.filename for photo in photos} == set(paged(criteria)) == {"3", "5"}
    assert photos.exclude(pk__in=asked(owner, "q=bank").found().values("photo")).get().filename == "5"
    assert criteria.found().count() == len(criteria.found()) == 2
    assert criteria.found().filter(photo__in=photos).exists()


def test_whoever_may_see_very_many_collections_finds_the_same(
    owner: User, fonds: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_row(make_collection(), "elsewhere", title="River of others")
    queries = [f"{query}&sort={sort}" for query, sort in zip(QUERIES, SORTS, strict=False)] + ["q=river", ""]
    told = [paged(asked(owner, query)) for query in queries]
    monkeypatch.setattr(visible, "MANY_COLLECTIONS", 1)
    assert [paged(asked(owner, query)) for query in queries] == told
    assert "elsewhere" not in itertools.chain(*told)


@pytest.mark.parametrize("query", ["q=river", "q=river&sort=name", "q=-river", "date=1930", ""])
def test_whoever_may_see_nothing_finds_nothing(fonds: Collection, query: str) -> None:
    for visitor in (AnonymousUser(), Guest(), make_user()):
        for place in (None, fonds):
            criteria = asked(visitor, query, place)
            assert paged(criteria) == []
            assert count_found(criteria).number == 0


def test_what_may_be_seen_is_read_once(owner: User, fonds: Collection) -> None:
    with CaptureQueriesContext(connection) as queries:
        criteria = asked(owner, "q=river&sort=name")
        paged(criteria)
        count_states(criteria)
    memberships = [query for query in queries.captured_queries if "archive_membership" in query["sql"]]
    assert len(memberships) == 1
