"""Stored files over HTTP: whole, in parts, unchanged since, and handed over to a server in front."""

from pathlib import Path

import pytest
from django.http import Http404
from django.test import RequestFactory
from PIL import ExifTags, Image
from pytest_django import Settings

from archive.files.byte_ranges import Unsatisfiable, asked_part
from archive.files.file_responses import attachment, attachment_for_guests, inline_rendition
from archive.files.storage import Area, StoredFile
from tests import pictures
from tests.stored import path_of

CONTENT = bytes(range(256)) * 5000  # more than one block
SIZE = len(CONTENT)


STORED = StoredFile(Area.ORIGINALS, "ab" * 32, " ü.tif")


@pytest.fixture
def path(media_root: Path) -> Path:
    return lying(STORED, CONTENT)


def lying(stored: StoredFile, content: bytes) -> Path:
    path = path_of(stored)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def fetch(path, **headers):
    request = RequestFactory().get(
        "/", headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
    return attachment(request, STORED, filename="ü.tif", media_type="image/tiff")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=100-199", 100, 199),
        ("bytes=300000-900000", 300_000, 900_000),
        ("bytes=-10", SIZE - 10, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
        (f"bytes=5-{SIZE * 2}", 5, SIZE - 1),
        ("Bytes = 1 - 2 ", 1, 2),
    ],
)
def test_a_part(path, asked, first, last):
    response = fetch(path, Range=asked)
    assert response.status_code == 206
    assert response.getvalue() == CONTENT[first : last + 1]
    assert response["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response["Content-Length"] == str(last + 1 - first)


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=0-1,4-5",
        "lines=0-1",
        "bytes=a-b",
        "bytes=\u0661-\u0662",  # digits, but not those of HTTP
        f"bytes={'9' * 5000}-",
    ],
)
def test_whatever_is_not_one_range_gets_the_whole(path, asked):
    response = fetch(path, Range=asked)
    assert (response.status_code, response.getvalue()) == (200, CONTENT)
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Length"] == str(SIZE)
    assert "Content-Range" not in response


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 9}", "bytes=-0"])
def test_a_part_that_there_is_not(path, asked):
    response = fetch(path, Range=asked)
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{SIZE}")


def test_a_part_of_an_empty_file_is_none():
    assert isinstance(asked_part({"Range": "bytes=0-"}, byte_size=0, etag='"x"'), Unsatisfiable)


def test_a_download_goes_on_only_with_the_same_file(path):
    etag = fetch(path)["ETag"]
    assert fetch(path, Range="bytes=7-8", If_Range=etag).status_code == 206
    for other in ('"other"', f"W/{etag}", "Wed, 21 Oct 2015 07:28:00 GMT"):
        response = fetch(path, Range="bytes=7-8", If_Range=other)
        assert (response.status_code, response.getvalue()) == (200, CONTENT)


def test_unchanged_since(path):
    response = fetch(path, If_None_Match=fetch(path)["ETag"], Range="bytes=7-8")
    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.parametrize("asked", ["", "bytes=7-8", f"bytes={SIZE}-"])
def test_whatever_is_answered_it_is_a_download_for_one_person(path, asked):
    response = fetch(path, Range=asked)
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%C3%BC.tif"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox"
    assert {"private", "no-cache"} <= set(response["Cache-Control"].split(", "))
    assert response.getvalue() is not None  # read, and so closed


@pytest.mark.parametrize(
    ("setting", "header", "value"),
    [
        (
            "X-Accel-Redirect:/protected/",
            "X-Accel-Redirect",
            f"/protected/originals/ab/ab/{'ab' * 32}%20%C3%BC.tif",
        ),
        ("X-Sendfile", "X-Sendfile", None),
    ],
)
def test_a_server_in_front_sends_the_bytes(path, settings: Settings, setting, header, value):
    settings.PULIH_SENDFILE = setting
    response = fetch(path, Range="bytes=7-8")
    assert (response.status_code, response.content) == (200, b"")
    assert response[header] == (value or str(path))
    assert response["Content-Type"] == "image/tiff"
    assert response["Content-Security-Policy"] == "sandbox"
    assert "Content-Length" not in response or response["Content-Length"] == "0"
    shown = inline_rendition(RequestFactory().get("/"), STORED, media_type="image/png")
    assert (shown[header], shown["Content-Type"]) == (value or str(path), "image/png")


def test_a_missing_file_is_not_found_whoever_sends_it(path, settings: Settings):
    path.unlink()
    for setting in ("", "X-Sendfile"):
        settings.PULIH_SENDFILE = setting
        with pytest.raises(Http404):
            fetch(path)


class TestGuests:
    @pytest.fixture
    def photo(self, media_root: Path) -> Path:
        exif = Image.Exif()
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = "SERIAL-4711"
        return lying(STORED, pictures.jpeg(pictures.portrait(), exif=exif))

    def fetch(self, path: Path, **headers: str):
        request = RequestFactory().get("/", headers=headers)
        return attachment_for_guests(request, STORED, filename="photo.jpg", media_type="image/jpeg")

    def test_the_file_comes_without_what_the_camera_tells(self, photo, settings: Settings):
        settings.PULIH_SENDFILE = "X-Sendfile"
        assert b"SERIAL-4711" in photo.read_bytes()
        response = self.fetch(photo)
        content = response.getvalue()
        assert b"SERIAL-4711" not in content
        assert pictures.opened(content).tobytes() == pictures.opened(photo.read_bytes()).tobytes()
        assert response["Content-Security-Policy"] == "sandbox"

    def test_in_parts_too_and_never_joined_with_the_full_file(self, photo):
        whole = self.fetch(photo)
        content = whole.getvalue()
        part = self.fetch(photo, Range="bytes=10-1999")
        assert part.getvalue() == content[10:2000]
        full = attachment(RequestFactory().get("/"), STORED, filename="photo.jpg", media_type="image/jpeg")
        assert full.getvalue() == photo.read_bytes()
        assert full["ETag"] != whole["ETag"]

    def test_what_cannot_be_cleaned_stays_inside(self, photo):
        photo.write_bytes(b"\xff\xd8\xff\xe1\xff\xff" + b"no JPEG at all")
        with pytest.raises(Http404):
            self.fetch(photo)
