"""Backups made while others work, and what comes back out of them."""

from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import bagit
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import Settings

from archive.backups import making
from archive.backups.making import BackupReport, make_backup
from archive.backups.restoring import restore_backup
from archive.errors import InputError, StateError
from archive.files.holdings import holdings
from archive.files.storage import Area, sha256_of
from archive.models import Collection, Event, Original, Photo
from archive.services import delete_photo, purge_photo
from restoration.models import Restoration
from tests.archive.another_installation import another_installation, assert_whole
from tests.at_once import at_once
from tests.buckets import Bucket, make_bucket
from tests.factories import make_collection, make_photo, make_restoration
from tests.stored import path_of, stored_path

pytestmark = pytest.mark.django_db(transaction=True)


def test_everything_comes_back(tmp_path: Path, media_root: Path) -> None:
    restoration = make_restoration()
    collection = restoration.photo.collection
    events = Event.objects.count()
    files = {path.relative_to(media_root) for path in media_root.rglob("*") if path.is_file()}
    report = make_backup(tmp_path / "backup")
    assert (report.dumps, report.missing, report.decayed) == (1, [], [])
    bagit.Bag(str(tmp_path / "backup")).validate()
    make_photo(collection=collection)
    with another_installation(tmp_path / "there"):
        restored = restore_backup(tmp_path / "backup")
        assert restored.file_count == report.file_count == len({path_of(each.file) for each in holdings()})
        assert (restored.missing, restored.to_migrate) == ([], False)
        assert_whole()
        assert list(Collection.objects.all()) == [collection]
        assert Photo.objects.count() == 1
        assert Restoration.objects.get().result_sha256 == restoration.result_sha256
        assert Event.objects.count() == events
        there = {path.relative_to(tmp_path / "there") for path in (tmp_path / "there").rglob("*.*")}
        assert {path for path in files if path.suffix} == {path for path in there if path.suffix}
        with pytest.raises(StateError) as refused:
            restore_backup(tmp_path / "backup")
        assert refused.value.code == "archive:restore:database-in-use"
    assert Photo.objects.count() == 2


def test_what_a_bucket_held_comes_back_into_another_or_onto_a_disk(
    tmp_path: Path, bucket: Bucket, s3_address: str, settings: Settings
) -> None:
    restoration = make_restoration()
    report = make_backup(tmp_path / "backup")
    assert (report.missing, report.decayed) == ([], [])
    bagit.Bag(str(tmp_path / "backup")).validate()
    media = tmp_path / "backup" / "data" / "media"
    held = {path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file()}
    assert held == bucket.held()
    second = make_backup(tmp_path / "second", base=tmp_path / "backup")
    assert (second.missing, second.linked) == ([], len(held))
    other = make_bucket(s3_address, f"other-{uuid4()}")
    settings.PULIH_BUCKET = other.settings
    with another_installation(tmp_path / "there"):
        assert restore_backup(tmp_path / "backup").file_count == report.file_count
        assert other.held() == held
        for each in holdings():
            each.file.verify()
    settings.PULIH_BUCKET = None
    with another_installation(tmp_path / "disk"):
        restore_backup(tmp_path / "backup")
        assert_whole()
        assert Restoration.objects.get().result_sha256 == restoration.result_sha256
    settings.PULIH_BUCKET = other.settings
    with another_installation(tmp_path / "again"), pytest.raises(StateError) as refused:
        restore_backup(tmp_path / "backup")
    assert refused.value.code == "archive:restore:media-in-use"


def test_restoring_never_overwrites_files(tmp_path: Path) -> None:
    make_photo()
    make_backup(tmp_path / "backup")
    (tmp_path / "there" / "originals").mkdir(parents=True)
    (tmp_path / "there" / "originals" / "mine").write_text("mine")
    with another_installation(tmp_path / "there"):
        with pytest.raises(StateError) as refused:
            restore_backup(tmp_path / "backup")
        assert refused.value.code == "archive:restore:media-in-use"
        assert connection.introspection.table_names() == []
    assert (tmp_path / "there" / "originals" / "mine").read_text() == "mine"


def test_damaged_backup_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    make_photo()
    make_backup(tmp_path / "backup")
    victim = next((tmp_path / "backup" / "data" / "media" / "originals").rglob("*/*/*"))
    content = bytearray(victim.read_bytes())
    content[100] ^= 1
    victim.write_bytes(content)
    with another_installation(tmp_path / "there"):
        with pytest.raises(InputError) as refused:
            restore_backup(tmp_path / "backup")
        assert refused.value.code == "archive:bag:invalid"
        assert victim.name in refused.value.message
        assert connection.introspection.table_names() == []
    assert not list((tmp_path / "there").rglob("*"))


