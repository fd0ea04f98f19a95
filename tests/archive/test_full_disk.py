"""A full disk is said, with a code of its own, leaves nothing broken, and is forgotten once there is room."""

import errno
import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import mkstemp
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from archive.bags.contents import Purpose
from archive.errors import StateError
from archive.files.room import is_full
from archive.files.storage import Area
from archive.models import Collection, Event, ImportRun, Original, Photo, Rendition, Upload
from archive.queue.ingest_tasks import continue_import
from archive.services import (
    begin_upload,
    export_bag,
    extend_upload,
    finish_upload,
    sweep_imports,
    sweep_leftovers,
    upload_zip,
)
from archive.services.imports import MAX_ATTEMPTS
from tests import pictures
from tests.archive.zips import zipped
from tests.factories import make_collection, make_photo, make_upload, make_user
from tests.restoration.api_client import client_of
from tests.stored import stored_path

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def curator() -> User:
    return make_user("siti")


@pytest.fixture
def collection(curator: User) -> Collection:
    return make_collection(owner=curator, auto_restore=False)


def full(*args: object, **kwargs: object) -> None:
    raise FULL


def counts() -> tuple[int, ...]:
    return tuple(kind.objects.count() for kind in (Photo, Original, Rendition, Event))


def files(media_root: Path) -> list[Path]:
    return [path for path in media_root.rglob("*") if path.is_file()]


WHERE = {
    "receiving": "archive.services.ingest.storage.receive",
    "rendering": "archive.services.ingest.renditions.draft_renditions",
    "naming the original": "archive.services.ingest.storage.place",
    "naming the renditions": "archive.services.ingest.renditions.place_renditions",
}


