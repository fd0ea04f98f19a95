"""A database that has reached its last page, at every point of what is written, page by page: a clear answer,
no half of anything, no work lost or wrongly given up; and everything goes on once there is room.

On SQLite, whose limit can be set on a living connection. What it raises then is what a full disk gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from archive.events.verification import verify_chain
from archive.files.holdings import HELD_AREAS, holdings
from archive.files.storage import sha256_of
from archive.models import ApiToken, Collection, Event, Original, Photo, Rendition
from archive.services import sweep_leftovers
from restoration.models import Restoration, Review
from restoration.running import engine
from restoration.services import (
    claim_restoration,
    request_restoration,
    retry_restorations,
    sweep_restorations,
)
from restoration.tasks import run_restoration
from tests import pictures
from tests.factories import (
    make_collection,
    make_outcome,
    make_photo,
    make_restoration,
    make_upload,
    make_user,
)
from tests.full_database import database_of_small_pages, no_file_larger_than, room_for
from tests.restoration.api_client import client_of
from tests.stored import area_folder, path_of

ENDS = ("restoration-done", "restoration-failed", "restoration-quarantined")
QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values
LATER = timedelta(hours=2)

TITLES = {"No room left": "no_room", "Not just now": "busy"}
"""Of the pages that say so, with the code that programs are told."""

Upload = Callable[[bytes], tuple[int, str]]


@pytest.fixture(autouse=True)
def small_pages(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    with database_of_small_pages(tmp_path):
        yield


@pytest.fixture
def curator() -> User:
    return make_user("siti")


@pytest.fixture
def collection(curator: User) -> Collection:
    return make_collection(owner=curator, auto_restore=False)


def counts() -> tuple[int, ...]:
    kinds: tuple[Any, ...] = (Photo, Original, Rendition, Event, Restoration, Review, OrmQ)
    return tuple(kind.objects.count() for kind in kinds)


def assert_whole() -> None:
    """Once the hourly sweep has been there, every row has its files, every file its row, and the history is
    unbroken."""
    sweep_leftovers(now=timezone.now() + LATER)
    named = {path_of(each.file): each.sha256 for each in holdings()}
    assert all(sha256_of(path) == sha256 for path, sha256 in named.items())
    lying = {path for area in HELD_AREAS for path in area_folder(area).rglob("*") if path.is_file()}
    assert lying == named.keys()
    assert list(verify_chain()) == []


def by_page(curator: User, collection: Collection) -> Upload:
    browser = Client(raise_request_exception=False)
    browser.force_login(curator)

    def upload(content: bytes) -> tuple[int, str]:
        form = reverse("archive:photo_upload", args=[collection.pk])
        answer = browser.post(form, {"file": make_upload(content)})
        said = answer.content.decode()
        codes = (code for title, code in TITLES.items() if title in said)
        return answer.status_code, next(codes, "")

    return upload


def by_api(curator: User, collection: Collection) -> Upload:
    api = client_of(curator)

    def upload(content: bytes) -> tuple[int, str]:
        address = reverse("api:collection-photos", args=[collection.pk])
        answer = api.post(address, {"file": make_upload(content)}, format="multipart")
        return answer.status_code, answer.json().get("code", "")

    return upload


@pytest.mark.parametrize(("door", "taken"), [(by_page, 302), (by_api, 201)])
def test_an_upload(
    curator: User, collection: Collection, door: Callable[[User, Collection], Upload], taken: int
) -> None:
    upload = door(curator, collection)
    # What a session or a token notes of its first use is noted.
    assert upload(pictures.png(pictures.portrait())) == (taken, "")
    content = pictures.png()
    before = counts()
    for pages in count():
        with room_for(pages):
            answer = upload(content)
        if answer == (taken, ""):
            break
        assert answer == (507, "no_room")
        assert counts() == before
        assert_whole()
    assert pages > 4  # so it was full in the middle of the transaction, too
    assert collection.photos.count() == 2
    assert_whole()


@pytest.mark.parametrize(("door", "taken"), [(by_page, 302), (by_api, 201)])
def test_a_commit_that_does_not_fit_is_taken_back(
    curator: User, collection: Collection, door: Callable[[User, Collection], Upload], taken: int
) -> None:
    """Here it is the system that lets no file become larger, when all is said and is to be kept."""
    upload = door(curator, collection)
    upload(pictures.png(pictures.portrait()))
    content = pictures.png(pictures.gradient(64, 48))
    before = counts()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    said: list[str] = []
    connection.connection.set_trace_callback(said.append)
    with no_file_larger_than(8 * 1024):
        assert upload(content) == (503, "busy")
    connection.connection.set_trace_callback(None)
    assert said[-1] == "COMMIT"  # so it was that which failed
    assert counts() == before
    assert_whole()
    assert upload(content) == (taken, "")
    assert_whole()


def test_a_restoration_that_cannot_be_claimed_goes_on_waiting(curator: User, collection: Collection) -> None:
    row = request_restoration(photo=make_photo(collection=collection), requested_by=curator)
    refused = 0
    # Whether a row that grows needs another page depends on how long it is.
    for length in range(0, 512, 32):
        Restoration.objects.filter(pk=row.pk).update(error_message="x" * length)
        OrmQ.objects.all().delete()
        try:
            with room_for(0):
                claimed = claim_restoration(restoration_id=row.pk)
        except OperationalError:
            refused += 1
            row.refresh_from_db()
            assert (row.status, row.attempts) == (QUEUED, 0)
            assert sweep_restorations(now=timezone.now() + LATER).enqueued == 1
        else:
            assert claimed is not None
            Restoration.objects.filter(pk=row.pk).update(status=QUEUED, lease_token=None, attempts=0)
    assert refused


def test_a_result_that_cannot_be_kept_is_made_again(
    curator: User, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "restore", lambda restoration, **_: make_outcome(restoration))
    photo = make_photo(collection=collection)
    make_restoration(photo=photo)  # what the stand-in for the engine registers itself is there
    became = set()
    for pages in count():
        row = request_restoration(photo=photo, requested_by=curator)
        try:
            with room_for(pages):
                told = run_restoration(str(row.pk))
        except OperationalError:
            told = "raised"
        row.refresh_from_db()
        became.add((row.status, told, row.error_code))
        if told == "done":
            break
        assert ended(row) == ([row.error_code] if row.status == FAILED else [])
        if row.status == FAILED:
            retry_restorations(restorations=Restoration.objects.filter(pk=row.pk), requested_by=curator)
        else:
            # It could not even be written down that it failed: as if its worker had died.
            assert sweep_restorations(now=timezone.now() + LATER).requeued == 1
        assert run_restoration(str(Restoration.objects.get(status=QUEUED).pk)) == "done"
        assert_whole()
    assert became == {
        (RUNNING, "raised", ""),
        (FAILED, "restoration:engine:no-room", "restoration:engine:no-room"),
        (DONE, "done", ""),
    }
    assert_whole()


def ended(row: Restoration) -> list[str]:
    """How the history says that it ended, so far."""
    of_it = Event.objects.filter(details__restoration=str(row.pk), kind__in=ENDS)
    return [event.details.get("code", "") for event in of_it]


def test_a_decision(curator: User, collection: Collection) -> None:
    restoration = make_restoration(photo=make_photo(collection=collection))
    api = client_of(curator)
    address = f"/api/v1/restorations/{restoration.pk}/reviews/"
    before = counts()
    for pages in count():
        with room_for(pages):
            answer = api.post(address, {"decision": "approved", "comment": "x" * 2000}, format="json")
        restoration.refresh_from_db()
        if answer.status_code == 201:
            break
        assert (answer.status_code, answer.json()["code"]) == (507, "no_room")
        assert counts() == before
        assert restoration.review_state == Restoration.ReviewState.UNREVIEWED
    assert pages > 4
    assert restoration.review_state == Restoration.ReviewState.APPROVED
    assert_whole()


def test_what_is_only_read_is_read(curator: User, collection: Collection) -> None:
    photo = make_photo(collection=collection)
    api, browser = client_of(curator), Client()
    browser.force_login(curator)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # Nothing can be written at all: not even that the token was used for the first time.
    with no_file_larger_than(0):
        assert api.get(f"/api/v1/photos/{photo.pk}/").status_code == 200
        assert browser.get(reverse("restoration:photo_detail", args=[photo.pk])).status_code == 200
    assert ApiToken.objects.get().last_used_at is None
    assert api.get(f"/api/v1/photos/{photo.pk}/").status_code == 200
    assert ApiToken.objects.get().last_used_at is not None
