"""Bags on their way out: what is in them, for whom, and what happens when storage is not right."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import bagit
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from archive.bags import gathering
from archive.bags.contents import Purpose
from archive.bags.portable_names import PortableNames, portable
from archive.bags.writing import bag_members, write_folder
from archive.errors import StateError
from archive.files.storage import Area, sha256_of
from archive.models import Collection, Event, Photo
from archive.services import delete_photo, export_bag
from tests import pictures
from tests.archive.bag_contents import make_fonds
from tests.at_once import at_once
from tests.factories import make_collection, make_photo
from tests.stored import stored_path


def write_bag(target: Path, *, purpose: Purpose = Purpose.KEEPING, **asked: Any) -> Path:
    bag = export_bag(purpose=purpose, **{"actor": None} | asked)
    bag.write_to(target)
    bag.close()
    return target


def payload(folder: Path) -> dict[str, Path]:
    data = folder / "data"
    return {str(path.relative_to(data)): path for path in data.rglob("*") if path.is_file()}


@pytest.mark.django_db
def test_bag_holds_originals_approved_works_and_what_is_known(tmp_path: Path, media_root: Path) -> None:
    fonds = make_fonds()
    folder = write_bag(tmp_path / "bag", collection=fonds)
    bag = bagit.Bag(str(folder))
    bag.validate()
    names = payload(folder)
    byte_count = sum(path.stat().st_size for path in names.values())
    assert bag.info["Payload-Oxum"] == f"{byte_count}.{len(names)}"
    top = "originals/A 1 Estate_ Wiryo_Sastro"
    assert {name for name in names if name.startswith("originals/")} == {
        f"{top}/Bibi Sri.png",
        f"{top}/Album “3”/Bibi Sri.png",
        f"{top}/Album “3”/_con.png",
    }
    originals = {sha256_of(path) for name, path in names.items() if name.startswith("originals/")}
    assert originals == set(Photo.objects.values_list("original__sha256", flat=True))
    works = {name for name in names if name.startswith("restorations/")}
    above = "restorations/A 1 Estate_ Wiryo_Sastro"
    assert works == {f"{above}/Bibi Sri-restored.png", f"{above}/Bibi Sri-restored (2).png"}
    assert list((media_root / "incoming").iterdir()) == []


@pytest.mark.django_db
def test_metadata_are_in_words_that_others_know(tmp_path: Path) -> None:
    names = payload(write_bag(tmp_path / "bag", collection=make_fonds()))
    rows = list(csv.DictReader(io.StringIO(names["metadata/photos.csv"].read_text())))
    assert {row["title"] for row in rows} == {"'=Bibi Sri, 60% of her", ""}
    document = json.loads(names["metadata/photos.jsonld"].read_text())
    nodes = {node["@id"]: node for node in document["@graph"]}
    (photo,) = [node for node in nodes.values() if node.get("dcterms:title", "").startswith("=Bibi")]
    assert photo["dcterms:date"] == "1921~"
    assert photo["dcterms:spatial"] == "Garut"
    assert photo["dcterms:subject"] == ["Keluarga", "family"]
    assert nodes[photo["dcterms:isPartOf"]]["dcterms:identifier"] == "A 1"
    original = nodes[photo["schema:associatedMedia"]]
    assert original["schema:encodingFormat"] == "image/png"
    premis = ElementTree.parse(names["metadata/events.premis.xml"]).getroot()
    types = [each.text for each in premis.iter("{http://www.loc.gov/premis/v3}eventType")]
    assert types.count("ingestion") == types.count("message digest calculation") == 3
    works = [node for node in nodes.values() if "schema:isBasedOn" in node]
    assert len(works) == 2
    assert {work["schema:isBasedOn"] for work in works} == {original["@id"]}
    assert works[0]["schema:digitalSourceType"].endswith("compositeWithTrainedAlgorithmicMedia")


@pytest.mark.django_db
def test_selection_takes_its_photos_and_no_others(tmp_path: Path) -> None:
    fonds = make_fonds()
    series = Collection.objects.get(parent=fonds)
    wanted = Photo.objects.get(filename="con.png")
    other = make_photo()
    folder = write_bag(
        tmp_path / "bag", collection=fonds, photos=Photo.objects.filter(pk__in=[wanted.pk, other.pk])
    )
    names = payload(folder)
    assert [name for name in names if name.startswith(("originals/", "restorations/"))] == [
        "originals/A 1 Estate_ Wiryo_Sastro/Album “3”/_con.png"
    ]
    records = [json.loads(line) for line in names["records/collections.jsonl"].read_text().splitlines()]
    assert [(each["id"], each["parent"]) for each in records] == [
        (str(fonds.pk), None),
        (str(series.pk), str(fonds.pk)),
    ]
    events = [json.loads(line) for line in names["records/events.jsonl"].read_text().splitlines()]
    assert {each["photo"] for each in events} == {None, str(wanted.pk)}


@pytest.mark.django_db
def test_what_is_in_the_bin_stays_there(tmp_path: Path) -> None:
    fonds = make_fonds()
    for photo in Photo.objects.filter(filename="Bibi Sri.png"):
        delete_photo(photo=photo, actor=fonds.owner)
    names = payload(write_bag(tmp_path / "bag", collection=fonds))
    assert len([name for name in names if name.startswith("originals/")]) == 1
    assert not any(name.startswith("restorations/") for name in names)
    delete_photo(photo=Photo.objects.get(filename="con.png"), actor=fonds.owner)
    with pytest.raises(StateError) as refused:
        export_bag(collection=fonds, actor=None, purpose=Purpose.KEEPING)
    assert refused.value.code == "archive:bag:nothing"


def photo_with_position(collection: Collection) -> Photo:
    image = pictures.portrait(seed=9)
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (7.0, 13.0, 40.0)
    exif.get_ifd(0x8825)[1] = "S"
    exif.get_ifd(0x8769)[0xA431] = "SERIAL-0815"
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    return make_photo(collection=collection, content=buffer.getvalue(), filename="garut.jpg")


@pytest.mark.django_db
def test_camera_data_leave_only_in_a_bag_for_keeping(tmp_path: Path) -> None:
    collection = make_collection()
    photo = photo_with_position(collection)
    names = payload(write_bag(tmp_path / "keep", collection=collection))
    (kept,) = [path for name, path in names.items() if name.endswith("garut.jpg")]
    assert sha256_of(kept) == photo.original.sha256
    assert b"SERIAL-0815" in kept.read_bytes()
    folder = write_bag(tmp_path / "pass", collection=collection, purpose=Purpose.PASSING_ON)
    bagit.Bag(str(folder)).validate()
    names = payload(folder)
    (passed,) = [path for name, path in names.items() if name.endswith("garut.jpg")]
    assert not any(b"SERIAL-0815" in path.read_bytes() for path in names.values())
    with Image.open(passed) as image, Image.open(kept) as before:
        assert 2 not in image.getexif().get_ifd(0x8825)
        assert image.tobytes() == before.tobytes()
    assert not any(name.startswith("records/") for name in names)
    assert photo.original.sha256 not in names["metadata/photos.jsonld"].read_text()


@pytest.mark.django_db(transaction=True)
def test_bag_shows_one_moment_while_others_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = make_photo()
    table = gathering.metadata_csv

    def while_another_comes_in(photos: Any) -> Any:
        (written,) = at_once(lambda: make_photo(collection=photo.collection))
        assert isinstance(written, Photo)
        return table(photos)

    monkeypatch.setattr(gathering, "metadata_csv", while_another_comes_in)
    names = payload(write_bag(tmp_path / "bag", collection=photo.collection))
    assert Photo.objects.count() == 2
    assert len(names["metadata/photos.csv"].read_text().splitlines()) == 2
    events = [json.loads(line) for line in names["records/events.jsonl"].read_text().splitlines()]
    assert {each["photo"] for each in events} == {None, str(photo.pk)}


@pytest.mark.django_db
def test_missing_file_is_told_before_anything_leaves(tmp_path: Path) -> None:
    photo = make_photo()
    stored_path(Area.ORIGINALS, photo.original.sha256).unlink()
    with pytest.raises(StateError) as refused:
        export_bag(collection=photo.collection, actor=None, purpose=Purpose.KEEPING)
    assert refused.value.code == "archive:bag:files-missing"
    assert not Event.objects.filter(kind="bag-exported").exists()


@pytest.mark.django_db
def test_command_writes_folders_and_zips_and_overwrites_nothing(tmp_path: Path) -> None:
    photo = make_photo(collection=make_collection(title="Album 3"))
    call_command("export_bag", "Album 3", tmp_path / "bag", stdout=io.StringIO())
    call_command(
        "export_bag",
        str(photo.collection.pk),
        tmp_path / "bag.zip",
        purpose="passing-on",
        stdout=io.StringIO(),
    )
    bagit.Bag(str(tmp_path / "bag")).validate()
    with ZipFile(tmp_path / "bag.zip") as archive:
        assert archive.testzip() is None
    for target in ("bag", "bag.zip"):
        with pytest.raises(CommandError, match="exists already"):
            call_command("export_bag", "Album 3", tmp_path / target)
    make_collection(title="Album 3")
    with pytest.raises(CommandError, match="Several"):
        call_command("export_bag", "Album 3", tmp_path / "third")
    with pytest.raises(CommandError, match="no collection"):
        call_command("export_bag", "Album 4", tmp_path / "third")


def test_names_are_portable_and_given_once() -> None:
    assert portable("a/b\\c:d*e?.jpg") == "a_b_c_d_e_.jpg"
    assert portable("100%.jpg") == "100_.jpg"
    assert portable("nul.txt") == "_nul.txt"
    assert portable("COM1") == "_COM1"
    assert portable(". .\r\n") == "unnamed"
    assert portable("e\u0301.jpg") == "\u00e9.jpg"
    assert portable("x\u202egpj.exe") == "xgpj.exe"
    long = portable("印" * 200 + ".tiff")
    assert long.endswith("印.tiff")
    assert len(long.encode()) <= 150
    names = PortableNames()
    claimed = [
        names.claim("A", "photo.jpg"),
        names.claim("a", "PHOTO.jpg"),
        names.claim("A", "", "photo.jpg"),
        names.claim("A", "photo.jpg", "inner.jpg"),
        names.claim("A", "album", "x.jpg"),
        names.claim("A", "album"),
    ]
    assert claimed == [
        "A/photo.jpg",
        "a/PHOTO (2).jpg",
        "A/photo (3).jpg",
        "A/photo.jpg (2)/inner.jpg",
        "A/album/x.jpg",
        "A/album (2)",
    ]


def test_tag_lines_cannot_be_smuggled_in(tmp_path: Path) -> None:
    title = "Album\nPayload-Oxum: 0.0"
    write_folder(bag_members([], {"External-Description": title}), tmp_path / "bag")
    lines = (tmp_path / "bag" / "bag-info.txt").read_text().splitlines()
    assert lines[0] == "External-Description: Album Payload-Oxum: 0.0"


def test_bag_of_any_size_takes_little_memory(tmp_path: Path) -> None:
    """100 MiB in 400 files, poured in a process of its own, which may not grow by a tenth of that."""
    (tmp_path / "chunk").write_bytes(bytes(256 * 1024))
    program = f"""
import resource
from pathlib import Path
from archive.bags.writing import BagFile, bag_members, stream_zip
source = Path({str(tmp_path / "chunk")!r})
def files(number):
    return (BagFile(f"{{i}}.bin", lambda: source.open("rb")) for i in range(number))
def pour(number):
    return sum(map(len, stream_zip(bag_members(files(number), {{}}), top="bag")))
pour(4)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
size = pour(400)
print(size > 100 * 1024 * 1024, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) < 10 * 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"DJANGO_SETTINGS_MODULE": "config.settings.test", "PATH": "/usr/bin:/bin"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["True", "True"], done.stderr
