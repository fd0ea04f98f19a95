"""A bag that is sent to the server: who may, how it comes in, and what is refused."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from archive.bags.contents import Purpose
from archive.importing import bags
from archive.models import Collection, Event, ImportItem, ImportRun, Photo, Upload
from archive.queue.ingest_tasks import continue_import, sweep_ingest
from archive.services import bag_runs, claim_import, export_bag, upload_zip
from archive.services.imports import MAX_ATTEMPTS
from restoration.models import Restoration
from tests.archive.bag_contents import Facts, facts, make_fonds
from tests.archive.zips import overlapping_zip
from tests.factories import make_collection, make_user
from tests.html_page import get_page, page_of
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db


def zip_of(folder: Path) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, Path("bag") / path.relative_to(folder))
    return content.getvalue()


@pytest.fixture(scope="module")
def bag_of_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> tuple[Path, Facts]:
    from django.db import transaction

    folder = tmp_path_factory.mktemp("elsewhere")
    there = override_settings(
        SECRET_KEY="another archive's", PULIH_ORGANISATION="Arsip Garut", MEDIA_ROOT=folder / "media"
    )
    with there, django_db_blocker.unblock(), transaction.atomic():
        fonds = make_fonds()
        before = facts()
        bag = export_bag(collection=fonds, actor=None, purpose=Purpose.KEEPING)
        bag.write_to(folder / "bag")
        bag.close()
        transaction.set_rollback(True)
    return folder / "bag", before


@pytest.fixture
def content(bag_of_elsewhere: tuple[Path, Facts]) -> bytes:
    return zip_of(bag_of_elsewhere[0])


@pytest.fixture
def operator() -> User:
    return make_user("operator", is_staff=True)


def sent(operator: User, content: bytes) -> ImportRun:
    file = SimpleUploadedFile("album.zip", content)
    upload = upload_zip(collection=None, uploaded_by=operator, file=file, filename="album.zip", as_bag=True)
    assert upload.import_run is not None
    return upload.import_run


def went(run: ImportRun) -> ImportRun:
    continue_import(str(run.pk))
    return ImportRun.objects.with_counts().get(pk=run.pk)


def turn_of(run: ImportRun) -> bool:
    """The shortest turn that there is; whether the import has come to its end by it."""
    claimed = claim_import(run_id=run.pk)
    assert claimed is not None
    return bags.continue_bag_import(claimed, seconds=0)


Pieces = Callable[..., Iterator[str]]


def dying_over(pieces: Pieces, is_fatal: Callable[[int, str], bool]) -> Pieces:
    """Those pieces, over one of which, by its number and name, the worker dies."""

    def mortal(*given: Any, **named: Any) -> Iterator[str]:
        for number, name in enumerate(pieces(*given, **named)):
            yield name
            if is_fatal(number, name):
                raise SystemExit

    return mortal


def telling(pieces: Pieces, told: list[str]) -> Pieces:
    """Those pieces, whose names are written down."""

    def told_of(*given: Any, **named: Any) -> Iterator[str]:
        for name in pieces(*given, **named):
            told.append(name)
            yield name

    return told_of


def test_everything_comes_in_as_it_left(
    operator: User, content: bytes, bag_of_elsewhere: tuple[Path, Facts]
) -> None:
    run = went(sent(operator, content))
    assert (run.state, run.error_message, run.total, run.taken) == ("done", "", 3, 3)
    assert facts() == bag_of_elsewhere[1]
    assert Restoration.objects.count() == 2
    assert run.collection == Collection.objects.get(parent=None)
    (event,) = Event.objects.filter(kind="bag-imported")
    assert event.details["photos"] == 3
    assert not run.unpacked_path.exists()
    assert not run.upload.part_path.exists()


def test_sent_twice_everything_is_there_already(operator: User, content: bytes) -> None:
    went(sent(operator, content))
    run = went(sent(operator, content))
    assert (run.state, run.taken, run.present) == ("done", 0, 3)
    assert Photo.objects.count() == 3


def test_a_worker_killed_anywhere_doubles_nothing_and_loses_nothing(
    operator: User, content: bytes, monkeypatch: pytest.MonkeyPatch, bag_of_elsewhere: tuple[Path, Facts]
) -> None:
    run = sent(operator, content)
    unpacking, validating, take = bags.unpacking, bags.validating, bag_runs.BagPhotos.take

    def die(*_given: object, **_named: object) -> None:
        raise SystemExit

    def die_after(*given: Any, **named: Any) -> None:
        take(*given, **named)
        raise SystemExit

    for place, name, deed in (
        (bags, "unpacking", dying_over(unpacking, lambda number, _name: number == 2)),
        (bags, "validating", dying_over(validating, lambda number, _name: number == 2)),
        (bag_runs.BagPhotos, "take", die),
        (bag_runs.BagPhotos, "take", die_after),
    ):
        with monkeypatch.context() as dying:
            dying.setattr(place, name, deed)
            with pytest.raises(SystemExit):
                continue_import(str(run.pk))
        ImportRun.objects.update(lease_expires_at=timezone.now())
        sweep_ingest()
    run = went(run)
    assert (run.state, run.taken + run.present, run.total) == ("done", 3, 3)
    assert facts() == bag_of_elsewhere[1]


def test_it_goes_in_turns_and_is_unpacked_once(
    operator: User, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[str] = []
    for name in ("unpacking", "validating"):
        monkeypatch.setattr(bags, name, telling(getattr(bags, name), touched))
    run = sent(operator, content)
    turns = 1
    while not turn_of(run):
        turns += 1
    with ZipFile(io.BytesIO(content)) as archive:
        entries = [entry.filename for entry in archive.infolist()]
    files = [entry.removeprefix("bag/") for entry in entries if not entry.endswith("/")]
    listed = [name for name in files if not name.startswith("tagmanifest-")]
    # Each turn has one done and finds the next one, which it leaves; where there is none, it goes on.
    done = [name for name, following in pairwise([*touched, ""]) if name != following]
    assert sorted(done) == sorted(entries + listed)
    assert turns == len(done) + 3 - 2
    assert ImportItem.objects.filter(outcome="taken").count() == 3


def test_a_bag_over_which_workers_die_is_given_up(
    operator: User, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sent(operator, content)

    with monkeypatch.context() as dying:
        dying.setattr(bags, "validating", dying_over(bags.validating, lambda _n, name: "photos" in name))
        # The first death over it comes in the middle of a turn; then it is what turns begin with.
        for _ in range(1 + MAX_ATTEMPTS):
            with pytest.raises(SystemExit):
                continue_import(str(run.pk))
            ImportRun.objects.update(lease_expires_at=timezone.now())
    run = went(run)
    assert (run.state, run.error_code) == ("failed", "archive:import:given-up")


@pytest.mark.parametrize("what", ["no-bag", "damaged", "history", "overlapping", "too-much", "no-records"])
def test_what_is_refused_has_a_code_and_leaves_nothing(
    operator: User, bag_of_elsewhere: tuple[Path, Facts], tmp_path: Path, what: str, settings: Any
) -> None:
    folder = shutil.copytree(bag_of_elsewhere[0], tmp_path / "bag")
    if what == "no-bag":
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "photo.txt").write_text("no bag")
    if what == "damaged":
        next(folder.glob("data/**/*.png")).write_bytes(b"another picture")
    if what == "too-much":
        settings.PULIH_MAX_UNPACKED_BYTES = 1000
    content = overlapping_zip(b"photo" * 1000, 20) if what == "overlapping" else zip_of(folder)
    if what == "no-records":
        bag = export_bag(collection=make_fonds("siti"), actor=None, purpose=Purpose.PASSING_ON)
        bag.write_to(tmp_path / "public")
        bag.close()
        content = zip_of(tmp_path / "public")
    if what == "history":
        content = _with_changed_history(folder)
    before = (Collection.objects.count(), Photo.objects.count())
    run = went(sent(operator, content))
    codes = {
        "no-bag": "archive:bag:not-a-bag",
        "damaged": "archive:bag:invalid",
        "history": "archive:bag:events-changed",
        "overlapping": "archive:zip:overlapping",
        "too-much": "archive:zip:too-much",
        "no-records": "archive:bag:not-for-keeping",
    }
    assert (run.state, run.error_code) == ("failed", codes[what])
    assert (Collection.objects.count(), Photo.objects.count()) == before
    assert not run.unpacked_path.exists()


def _with_changed_history(folder: Path) -> bytes:
    """A valid bag whose events somebody has changed, manifests and all."""
    import bagit

    path = folder / "data/records/events.jsonl"
    path.write_text(path.read_text().replace("photo-ingested", "photo-purged", 1))
    bagit.Bag(str(folder)).save(manifests=True)
    return zip_of(folder)


def test_over_rest_bit_by_bit(operator: User, content: bytes) -> None:
    client = client_of(operator)
    tus = {"HTTP_TUS_RESUMABLE": "1.0.0"}
    name = base64.b64encode(b"album.zip").decode()
    begun = client.post(
        reverse("api:bag-uploads"),
        HTTP_UPLOAD_LENGTH=str(len(content)),
        HTTP_UPLOAD_METADATA=f"filename {name}",
        **tus,
    )
    assert begun.status_code == 201, begun.content
    half = len(content) // 2
    for start, part in ((0, content[:half]), (half, content[half:])):
        answer = client.generic(
            "PATCH",
            begun["Location"],
            part,
            content_type="application/offset+octet-stream",
            HTTP_UPLOAD_OFFSET=str(start),
            **tus,
        )
        assert answer.status_code == 204, answer.content
    state = client.get(begun["Location"]).json()
    assert (state["kind"], state["state"], state["collection"]) == ("bag", "done", None)
    continue_import(state["import_run"])
    (run,) = client.get(reverse("api:bag-uploads")).json()["results"]
    assert (run["id"], run["source"], run["state"], run["taken"]) == (state["import_run"], "bag", "done", 3)
    items = client.get(reverse("api:import-items", args=[run["id"]])).json()["results"]
    assert {item["outcome"] for item in items} == {"taken"}


def test_a_token_for_some_collections_brings_no_bag(operator: User) -> None:
    limited = client_of(operator, collections=[make_collection(owner=operator)])
    assert limited.get(reverse("api:bag-uploads")).status_code == 403


def test_on_the_page(client: Client, operator: User, content: bytes) -> None:
    client.force_login(operator)
    address = reverse("archive:bag_import")
    assert "None yet" in get_page(client, address).one("main").text
    answer = client.post(address, {"file": SimpleUploadedFile("album.zip", content)}, follow=True)
    assert page_of(answer).one("h1").text == "album.zip"
    run = ImportRun.objects.get()
    went(run)
    assert (
        "3 of 3 files" in get_page(client, reverse("archive:import_detail", args=[run.pk])).one("main").text
    )
    assert "3 taken in" in get_page(client, address).one("main").text
    assert Upload.objects.get().collection is None


def test_what_is_no_zip_is_said(client: Client, operator: User) -> None:
    client.force_login(operator)
    answer = client.post(reverse("archive:bag_import"), {"file": SimpleUploadedFile("a.zip", b"no zip")})
    assert "not a ZIP" in page_of(answer).one(role="alert").text
