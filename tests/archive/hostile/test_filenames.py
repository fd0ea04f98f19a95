"""Names that do harm elsewhere, by every way in, and on every way out."""

import csv
import hashlib
import io
import re
import unicodedata
import zipfile
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.multipartparser import parse_header_parameters
from django.test import Client
from django.urls import reverse

from archive.bags.portable_names import PortableNames
from archive.description.metadata_csv import as_written, metadata_csv
from archive.files.filenames import clean_filename, clean_folder
from archive.files.storage import Area
from archive.importing.entries import Entry
from archive.models import Collection, Original, Photo
from tests import pictures
from tests.archive.hostile.filenames import HOSTILE
from tests.archive.tus_client import begun, send
from tests.factories import make_collection, make_photo, make_user
from tests.stored import stored_path

FACTS = ("media_type", "width", "height", "page_count", "colour")
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)", re.IGNORECASE)


@pytest.fixture
def collection() -> Collection:
    return make_collection(owner=make_user())


@pytest.fixture
def photos(collection: Collection) -> dict[str, Photo]:
    """A photo of each name, by the name that was given, put there without looking at three hundred files."""
    facts = {name: value for name, value in vars(make_photo().original).items() if name in FACTS}
    originals, made = [], []
    for number, name in enumerate(HOSTILE):
        content = pictures.png() + str(number).encode()
        sha256 = hashlib.sha256(content).hexdigest()
        path = stored_path(Area.ORIGINALS, sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        originals.append(Original(sha256=sha256, byte_size=len(content), **facts))
        made.append(
            Photo(
                collection=collection,
                original=originals[-1],
                filename=clean_filename(name),
                folder=clean_folder(name),
                uploaded_by=collection.owner,
            )
        )
    Original.objects.bulk_create(originals)
    Photo.objects.bulk_create(made)
    return dict(zip(HOSTILE, made, strict=True))


def test_there_are_as_many_as_promised() -> None:
    assert len(set(HOSTILE)) >= 300


@pytest.mark.parametrize("clean", [clean_filename, clean_folder])
def test_nothing_is_kept_that_is_not_shown(clean) -> None:
    for name in HOSTILE:
        kept = clean(name)
        assert kept == clean(kept), "a name that comes back is the same again"
        bad = {c for c in kept if unicodedata.category(c) in {"Cc", "Cs", "Cn", "Zl", "Zp"}}
        assert not bad, (name, kept)
        assert not set(kept) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"), name
        kept.encode()
        assert "\\" not in kept
        assert not {".", ".."} & set(kept.split("/"))
    assert all(clean_filename(name) and "/" not in clean_filename(name) for name in HOSTILE)
    assert max(len(clean_filename(name)) for name in HOSTILE) == 255


WORST = [
    "../../etc/passwd",
    "a\0b.png",
    "a.png\r\nSet-Cookie: session=evil",
    "photo\u202egnp.exe",
    "=cmd|' /C calc'!A0.png",
    "CON.png",
    "-rf",
    '"; filename="b.html',
    "👩‍👩‍👧‍👦" * 100 + ".png",
    "\uffff\u0378.png",
]


@pytest.mark.django_db
def test_by_every_way_in_the_name_is_the_same(client: Client, collection: Collection) -> None:
    """Uploads of pages and API as forms, tus by its metadata, ZIPs by their directory."""
    client.force_login(collection.owner)
    for number, name in enumerate(WORST):
        content = pictures.png(pictures.gradient(8, 8 + number))
        upload = begun(client, collection, len(content), filename=name)
        assert send(client, upload, content).status_code == 204, name
        assert Photo.objects.filter(filename=clean_filename(name)).exists(), name
        file = SimpleUploadedFile("x.png", content + b" ")
        # What a browser would have to send, and what no browser would.
        file._name = name.replace("\0", "").replace("\r", "").replace("\n", "")
        sent = client.post(reverse("api:collection-photos", args=[collection.pk]), {"file": file})
        assert sent.status_code in {201, 400}, (name, sent.content)
    for photo in Photo.objects.all():
        assert photo.filename == clean_filename(photo.filename)


@pytest.mark.django_db
def test_every_name_comes_back_over_the_api(client: Client, photos: dict[str, Photo]) -> None:
    (collection,) = {photo.collection for photo in photos.values()}
    client.force_login(collection.owner)
    address: str | None = reverse("api:collection-photos", args=[collection.pk])
    found = {}
    while address:
        page = client.get(address).json()
        found |= {row["id"]: row["filename"] for row in page["results"]}
        address = page["next"]
    assert found == {str(photo.pk): photo.filename for photo in photos.values()}


@pytest.mark.django_db
def test_downloads_carry_one_name_and_nothing_else(client: Client, photos: dict[str, Photo]) -> None:
    for photo in photos.values():
        client.force_login(photo.uploaded_by)
        break
    headers = {"Content-Type", "Content-Disposition", "Content-Security-Policy", "X-Content-Type-Options"}
    for photo in photos.values():
        response = client.get(reverse("api:photo-original", args=[photo.pk]))
        assert response.getvalue()
        assert headers <= set(response.headers)
        assert not {"Set-Cookie", "X-Evil"} & set(response.headers)
        disposition = response["Content-Disposition"]
        assert (disposition.isascii(), disposition.isprintable()) == (True, True)
        kind, values = parse_header_parameters(disposition)
        assert (kind, set(values)) == ("attachment", {"filename"})
        given = values["filename"]
        if "filename*" not in disposition:
            given = re.sub(r"\\(.)", r"\1", disposition.removeprefix('attachment; filename="')[:-1])
        assert unquote(given) in {photo.filename, unquote(photo.filename)}
        assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/png", "nosniff")


@pytest.mark.django_db
def test_no_spreadsheet_runs_a_name(photos: dict[str, Photo]) -> None:
    collection = next(iter(photos.values())).collection
    table = "".join(metadata_csv(Photo.objects.filter(collection=collection)))
    heading, *rows = csv.reader(io.StringIO(table))
    column = heading.index("filename")
    assert len(rows) == len(HOSTILE)
    for row in rows:
        for cell in row:
            assert not unicodedata.normalize("NFKC", cell).lstrip().startswith(("=", "+", "-", "@")), cell
    names = sorted(photo.filename for photo in photos.values())
    assert sorted(as_written(row[column]) for row in rows) == names


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", ["keeping", "passing-on"])
def test_bags_unpack_on_every_system(client: Client, photos: dict[str, Photo], purpose: str) -> None:
    collection = next(iter(photos.values())).collection
    client.force_login(collection.owner)
    address = reverse("archive:collection_export", args=[collection.pk])
    response = client.post(address, {"purpose": purpose})
    assert response.status_code == 200, response.content[:500]
    with zipfile.ZipFile(io.BytesIO(b"".join(response))) as archive:
        names = archive.namelist()
    originals = [name for name in names if "/originals/" in name and not name.endswith("/")]
    assert len(originals) == len(HOSTILE)
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        for part in name.rstrip("/").split("/"):
            assert part not in {"", ".", ".."}, name
            assert not _DEVICE.match(part), name
            assert not set(part) & set('<>:"\\|?*%'), name
            assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"} for c in part)
            assert len(part.encode()) <= 255, name


def test_portable_names_are_all_different() -> None:
    names = PortableNames()
    claimed = [names.claim("originals", *clean_folder(n).split("/"), clean_filename(n)) for n in HOSTILE * 2]
    assert len({name.casefold() for name in claimed}) == 2 * len(HOSTILE)


def test_entries_of_imports_are_named_by_the_same_rule() -> None:
    for name in HOSTILE:
        entry = Entry(name, lambda: None)  # type: ignore[arg-type,return-value]
        assert (entry.filename, entry.folder) == (clean_filename(name), clean_folder(name.rpartition("/")[0]))
