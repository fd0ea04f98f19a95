"""The event log: a chain in which nothing can be changed, removed or put in without being named."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from archive.events.chain import GENESIS, digest_of, link_hash, plain_json, verify_record
from archive.events.guards import install_guards, remove_guards
from archive.events.records import content_of, event_records
from archive.events.verification import chain_head, verify_chain
from archive.models import ChainLink, Collection, Event
from archive.services import EventKind, NewEvent, record_event, record_events
from tests.at_once import at_once
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db


@contextmanager
def without_guards() -> Iterator[None]:
    """What somebody with the database's password can do."""
    remove_guards(connection)
    yield
    install_guards(connection)


@contextmanager
def without_chain_trigger() -> Iterator[None]:
    if connection.vendor == "postgresql":
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        execute("ALTER TABLE archive_event DISABLE TRIGGER archive_event_chain")
    yield
    if connection.vendor == "postgresql":
        execute("ALTER TABLE archive_event ENABLE TRIGGER archive_event_chain")


def log(count: int = 5) -> list[Event]:
    """A log with so many events in all."""
    collection = make_collection()
    events = [
        NewEvent(collection=collection, kind="noted", actor=collection.owner, details={"number": number})
        for number in range(count - Event.objects.count())
    ]
    record_events(events=events)
    assert chain_head() is not None
    return [link.event for link in ChainLink.objects.select_related("event")]


def faults() -> list[str]:
    return [f"{fault.sequence} {fault.sentence}" for fault in verify_chain()]


