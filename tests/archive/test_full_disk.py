"""A full disk is said, with a code of its own, leaves nothing broken, and is forgotten once there is room."""

import errno
import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive.files.room import is_full
from archive.files.storage import Area
from archive.models import Collection, Event, Original, Photo, Rendition
from archive.services import sweep_leftovers
from tests import pictures
from tests.factories import make_collection, make_upload, make_user
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
