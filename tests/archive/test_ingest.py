"""What ingest promises: the bytes as they came, once, or a refusal that leaves nothing behind."""

import hashlib
import unicodedata
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from archive.errors import InputError
from archive.files import digests
from archive.files.filenames import clean_filename
from archive.files.storage import Area, FixityError
from archive.models import Event, Original, Photo, Rendition
from archive.services import EventKind, ingest_photo, sweep_leftovers
from tests import pictures
from tests.factories import make_collection, make_photo, make_upload
from tests.stored import rendition_path, stored_path

pytestmark = pytest.mark.django_db


def stored_files(media_root: Path) -> set[str]:
    return {str(path.relative_to(media_root)) for path in media_root.rglob("*") if path.is_file()}


def rows() -> tuple[int, int, int]:
    return Original.objects.count(), Photo.objects.count(), Rendition.objects.count()


def test_original_is_kept_byte_for_byte() -> None:
    content = pictures.rotated_jpeg(6) + b"trailing bytes that no decoder reads"
    photo = make_photo(content=content, filename="Elm Street.JPG")
    original = photo.original
    path = stored_path(Area.ORIGINALS, original.sha256)
    assert path.read_bytes() == content
    assert original.sha256 == hashlib.sha256(content).hexdigest()
    assert (original.byte_size, original.media_type) == (len(content), "image/jpeg")
    assert (original.width, original.height) == (64, 48)
    assert photo.filename == "Elm Street.JPG"


def test_renditions_are_made_and_described() -> None:
    photo = make_photo(content=pictures.jpeg(pictures.gradient(2000, 1000)))
    for rendition in photo.original.renditions.all():
        path = rendition_path(photo.original.sha256, Rendition.Kind(rendition.kind))
        assert path.stat().st_size == rendition.byte_size
        with Image.open(path) as image:
            assert image.size == (rendition.width, rendition.height)
    assert {rendition.kind for rendition in photo.original.renditions.all()} == set(Rendition.Kind.values)


def test_ingest_is_recorded() -> None:
    photo = make_photo(filename="a.png")
    event = Event.objects.get(kind=EventKind.PHOTO_INGESTED)
    assert (event.collection, event.photo, event.actor) == (photo.collection, photo, photo.uploaded_by)
    assert event.details == {"photo": str(photo.pk), "filename": "a.png", "sha256": photo.original.sha256}


def test_plain_file_objects_are_taken_like_uploads(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    path.write_bytes(pictures.png())
    collection = make_collection()
    with path.open("rb") as file:
        photo = ingest_photo(
            collection=collection, uploaded_by=collection.owner, file=file, filename=path.name
        )
    assert photo.original.byte_size == path.stat().st_size
    assert path.exists()


def test_same_file_twice_in_a_collection_is_refused(media_root: Path) -> None:
    photo = make_photo(content=pictures.png(), filename="first.png")
    before = stored_files(media_root), rows()
    with pytest.raises(InputError) as refused:
        make_photo(collection=photo.collection, content=pictures.png(), filename="second.png")
    assert refused.value.code == "archive:photo:duplicate"
    assert refused.value.message == "This collection already holds the same file, as “first.png”."
    assert (stored_files(media_root), rows()) == before


def test_same_file_in_two_collections_is_stored_once(media_root: Path) -> None:
    first = make_photo(content=pictures.png())
    before = stored_files(media_root)
    second = make_photo(content=pictures.png(), filename="elsewhere.png")
    assert second.original == first.original
    assert stored_files(media_root) == before
    assert rows() == (1, 2, 2)


REFUSALS = {
    "archive:file:empty": b"",
    "archive:file:not-an-image": b"no picture at all",
    "archive:file:truncated": pictures.truncated(pictures.png()),
    "archive:file:too-large": pictures.png(Image.effect_noise((80, 80), 90)),
    "archive:file:too-many-pixels": pictures.png_that_claims(101, 100),
}


@pytest.mark.parametrize(("code", "content"), REFUSALS.items(), ids=REFUSALS)
def test_refused_file_leaves_nothing_behind(
    settings: Settings, media_root: Path, code: str, content: bytes
) -> None:
    settings.PULIH_MAX_UPLOAD_BYTES = 5000
    settings.PULIH_MAX_PIXELS = 10_000
    collection = make_collection()
    with pytest.raises(InputError) as refused:
        make_photo(collection=collection, content=content)
    assert refused.value.code == code
    assert stored_files(media_root) == set()
    assert rows() == (0, 0, 0)
    assert not Event.objects.filter(kind=EventKind.PHOTO_INGESTED).exists()


STEPS = {
    "looking into it": ("archive.services.ingest.sniff_image", OSError("disk")),
    "making renditions": ("archive.services.ingest.renditions.draft_renditions", OSError("disk full")),
    "reading it back": ("archive.services.ingest.storage.verify", FixityError("bits fell over")),
    "naming the original": ("archive.services.ingest.storage.place", OSError("disk full")),
    "naming the renditions": ("archive.services.ingest.renditions.place_renditions", OSError("disk full")),
    "writing the photo": ("archive.services.ingest.Photo.objects.create", DatabaseError("gone away")),
    "writing the event": ("archive.services.ingest.record_event", DatabaseError("gone away")),
}


@pytest.mark.parametrize(("step", "error"), STEPS.values(), ids=STEPS)
def test_trouble_at_any_step_loses_nothing_and_the_upload_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, media_root: Path, step: str, error: Exception
) -> None:
    collection = make_collection()
    earlier = make_photo(collection=collection)
    before = stored_files(media_root)
    content = pictures.png()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(step, fail)
        with pytest.raises(type(error), match=str(error)):
            make_photo(collection=collection, content=content)

    assert rows() == (1, 1, 2)
    assert stored_path(Area.ORIGINALS, earlier.original.sha256).exists()
    sweep_leftovers(now=timezone.now() + timedelta(hours=2))
    assert stored_files(media_root) == before

    photo = make_photo(collection=collection, content=content)
    assert stored_path(Area.ORIGINALS, photo.original.sha256).read_bytes() == content
    assert rows() == (2, 2, 4)