def execute(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


class TestChain:
    def test_first_link_follows_zeros_and_each_its_predecessor(self) -> None:
        log(3)
        previous = GENESIS
        for sequence, link in enumerate(ChainLink.objects.select_related("event"), start=1):
            assert (link.sequence, link.previous_hash) == (sequence, previous)
            expected = link_hash(previous_hash=previous, sequence=sequence, digest=link.event.digest)
            assert link.hash == expected
            previous = link.hash
        assert faults() == []

    def test_digest_is_sha256_over_canonical_json(self) -> None:
        content = dict.fromkeys(("collection", "photo", "actor", "origin")) | {
            "id": "1", "at": "2026-11-22T00:00:00.000000Z", "kind": "noted", "outcome": "success",
            "agent": "Sri", "software": "Pulih 1", "details": {"b": 1.0, "a": "é"},
        }  # fmt: skip
        # printf the same by hand | sha256sum
        assert digest_of(content) == "d12cee72c4f2b0d2d27e2300d2ef7f0f5c0ffd2dddebfb2b90aabf23f5b96a24"

    @pytest.mark.parametrize("value", [1e16, -0.0, 1e-7, 0.1, 2.0, 1e300, "é\u2028", {"1": [None, True]}])
    def test_details_have_the_same_digest_after_the_database(self, value: Any) -> None:
        event = record_event(collection=None, kind="noted", details={"value": value})
        assert Event.objects.get(pk=event.pk).details == plain_json({"value": value})
        assert faults() == []

    def test_person_and_software_are_kept_by_name(self) -> None:
        event = record_event(collection=None, kind="noted", actor=make_user("sri"))
        assert event.agent == "sri"
        assert event.software.startswith("Pulih 0.")

    def test_records_verify_themselves_and_notice_a_change(self) -> None:
        log(3)
        records = list(event_records(Event.objects.all()))
        assert [record["sequence"] for record in records] == [1, 2, 3]
        assert all(map(verify_record, records))
        assert not verify_record(records[1] | {"agent": "somebody else"})
        assert not verify_record({})


class TestTampering:
    def test_changed_event_is_named(self) -> None:
        changed = log()[2]
        with without_guards():
            execute("UPDATE archive_event SET agent = 'somebody else' WHERE id = %s", _key(changed))
        assert faults() == ["3 the event was changed"]

    def test_changed_event_with_a_new_digest_is_named(self) -> None:
        changed = log()[2]
        changed.agent = "somebody else"
        with without_guards():
            digest = digest_of(content_of(changed))
            execute(
                "UPDATE archive_event SET agent = 'somebody else', digest = %s WHERE id = %s",
                digest,
                _key(changed),
            )
        assert faults() == ["3 the event or its link was changed"]

    def test_link_that_was_made_anew_is_named_by_the_next(self) -> None:
        log()
        with without_guards():
            link = ChainLink.objects.get(sequence=3)
            execute("UPDATE archive_chainlink SET hash = %s WHERE sequence = 3", link.hash[::-1])
        assert faults() == ["3 the event or its link was changed", "4 does not follow the link before it"]

    def test_removed_event_and_link_are_named(self) -> None:
        removed = log()[2]
        with without_guards():
            execute("DELETE FROM archive_chainlink WHERE sequence = 3")
            execute("DELETE FROM archive_event WHERE id = %s", _key(removed))
        assert faults() == ["4 missing before it: link 3"]

    def test_event_removed_from_under_its_link_is_named(self) -> None:
        removed = log()[2]
        # Keys are checked at the commit, which never comes.
        with transaction.atomic():
            with without_guards():
                execute("DELETE FROM archive_event WHERE id = %s", _key(removed))
            assert faults() == ["3 the event is missing"]
            transaction.set_rollback(True)

    def test_inserted_event_is_named(self) -> None:
        log(3)
        with without_guards(), without_chain_trigger():
            Event.objects.bulk_create([Event(kind="noted", digest="0" * 64)])
        assert faults() == ["None inserted beside the chain"]

    def test_end_that_was_cut_off_is_found_by_a_noted_head(self) -> None:
        removed = log()[4]
        noted = chain_head()
        assert list(verify_chain(anchor=noted)) == []
        with without_guards():
            execute("DELETE FROM archive_chainlink WHERE sequence = 5")
            execute("DELETE FROM archive_event WHERE id = %s", _key(removed))
        assert faults() == []
        assert [fault.sequence for fault in verify_chain(anchor=noted)] == [5]

    def test_missing_triggers_are_a_fault(self) -> None:
        remove_guards(connection)
        assert faults() == ["None the database no longer refuses changes of events (run migrate)"]


@pytest.mark.parametrize("table", ["archive_event", "archive_chainlink"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {}", "DELETE FROM {}"])
def test_database_refuses_to_change_the_log(table: str, statement: str) -> None:
    log(2)
    column = "kind = 'x'" if table == "archive_event" else "hash = 'x'"
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        execute(statement.format(table, column))
    assert faults() == []


def test_events_outlive_collection_and_photo() -> None:
    photo = make_photo()
    collection = photo.collection
    keys = collection.pk, photo.pk
    before = Event.objects.count()
    photo.delete()
    Collection.objects.filter(pk=collection.pk).delete()
    assert Event.objects.count() == before
    event = Event.objects.select_related("collection", "photo").get(kind=EventKind.PHOTO_INGESTED)
    assert (event.collection_id, event.photo_id) == keys
    assert event.collection is None
    assert faults() == []


def test_events_of_before_are_chained_by_the_migration() -> None:
    events = log(4)
    with without_guards():
        # As 0002 leaves what was recorded before there was a chain.
        execute("DELETE FROM archive_chainlink")
        execute("UPDATE archive_event SET digest = '', agent = '', software = ''")
        import_module("archive.migrations.0003_archive_data").chain_events(apps, None)
    assert ChainLink.objects.count() == 4
    assert Event.objects.get(pk=events[0].pk).agent == events[0].agent != ""
    assert faults() == []


class TestCommand:
    def test_says_that_all_is_well_and_the_head(self) -> None:
        log(4)
        out = StringIO()
        call_command("verify_events", stdout=out)
        assert f"4 events in an unbroken chain. Head: {chain_head()}" in out.getvalue()

    def test_names_faults_and_fails(self) -> None:
        changed = log()[1]
        with without_guards():
            execute("UPDATE archive_event SET kind = 'x' WHERE id = %s", _key(changed))
        err = StringIO()
        with pytest.raises(CommandError, match="1 fault"):
            call_command("verify_events", stderr=err)
        assert f"link 2, event {changed.pk}: the event was changed" in err.getvalue()

    def test_head_of_the_wrong_form_is_refused(self) -> None:
        with pytest.raises(CommandError, match="SEQUENCE:HASH"):
            call_command("verify_events", anchor="five")


@pytest.mark.django_db(transaction=True)
def test_chain_holds_under_parallel_writers() -> None:
    collection = make_collection()
    already = Event.objects.count()

    def write() -> None:
        for number in range(10):
            with transaction.atomic():
                record_event(collection=collection, kind="noted", details={"number": number})
                record_event(collection=collection, kind="noted")

    assert at_once(*[write] * 6) == [None] * 6
    assert list(ChainLink.objects.values_list("sequence", flat=True)) == list(range(1, already + 121))
    assert faults() == []


@pytest.mark.django_db(transaction=True)
def test_rolled_back_events_leave_no_gap() -> None:
    log(2)
    with transaction.atomic():
        record_event(collection=None, kind="noted")
        transaction.set_rollback(True)
    record_event(collection=None, kind="noted")
    assert ChainLink.objects.count() == 3
    assert faults() == []


def _key(event: Event) -> str:
    return event.pk.hex if connection.vendor == "sqlite" else str(event.pk)
