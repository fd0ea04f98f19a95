"""Collections in a tree: where one may stand, and what its lines of descent say."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from archive.errors import InputError
from archive.models import Collection, Level, Lineage
from archive.services import create_collection, move_collection, update_collection
from tests.factories import make_collection, make_user

pytestmark = pytest.mark.django_db


def lines() -> set[tuple[str, str, int]]:
    """Every line of descent in words: (descendant, ancestor, distance)."""
    rows = Lineage.objects.values_list("descendant__title", "ancestor__title", "distance")
    return set(rows)


@pytest.fixture
def family() -> dict[str, Collection]:
    """estate > letters > box, and another estate at the top."""
    owner = make_user("sri")
    estate = create_collection(owner=owner, title="estate")
    letters = create_collection(owner=owner, title="letters", parent=estate)
    box = create_collection(owner=owner, title="box", parent=letters)
    other = create_collection(owner=owner, title="other")
    return {"estate": estate, "letters": letters, "box": box, "other": other}


class TestStanding:
    def test_lines_of_descent_lead_from_each_to_everything_above(self, family: dict[str, Collection]) -> None:
        assert lines() == {
            ("estate", "estate", 0),
            ("letters", "letters", 0),
            ("letters", "estate", 1),
            ("box", "box", 0),
            ("box", "letters", 1),
            ("box", "estate", 2),
            ("other", "other", 0),
        }

    def test_a_new_part_is_one_level_deeper_than_its_whole(self, family: dict[str, Collection]) -> None:
        levels = [family[name].level for name in ("estate", "letters", "box")]
        assert levels == [Level.FONDS, Level.SERIES, Level.FILE]

    def test_a_level_may_be_left_out(self, family: dict[str, Collection]) -> None:
        folder = create_collection(
            owner=family["other"].owner, title="folder", parent=family["other"], level=Level.FILE
        )
        assert folder.level == Level.FILE

    @pytest.mark.parametrize(
        ("parent", "level"), [("box", None), ("letters", Level.SERIES), ("box", Level.FONDS)]
    )
    def test_a_part_that_is_not_deeper_is_refused(
        self, family: dict[str, Collection], parent: str, level: Level | None
    ) -> None:
        with pytest.raises(InputError) as refused:
            create_collection(owner=family["box"].owner, title="x", parent=family[parent], level=level)
        assert refused.value.code == "archive:tree:not-deeper"
        assert not Collection.objects.filter(title="x").exists()

    def test_within_is_itself_and_everything_below(self, family: dict[str, Collection]) -> None:
        assert {c.title for c in Collection.objects.within(family["letters"])} == {"letters", "box"}
        assert {c.title for c in Collection.objects.within(family["estate"])} == {"estate", "letters", "box"}


class TestMoving:
    def test_everything_below_comes_along(self, family: dict[str, Collection]) -> None:
        move_collection(collection=family["letters"], actor=family["other"].owner, parent=family["other"])
        assert lines() == {
            ("estate", "estate", 0),
            ("other", "other", 0),
            ("letters", "letters", 0),
            ("letters", "other", 1),
            ("box", "box", 0),
            ("box", "letters", 1),
            ("box", "other", 2),
        }

    def test_to_the_top_and_to_another_level(self, family: dict[str, Collection]) -> None:
        actor = family["box"].owner
        move_collection(collection=family["box"], actor=actor, parent=None, level=Level.FONDS)
        box = Collection.objects.get(title="box")
        assert (box.parent, box.level) == (None, Level.FONDS)
        assert {line for line in lines() if line[0] == "box"} == {("box", "box", 0)}
        event = box.events.get(kind="collection-moved")
        assert event.actor == actor
        assert event.details["changes"] == {
            "parent": {"from": str(family["letters"].pk), "to": None},
            "level": {"from": "file", "to": "fonds"},
        }

    @pytest.mark.parametrize("into", ["estate", "letters", "box"])
    def test_never_into_itself_or_its_own_parts(self, family: dict[str, Collection], into: str) -> None:
        before = lines()
        with pytest.raises(InputError) as refused:
            move_collection(collection=family["estate"], actor=family["box"].owner, parent=family[into])
        assert refused.value.code == "archive:tree:circle"
        assert lines() == before

    def test_a_whole_never_sinks_to_the_level_of_its_parts(self, family: dict[str, Collection]) -> None:
        with pytest.raises(InputError) as refused:
            move_collection(
                collection=family["letters"],
                actor=family["box"].owner,
                parent=family["other"],
                level=Level.FILE,
            )
        assert refused.value.code == "archive:tree:children-not-deeper"

    def test_where_nothing_changes_nothing_is_written_down(self, family: dict[str, Collection]) -> None:
        before = lines()
        move_collection(collection=family["box"], actor=family["box"].owner, parent=family["letters"])
        assert lines() == before
        assert not family["box"].events.filter(kind="collection-moved").exists()


class TestDescribing:
    def test_a_change_keeps_what_was_before(self) -> None:
        collection = make_collection(title="Album", call_number="A 1")
        update_collection(
            collection=collection, actor=collection.owner, title="Album", call_number="A 2", date_edtf="196X"
        )
        collection.refresh_from_db()
        assert (collection.call_number, collection.date_earliest.year, collection.date_latest.year) == (
            "A 2",
            1960,
            1969,
        )
        event = collection.events.get(kind="collection-changed")
        assert event.details["changes"] == {
            "call_number": {"from": "A 1", "to": "A 2"},
            "date_edtf": {"from": "", "to": "196X"},
        }

    def test_a_date_that_is_none_is_refused(self) -> None:
        with pytest.raises(InputError):
            make_collection(date_edtf="long ago")


def test_collections_of_before_stand_at_the_top() -> None:
    collection = make_collection()
    Lineage.objects.all().delete()
    migration = importlib.import_module("archive.migrations.0003_archive_data")
    migration.place_collections(apps, connection.schema_editor())
    assert list(Lineage.objects.values_list("descendant", "ancestor", "distance")) == [
        (collection.pk, collection.pk, 0)
    ]