def test_dump_of_another_kind_of_database_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_photo()
    with monkeypatch.context() as patch:
        patch.setattr(making, "dump_name", lambda: "pulih.other")
        make_backup(tmp_path / "backup")
    with another_installation(tmp_path / "there"), pytest.raises(StateError) as refused:
        restore_backup(tmp_path / "backup")
    assert refused.value.code == "archive:restore:other-database"


def test_what_the_archive_has_lost_is_told_and_the_rest_is_saved(tmp_path: Path) -> None:
    lost, decayed, intact = (make_photo().original.sha256 for _ in range(3))
    stored_path(Area.ORIGINALS, lost).unlink()
    path = stored_path(Area.ORIGINALS, decayed)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"?")
    errors = io.StringIO()
    with pytest.raises(CommandError, match="1 files are missing and 1 changed"):
        call_command("backup", tmp_path / "backup", stdout=io.StringIO(), stderr=errors)
    assert lost in errors.getvalue()
    assert decayed in errors.getvalue()
    with another_installation(tmp_path / "there"):
        report = restore_backup(tmp_path / "backup")
        assert [name.rpartition("/")[2] for name in report.missing] == [lost]
        assert sha256_of(stored_path(Area.ORIGINALS, intact)) == intact


def test_refusals_leave_nothing_behind(
    tmp_path: Path, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_photo()
    (tmp_path / "there").mkdir()
    for target, code in (
        (tmp_path / "there", "archive:backup:target-exists"),
        (media_root / "originals" / "backup", "archive:backup:target-inside"),
    ):
        with pytest.raises(StateError) as refused:
            make_backup(target)
        assert refused.value.code == code

    def no_room(target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "dump_database", no_room)
    with pytest.raises(OSError, match="No space"):
        make_backup(tmp_path / "target")
    assert {path.name for path in tmp_path.iterdir()} == {"there", "media"}


def test_file_that_goes_between_dump_and_copy_makes_another_dump(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, goes = make_photo(), make_photo()
    dump = making.dump_database

    def dump_and_purge(target: Path) -> None:
        dump(target)
        if Photo.objects.filter(pk=goes.pk).exists():
            at_once(lambda: purge_photo(photo=goes))

    monkeypatch.setattr(making, "dump_database", dump_and_purge)
    report = make_backup(tmp_path / "backup")
    assert (report.dumps, report.missing) == (2, [])
    with another_installation(tmp_path / "there"):
        assert restore_backup(tmp_path / "backup").missing == []
        assert list(Photo.objects.all()) == [stays]
        assert_whole()


def test_an_original_whose_deletion_takes_long_is_not_called_missing(tmp_path: Path) -> None:
    """Its file is gone, and every dump until the commit would name it."""
    photo = make_photo()
    sha256 = photo.original.sha256
    file_gone, backed_up = threading.Event(), threading.Event()

    def delete_slowly() -> None:
        with transaction.atomic():
            Photo.objects.filter(pk=photo.pk).delete()
            Original.objects.filter(sha256=sha256).delete()
            stored_path(Area.ORIGINALS, sha256).unlink()
            file_gone.set()
            # Long enough for dump after dump, were they not to wait.
            backed_up.wait(timeout=5)

    def back_up() -> BackupReport:
        file_gone.wait(timeout=20)
        try:
            return make_backup(tmp_path / "backup")
        finally:
            backed_up.set()

    _, report = at_once(delete_slowly, back_up)
    assert isinstance(report, BackupReport), report
    assert (report.dumps, report.missing) == (2, [])


def test_backups_under_load_are_all_consistent(tmp_path: Path) -> None:
    """Three curators upload and delete for good without a pause while one backup after another is made."""
    collection = make_collection()
    done = threading.Event()

    def work() -> int:
        rounds = 0
        while not done.is_set():
            rounds += 1
            kept, gone = make_photo(collection=collection), make_photo(collection=collection)
            delete_photo(photo=gone, actor=collection.owner)
            purge_photo(photo=gone)
            assert stored_path(Area.ORIGINALS, kept.original.sha256).is_file()
        return rounds

    def back_up() -> list[BackupReport]:
        try:
            return [make_backup(tmp_path / f"backup-{number}") for number in range(3)]
        finally:
            done.set()

    workers: list[Callable[[], object]] = [work, work, work]
    *rounds, reports = at_once(*workers, back_up)
    assert all(isinstance(count, int) and count > 0 for count in rounds), rounds
    assert isinstance(reports, list), reports
    for number, report in enumerate(reports):
        assert report.missing == report.decayed == []
        with another_installation(tmp_path / f"there-{number}"):
            assert restore_backup(tmp_path / f"backup-{number}").missing == []
            assert_whole()
        shutil.rmtree(tmp_path / f"backup-{number}")
