"""A bag that leaves one archive and comes into another: nothing is lost, nothing is forged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import override_settings

from archive.access.roles import Role
from archive.bags.contents import Purpose
from archive.errors import InputError
from archive.events.chain import digest_of, link_hash, verify_record
from archive.files.holdings import holdings
from archive.files.storage import sha256_of
from archive.models import Collection, Event, Membership, Photo
from archive.services import export_bag, import_bag, ingest_photo
from restoration.models import ModelVersion, Restoration
from tests.archive.bag_contents import Facts, facts, make_fonds
from tests.factories import make_collection, make_upload, make_user
from tests.stored import path_of

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Exported:
    """A bag on disk, and what was true in the archive that it came from, which is gone."""

    folder: Path
    facts: Facts
    bag_id: UUID
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def bag_of_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Exported:
    folder = tmp_path_factory.mktemp("elsewhere")
    there = override_settings(
        SECRET_KEY="another archive's", PULIH_ORGANISATION="Arsip Garut", MEDIA_ROOT=folder / "media"
    )
    with there, django_db_blocker.unblock(), transaction.atomic():
        fonds = make_fonds()
        stored = {each.sha256: path_of(each.file).read_bytes() for each in holdings()}
        before = facts()
        bag = export_bag(collection=fonds, actor=None, purpose=Purpose.KEEPING)
        bag.write_to(folder / "bag")
        bag.close()
        transaction.set_rollback(True)
    return Exported(folder / "bag", before, bag.id, stored)


@pytest.fixture
def exported(bag_of_elsewhere: Exported, tmp_path: Path) -> Exported:
    """The bag of elsewhere, a copy for every test."""
    return replace(bag_of_elsewhere, folder=shutil.copytree(bag_of_elsewhere.folder, tmp_path / "bag"))


def test_everything_comes_in_as_it_left(exported: Exported) -> None:
    assert not Collection.objects.exists()
    importer = make_user("importer")
    report = import_bag(path=exported.folder, imported_by=importer)
    assert (report.taken, report.already_here, report.derivatives, report.left) == (3, 0, 2, 0)
    assert facts() == exported.facts
    for each in holdings():
        assert sha256_of(path_of(each.file)) == each.sha256
        assert path_of(each.file).read_bytes() == exported.files[each.sha256]
    assert Restoration.objects.count() == 2
    assert set(Membership.objects.values_list("user__username", "role")) == {("importer", Role.OWNER)}


def test_people_of_elsewhere_are_named_and_cannot_sign_in(exported: Exported) -> None:
    siti = make_user("siti")
    import_bag(path=exported.folder, imported_by=make_user())
    (uploader,) = User.objects.filter(uploaded_photos__isnull=False).distinct()
    assert uploader.username.startswith("siti@arsip-garut-")
    assert not uploader.is_active
    assert not uploader.has_usable_password()
    assert uploader != siti
    assert not Collection.objects.visible_to(siti).exists()


def test_history_is_kept_with_its_origin_outside_of_ours(exported: Exported) -> None:
    importer = make_user()
    report = import_bag(path=exported.folder, imported_by=importer)
    foreign = Event.objects.filter(origin__isnull=False)
    assert foreign.count() == len(exported.facts.events)
    assert not foreign.exclude(actor=None).exists()
    photo = Photo.objects.get(filename="con.png")
    there, here = photo.events.order_by("created_at")[0], photo.events.filter(actor=importer).first()
    assert there.origin["bag"] == str(exported.bag_id)
    assert there.origin["agent"] == "siti"
    assert verify_record(
        {name: value for name, value in there.origin.items() if name not in {"bag", "instance"}}
    )
    assert here is not None
    assert here.origin is None
    imported = report.collections[0].events.get(kind="bag-imported")
    assert imported.actor == importer
    assert imported.details["photos"] == 3


def test_model_is_known_by_its_weights_and_never_becomes_the_default(exported: Exported) -> None:
    import_bag(path=exported.folder, imported_by=make_user())
    model = ModelVersion.objects.get()
    assert not model.is_default
    assert not model.weights_file.is_file()
    assert set(Restoration.objects.values_list("model_version", flat=True)) == {model.pk}


def test_import_goes_on_where_it_was_interrupted(exported: Exported) -> None:
    importer = make_user()

    def interrupt(done: int, of: int) -> None:
        assert of == 3
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_bag(path=exported.folder, imported_by=importer, on_photo=interrupt)
    assert Photo.objects.count() == 2
    report = import_bag(path=exported.folder, imported_by=importer)
    assert (report.taken, report.already_here) == (1, 2)
    assert facts() == exported.facts
    again = import_bag(path=exported.folder, imported_by=importer)
    assert (again.taken, again.already_here) == (0, 3)


def test_ids_in_use_are_refused_and_nothing_is_written(exported: Exported) -> None:
    mine = make_collection(collection_id=exported.facts.collections[1][0], title="Mine")
    with pytest.raises(InputError) as refused:
        import_bag(path=exported.folder, imported_by=make_user())
    assert refused.value.code == "archive:bag:taken"
    assert list(Collection.objects.all()) == [mine]
    assert not Event.objects.filter(origin__isnull=False).exists()


def test_photo_whose_id_is_in_use_is_refused(exported: Exported) -> None:
    collection = make_collection()
    ingest_photo(
        collection=collection,
        uploaded_by=collection.owner,
        file=make_upload(),
        filename="mine.png",
        photo_id=exported.facts.photos[0][0],
    )
    with pytest.raises(InputError) as refused:
        import_bag(path=exported.folder, imported_by=make_user())
    assert refused.value.code == "archive:bag:taken"
    assert Photo.objects.get(pk=exported.facts.photos[0][0]).filename == "mine.png"


def test_changed_history_is_refused(exported: Exported) -> None:
    path = exported.folder / "data" / "records" / "events.jsonl"
    lines = path.read_text().splitlines()
    changed = json.loads(lines[2])
    changed["agent"] = "somebody else"
    refused = refusal_of(exported.folder, path, [*lines[:2], json.dumps(changed), *lines[3:]])
    assert refused == "archive:bag:events-changed"
    # Recomputing the event's own hashes is not enough: the next one names the old one.
    changed["digest"] = digest_of(changed)
    changed["hash"] = link_hash(
        previous_hash=changed["previous_hash"], sequence=changed["sequence"], digest=changed["digest"]
    )
    refused = refusal_of(exported.folder, path, [*lines[:2], json.dumps(changed), *lines[3:]])
    assert refused == "archive:bag:events-changed"
    assert not Collection.objects.exists()


def refusal_of(folder: Path, path: Path, lines: list[str]) -> str:
    """The code with which the bag is refused once the file has these lines, and manifests that fit them."""
    path.write_text("\n".join(lines) + "\n")
    remake_manifests(folder)
    with pytest.raises(InputError) as refused:
        import_bag(path=folder, imported_by=User.objects.first() or make_user())
    return refused.value.code


def remake_manifests(folder: Path) -> None:
    payload = sorted(path for path in (folder / "data").rglob("*") if path.is_file())
    write_manifest(folder, "manifest-sha256.txt", payload)
    info = [
        line
        for line in (folder / "bag-info.txt").read_text().splitlines()
        if not line.startswith("Payload-Oxum")
    ]
    (folder / "bag-info.txt").write_text("\n".join(info) + "\n")
    tags = [folder / name for name in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt")]
    write_manifest(folder, "tagmanifest-sha256.txt", tags)


def write_manifest(folder: Path, name: str, files: list[Path]) -> None:
    lines = (f"{sha256_of(path)}  {path.relative_to(folder)}\n" for path in files)
    (folder / name).write_text("".join(lines))


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("photos.jsonl", "path", "../../manifest-sha256.txt"),
        ("photos.jsonl", "path", "/etc/passwd"),
        ("photos.jsonl", "collection", "nowhere"),
        ("photos.jsonl", "created_at", "yesterday"),
        ("collections.jsonl", "title", None),
        ("derivatives.jsonl", "provenance", {}),
        ("derivatives.jsonl", "files", {"restored": "records/about.json"}),
    ],
)
def test_records_that_lead_astray_are_refused(exported: Exported, name: str, field: str, value: Any) -> None:
    path = exported.folder / "data" / "records" / name
    lines = path.read_text().splitlines()
    changed = json.loads(lines[0]) | {field: value}
    assert refusal_of(exported.folder, path, [json.dumps(changed), *lines[1:]]) == "archive:bag:unreadable"


def test_what_a_bag_of_before_does_not_say_was_not_so(exported: Exported) -> None:
    """There were no thorough restorations then."""
    path = exported.folder / "data" / "records" / "derivatives.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert {record["provenance"].pop("thorough") for record in records} == {True}
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    remake_manifests(exported.folder)
    import_bag(path=exported.folder, imported_by=make_user())
    assert set(Restoration.objects.values_list("thorough", flat=True)) == {False}


def test_bags_that_are_not_right_are_refused(exported: Exported, tmp_path: Path) -> None:
    def refusal(path: Path) -> str:
        with pytest.raises(InputError) as refused:
            import_bag(path=path, imported_by=make_user())
        return refused.value.code

    (tmp_path / "no.zip").write_bytes(b"no ZIP")
    assert refusal(tmp_path / "no.zip") == "archive:bag:not-a-bag"
    assert refusal(tmp_path) == "archive:bag:not-a-bag"
    photo = next((exported.folder / "data" / "originals").rglob("con*"), None) or next(
        (exported.folder / "data" / "originals").rglob("_con.png")
    )
    intact = photo.read_bytes()
    photo.chmod(0o644)
    photo.write_bytes(intact[:-1] + bytes([intact[-1] ^ 1]))
    assert refusal(exported.folder) == "archive:bag:invalid"
    photo.unlink()
    assert refusal(exported.folder) == "archive:bag:invalid"
    photo.symlink_to("/etc/passwd")
    assert refusal(exported.folder) == "archive:bag:unsafe"
    photo.unlink()
    photo.write_bytes(intact)
    (exported.folder / "fetch.txt").write_text("http://elsewhere/ 1 data/x\n")
    assert refusal(exported.folder) == "archive:bag:unsafe"
    assert not Collection.objects.exists()


def test_bag_validates_with_the_library_of_congress_tool(exported: Exported) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-m", "bagit", "--validate", "bag"],
        cwd=exported.folder.parent,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "bag is valid" in done.stderr


def test_bag_comes_in_from_a_zip_as_well(exported: Exported, tmp_path: Path, media_root: Path) -> None:
    shutil.make_archive(str(tmp_path / "bag"), "zip", root_dir=tmp_path, base_dir="bag")
    report = import_bag(path=tmp_path / "bag.zip", imported_by=make_user())
    assert report.taken == 3
    assert facts() == exported.facts
    assert list((media_root / "incoming").iterdir()) == []


@pytest.mark.parametrize("name", ["../outside.txt", "/tmp/outside.txt", "bag\\..\\outside.txt"])
def test_zip_that_leads_out_of_itself_is_not_unpacked(tmp_path: Path, name: str) -> None:
    with ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("bag/bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        archive.writestr(name, "out")
    with pytest.raises(InputError) as refused:
        import_bag(path=tmp_path / "bad.zip", imported_by=make_user())
    assert refused.value.code == "archive:bag:unsafe"
    assert not (tmp_path / "outside.txt").exists()