@pytest.mark.django_db
@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE)
def test_an_upload_into_a_full_disk(
    curator: User, collection: Collection, media_root: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    before = counts()
    content = pictures.png()
    page, api = Client(raise_request_exception=False), client_of(curator)
    page.force_login(curator)
    form = reverse("archive:photo_upload", args=[collection.pk])
    address = reverse("api:collection-photos", args=[collection.pk])
    with monkeypatch.context() as broken:
        broken.setattr(where, full)
        shown = page.post(form, {"file": make_upload(content)})
        told = api.post(address, {"file": make_upload(content)}, format="multipart")
    assert shown.status_code == 507
    assert "No room left" in shown.content.decode()
    assert (told.status_code, told.json()["code"]) == (507, "no_room")
    assert counts() == before
    # The original may have its name already: the same upload finds it there.
    sweep_leftovers(now=timezone.now() + timedelta(hours=2))
    assert not [path for path in files(media_root) if "incoming" in path.parts]
    assert api.post(address, {"file": make_upload(content)}, format="multipart").status_code == 201
    assert stored_path(Area.ORIGINALS, Original.objects.get().sha256).read_bytes() == content
    assert len(files(media_root)) == 3


def written_to_a_full_device(**given: Any) -> tuple[int, str]:
    """As `tempfile.mkstemp`, on a disk that has no room for a single byte more."""
    handle, name = mkstemp(**given)
    os.close(handle)
    return os.open("/dev/full", os.O_RDWR), name


@pytest.mark.django_db
@pytest.mark.parametrize("size", [(64, 48), (1200, 900)], ids=["seen when closed", "seen when written"])
def test_the_system_itself_says_that_there_is_no_room(
    collection: Collection, media_root: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    api = client_of(collection.owner)
    address = reverse("api:collection-photos", args=[collection.pk])
    content = pictures.png(pictures.portrait(*size))
    before = counts()
    with monkeypatch.context() as broken:
        broken.setattr("archive.files.storage.tempfile.mkstemp", written_to_a_full_device)
        told = api.post(address, {"file": make_upload(content)}, format="multipart")
    assert (told.status_code, told.json()["code"]) == (507, "no_room")
    assert (counts(), files(media_root)) == (before, [])
    assert api.post(address, {"file": make_upload(content)}, format="multipart").status_code == 201


@pytest.mark.django_db
def test_an_upload_in_parts_goes_on_from_where_there_was_no_room(collection: Collection) -> None:
    content = pictures.png()
    upload = begin_upload(
        collection=collection, uploaded_by=collection.owner, filename="photo.png", length=len(content)
    )
    half = extend_upload(upload=upload, offset=0, content=content[: len(content) // 2])
    kept = upload.part_path.rename(upload.part_path.with_suffix(".kept"))
    upload.part_path.symlink_to("/dev/full")
    with pytest.raises(StateError) as refusal:
        extend_upload(upload=upload, offset=half, content=content[half:])
    assert refusal.value.code == "archive:upload:no-room"
    kept.rename(upload.part_path)
    upload.refresh_from_db()
    assert upload.offset == half
    extend_upload(upload=upload, offset=half, content=content[half:])
    assert finish_upload(upload=upload).state == Upload.State.DONE
    assert stored_path(Area.ORIGINALS, Original.objects.get().sha256).read_bytes() == content


def sent(collection: Collection, content: bytes, *, as_bag: bool = False) -> ImportRun:
    file = make_upload(content, "album.zip")
    upload = upload_zip(
        collection=collection,
        uploaded_by=collection.owner,
        file=file,
        filename="album.zip",
        as_bag=as_bag,
    )
    assert upload.import_run is not None
    return upload.import_run


def go_on_once_there_is_room(run: ImportRun) -> None:
    OrmQ.objects.all().delete()
    assert sweep_imports(now=timezone.now() + timedelta(minutes=11)) == 1
    assert continue_import(str(run.pk)) == "done"


@pytest.mark.django_db
def test_a_zip_waits_for_room_however_often_there_is_none(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sent(collection, zipped({"a.png": pictures.png(), "b.jpg": pictures.jpeg()}))
    with monkeypatch.context() as broken:
        broken.setattr("archive.files.storage.tempfile.mkstemp", written_to_a_full_device)
        for _ in range(MAX_ATTEMPTS + 1):
            assert continue_import(str(run.pk)) == "put off"
    assert not run.items.exists()
    go_on_once_there_is_room(run)
    assert list(run.items.values_list("outcome", flat=True)) == ["taken", "taken"]


@pytest.mark.django_db
def test_a_bag_is_not_blamed_for_a_disk_that_fills_while_it_is_unpacked(
    curator: User, collection: Collection, tmp_path: Path, media_root: Path
) -> None:
    make_photo(collection=make_collection(owner=curator, auto_restore=False))
    bag = export_bag(collection=Photo.objects.get().collection, actor=None, purpose=Purpose.KEEPING)
    bag.write_to(tmp_path / "bag")
    bag.close()
    packed = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in (tmp_path / "bag").rglob("*")
        if path.is_file()
    }
    run = sent(collection, zipped(packed), as_bag=True)
    unfinished = run.unpacked_path.with_name(f"{run.unpacked_path.name}.part") / "files.unpacking"
    unfinished.parent.mkdir()
    unfinished.symlink_to("/dev/full")
    assert continue_import(str(run.pk)) == "put off"
    run.refresh_from_db()
    assert (run.is_active, run.error_code) == (True, "")
    unfinished.unlink()
    OrmQ.objects.all().delete()
    assert sweep_imports(now=timezone.now() + timedelta(minutes=11)) == 1
    # It goes on, and comes so far that it finds its own photo here.
    assert continue_import(str(run.pk)) == "done"
    run.refresh_from_db()
    assert run.error_code == "archive:bag:taken"


def sqlite_full() -> OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return wrapped(error)


def postgresql_full() -> OperationalError:
    error = RuntimeError("could not extend file")
    error.sqlstate = "53100"  # type: ignore[attr-defined]
    return wrapped(error)


def wrapped(cause: Exception) -> OperationalError:
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", [sqlite_full, postgresql_full])
def test_a_full_database(
    curator: User,
    collection: Collection,
    media_root: Path,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Callable[[], OperationalError],
) -> None:
    before = counts()
    api = client_of(curator)
    address = reverse("api:collection-photos", args=[collection.pk])

    def refuse(*args: object, **kwargs: object) -> None:
        raise refusal()

    with monkeypatch.context() as broken:
        broken.setattr("archive.services.ingest.record_event", refuse)
        told = api.post(address, {"file": make_upload(pictures.png())}, format="multipart")
    assert (told.status_code, told.json()["code"]) == (507, "no_room")
    assert counts() == before
    assert api.post(address, {"file": make_upload(pictures.png())}, format="multipart").status_code == 201


def test_other_trouble_is_not_taken_for_it() -> None:
    assert not is_full(None)
    assert not is_full(OSError(errno.EIO, "Input/output error"))
    assert not is_full(OperationalError("database is locked"))
    assert is_full(wrapped(FULL))
    assert is_full(ValueError("unable to write: No space left on device"))


def test_what_sqlite_says_of_a_full_database_is_understood(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "small.sqlite3")
    database.execute("CREATE TABLE text (content)")
    database.execute("PRAGMA max_page_count = 3")
    with pytest.raises(sqlite3.OperationalError) as refusal:
        database.execute("INSERT INTO text VALUES (?)", ["x" * 50_000])
    database.close()
    assert is_full(wrapped(refusal.value))