def test_bytes_that_change_on_the_way_to_disk_are_noticed(
    monkeypatch: pytest.MonkeyPatch, media_root: Path
) -> None:
    honest = digests.sha256_of

    def flip_a_bit(path: Path) -> str:
        content = bytearray(path.read_bytes())
        content[40] ^= 1
        path.write_bytes(content)
        return honest(path)

    monkeypatch.setattr(digests, "sha256_of", flip_a_bit)
    with pytest.raises(FixityError):
        make_photo()
    assert stored_files(media_root) == set()


def test_lost_original_comes_back_with_the_next_upload_of_the_same_file() -> None:
    photo = make_photo(content=pictures.png())
    path = stored_path(Area.ORIGINALS, photo.original.sha256)
    path.unlink()
    make_photo(content=pictures.png())
    assert path.read_bytes() == pictures.png()


def test_what_is_begun_in_the_same_transaction_fails_with_it() -> None:
    collection = make_collection()
    seen: list[Photo] = []

    def begin(photo: Photo) -> None:
        seen.append(photo)
        raise DatabaseError("gone away")

    with pytest.raises(DatabaseError):
        ingest_photo(
            collection=collection,
            uploaded_by=collection.owner,
            file=make_upload(),
            filename="a.png",
            in_same_transaction=begin,
        )
    assert len(seen) == 1
    assert rows() == (0, 0, 0)


NAMES = {
    "photo.jpg": "photo.jpg",
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\system32\\evil.png": "evil.png",
    "/absolute/path.png": "path.png",
    "C:\\scans\\box 4\\017.tif": "017.tif",
    "line\r\nbreak\0.png": "linebreak.png",
    "\u202egpj.exe": "gpj.exe",
    "half a pair \ud800.png": "half a pair .png",
    ".htaccess": "htaccess",
    "   ": "photo",
    "": "photo",
    "..": "photo",
    "folder/": "photo",
    unicodedata.normalize("NFD", "Désirée.png"): "Désirée.png",
    "写真 «1».png": "写真 «1».png",
    '"><script>alert(1)</script>.png': "script>.png",
    "a" * 400 + ".jpeg": "a" * 250 + ".jpeg",
    "b" * 400: "b" * 255,
    "c" * 300 + "." + "d" * 300: ("c" * 300)[:255],
}


@pytest.mark.parametrize(("sent", "kept"), NAMES.items(), ids=range(len(NAMES)))
def test_hostile_file_names(sent: str, kept: str) -> None:
    assert clean_filename(sent) == kept


@pytest.mark.parametrize("sent", NAMES, ids=range(len(NAMES)))
def test_every_cleaned_name_can_be_stored(sent: str) -> None:
    photo = make_photo(filename="x.png")
    photo.filename = clean_filename(sent)
    photo.full_clean(exclude=["original"])
    photo.save()
    assert Photo.objects.get().filename == photo.filename


def test_name_never_becomes_part_of_a_path(media_root: Path) -> None:
    collection = make_collection()
    ingest_photo(
        collection=collection, uploaded_by=collection.owner, file=make_upload(), filename="../../../evil.png"
    )
    assert {name.split("/")[0] for name in stored_files(media_root)} == {"originals", "renditions"}
    assert not any("evil" in name for name in stored_files(media_root))


def test_queries_of_an_ingest_do_not_grow(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    collection = make_collection()
    for _ in range(3):
        make_photo(collection=collection)
    with django_assert_max_num_queries(25):
        make_photo(collection=collection)
