"""Tables of descriptions in the queue: batch by batch, and on from where a worker was killed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_q.models import OrmQ

from archive.access.roles import Role
from archive.models import Collection, Event, MetadataImport, MetadataRow, Photo
from archive.queue.description_tasks import continue_metadata, sweep_metadata
from archive.queue.schedule import SWEEP_METADATA
from archive.services import (
    apply_metadata,
    claim_metadata,
    describe_photo,
    metadata,
    receive_metadata,
)
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db

State = MetadataImport.State


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "BATCH_ROWS", 2)


@pytest.fixture
def owner() -> User:
    return make_user("sri")


@pytest.fixture
def collection(owner: User) -> Collection:
    """Five photos, 0.png to 4.png."""
    collection = make_collection(owner=owner)
    for number in range(5):
        make_photo(collection=collection, filename=f"{number}.png")
    return collection


def handed_in(collection: Collection, *, rows: int = 5, at_once: bool = False) -> MetadataImport:
    lines = "".join(f"{number}.png,Plate {number}\n" for number in range(rows))
    return receive_metadata(
        collection=collection,
        uploaded_by=collection.owner,
        content=f"filename,title\n{lines}".encode(),
        filename="table.csv",
        at_once=at_once,
    )


def read_again(kept: MetadataImport) -> MetadataImport:
    return MetadataImport.objects.get(pk=kept.pk)


def titled() -> list[str]:
    return sorted(Photo.objects.exclude(title="").values_list("filename", flat=True))


def described() -> int:
    return Event.objects.filter(kind="photo-described").count()


def test_a_long_table_is_looked_through_by_the_queue(
    collection: Collection, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        kept = handed_in(collection)
    assert (kept.state, kept.position, kept.total) == (State.PLANNING, 2, 5)
    (message,) = OrmQ.objects.all()
    assert message.func() == "archive.queue.description_tasks.continue_metadata"
    assert message.args() == (str(kept.pk),)
    assert continue_metadata(str(kept.pk)) == "planned"
    kept = read_again(kept)
    assert (kept.state, kept.position, kept.rows_changed, kept.lease_expires_at) == (
        State.PLANNED,
        5,
        5,
        None,
    )
    assert [row.number for row in kept.rows.all()] == [0, 1, 2, 3, 4]
    assert titled() == []


def test_handed_in_to_be_applied_at_once(collection: Collection) -> None:
    kept = handed_in(collection, at_once=True)
    assert continue_metadata(str(kept.pk)) == "done"
    assert len(titled()) == described() == 5
    assert read_again(kept).applied_by == collection.owner


def test_a_worker_killed_in_the_middle_doubles_nothing_and_loses_nothing(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = handed_in(collection)
    continue_metadata(str(kept.pk))
    apply_metadata(metadata_import=kept, actor=collection.owner)
    describe, batches = metadata.describe_photos, []

    def killed(**given: object) -> object:
        batches.append(1)
        done = describe(**given)
        if len(batches) == 2:
            raise SystemExit  # after its rows were written, before the commit
        return done

    monkeypatch.setattr(metadata, "describe_photos", killed)
    with pytest.raises(SystemExit):
        continue_metadata(str(kept.pk))
    assert titled() == ["0.png", "1.png"]
    left = read_again(kept)
    assert (left.state, left.position) == (State.RUNNING, 2)

    monkeypatch.setattr(metadata, "describe_photos", describe)
    assert continue_metadata(str(kept.pk)) == "nothing to do"  # the dead one still holds it
    later = timezone.now() + metadata.METADATA_LEASE + timedelta(minutes=10)
    assert metadata.sweep_metadata(now=later) == 1
    MetadataImport.objects.update(lease_expires_at=timezone.now())
    assert continue_metadata(str(kept.pk)) == "done"
    assert len(titled()) == described() == 5
    assert read_again(kept).rows_changed == 5


def test_whoever_comes_too_late_does_nothing(collection: Collection) -> None:
    kept = handed_in(collection)
    continue_metadata(str(kept.pk))
    apply_metadata(metadata_import=kept, actor=collection.owner)
    slow = claim_metadata(import_id=kept.pk)
    assert slow is not None
    MetadataImport.objects.update(lease_expires_at=timezone.now())  # slow for longer than its lease
    assert continue_metadata(str(kept.pk)) == "done"
    slow.state = State.RUNNING
    assert metadata.continue_metadata(metadata_import=slow, seconds=60)
    assert described() == 5


def test_others_have_their_turn(collection: Collection, django_capture_on_commit_callbacks: object) -> None:
    kept = handed_in(collection)
    claimed = claim_metadata(import_id=kept.pk)
    assert claimed is not None
    with django_capture_on_commit_callbacks(execute=True):
        assert not metadata.continue_metadata(metadata_import=claimed, seconds=0)
    left = read_again(kept)
    assert (left.position, left.lease_expires_at) == (4, None)
    assert OrmQ.objects.count() == 1


def test_a_table_at_which_workers_die_fails_and_can_be_gone_on_with(collection: Collection) -> None:
    kept = handed_in(collection)
    continue_metadata(str(kept.pk))
    apply_metadata(metadata_import=kept, actor=collection.owner)
    for _ in range(metadata.MAX_ATTEMPTS):
        assert claim_metadata(import_id=kept.pk) is not None
        MetadataImport.objects.update(lease_expires_at=timezone.now())
    assert continue_metadata(str(kept.pk)) == "nothing to do"
    failed = read_again(kept)
    assert (failed.state, failed.error_code) == (State.FAILED, "archive:csv:given-up")
    apply_metadata(metadata_import=failed, actor=collection.owner)
    assert continue_metadata(str(kept.pk)) == "done"
    assert described() == 5


def test_what_happened_between_the_look_and_the_deed(collection: Collection) -> None:
    kept = handed_in(collection)
    continue_metadata(str(kept.pk))
    owner = collection.owner
    first, second = collection.photos.order_by("filename")[:2]
    describe_photo(photo=first, actor=owner, title="Plate 0")
    Photo.objects.filter(pk=second.pk).update(deleted_at=timezone.now())
    apply_metadata(metadata_import=kept, actor=owner)
    continue_metadata(str(kept.pk))
    rows = list(kept.rows.all())
    assert [row.outcome for row in rows] == ["unchanged", "refused", "changed", "changed", "changed"]
    assert rows[1].code == "archive:csv:not-found"
    done = read_again(kept)
    assert (done.rows_changed, done.rows_unchanged, done.rows_refused) == (3, 1, 1)


def test_who_is_no_curator_any_more_changes_nothing(collection: Collection) -> None:
    curator = make_user()
    collection.memberships.create(user=curator, role=Role.CURATOR)
    kept = handed_in(collection)
    continue_metadata(str(kept.pk))
    apply_metadata(metadata_import=kept, actor=curator)
    collection.memberships.filter(user=curator).delete()
    continue_metadata(str(kept.pk))
    assert (titled(), read_again(kept).rows_refused) == ([], 5)


def test_old_tables_go(collection: Collection) -> None:
    lying, done = handed_in(collection, rows=1), handed_in(collection, rows=2, at_once=True)
    continue_metadata(str(done.pk))
    week_ago = timezone.now() - timedelta(days=8)
    MetadataImport.objects.filter(pk=lying.pk).update(created_at=week_ago)
    MetadataImport.objects.filter(pk=done.pk).update(applied_at=week_ago)
    sweep_metadata()
    assert list(MetadataImport.objects.all()) == [done]
    assert not MetadataRow.objects.exists()


def test_the_sweep_is_scheduled() -> None:
    from django_q.models import Schedule

    assert Schedule.objects.get(func=SWEEP_METADATA).schedule_type == Schedule.MINUTES


@pytest.mark.django_db(transaction=True)
def test_tables_of_before() -> None:
    try:
        call_command("migrate", "archive", "0004", verbosity=0)
        old = MigrationExecutor(connection).loader.project_state([("archive", "0004_search")]).apps
        user = old.get_model("auth", "User").objects.create(username="siti")
        collection = old.get_model("archive", "Collection").objects.create(title="Album", owner=user)
        tables = old.get_model("archive", "MetadataImport").objects
        given = {"collection": collection, "uploaded_by": user, "filename": "table.csv"}
        tables.create(**given, applied_at=timezone.now())
        tables.create(**given, text="filename,title\n")
        call_command("migrate", verbosity=0)
        assert [table.state for table in MetadataImport.objects.all()] == [State.DONE]
    finally:
        call_command("migrate", verbosity=0)
