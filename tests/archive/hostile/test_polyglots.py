"""Whatever else a picture is, it goes out as one: its own bytes to be kept, re-encoded ones to be seen."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from PIL import Image

from archive.errors import InputError
from archive.files.storage import Area
from archive.models import Photo, Rendition
from tests.archive.hostile.polyglots import MARK, PAYLOAD, REFUSED, TAKEN
from tests.factories import make_photo
from tests.stored import stored_path

pytestmark = pytest.mark.django_db

NAMES = ("a.html", "a.svg", "a.js", "a.php", "a.xhtml", "a.swf")


@pytest.fixture
def fetched(client: Client):
    def fetch(photo: Photo, name: str, *arguments: Any) -> tuple[HttpResponseBase, bytes]:
        client.force_login(photo.collection.owner)
        response = client.get(reverse(name, args=arguments))
        return response, response.getvalue()

    return fetch


@pytest.mark.parametrize("name", TAKEN)
def test_never_with_an_active_type(fetched, client: Client, name: str) -> None:
    make, media_type = TAKEN[name]
    content = make()
    # A name that a server in front might go by.
    photo = make_photo(content=content, filename=NAMES[len(name) % len(NAMES)])
    assert photo.original.media_type == media_type
    for address in ("archive:original", "api:photo-original"):
        response, body = fetched(photo, address, photo.pk)
        assert body == content
        assert response["Content-Type"] == media_type
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].startswith("sandbox")
        assert response["Content-Disposition"].startswith("attachment;")
        part = client.get(reverse(address, args=[photo.pk]), headers={"Range": "bytes=10-200"})
        assert (part.status_code, part.getvalue()) == (206, content[10:201])
        for header in ("Content-Type", "X-Content-Type-Options", "Content-Disposition"):
            assert part[header] == response[header]
    for address in ("archive:rendition", "api:photo-rendition"):
        for kind in Rendition.Kind.values:
            response, body = fetched(photo, address, photo.pk, kind)
            assert response["X-Content-Type-Options"] == "nosniff"
            with Image.open(io.BytesIO(body), formats=["WEBP", "JPEG"]) as image:
                assert response["Content-Type"] == Image.MIME[image.format or ""]
                image.load()
            assert not [each for each in (MARK, b"<script", b"PK\3\4") if each in body]


def test_what_the_image_api_cuts_out_is_made_anew(fetched) -> None:
    photo = make_photo(content=TAKEN["tiff and html, in the pixels"][0](), filename="a.html")
    for ending, media_type in {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}.items():
        path = (f"original-{photo.pk}", "full", "max", "0", "default", ending)
        response, body = fetched(photo, "iiif:image_part", *path)
        assert response.status_code == 200, body
        assert (response["Content-Type"], response["X-Content-Type-Options"]) == (media_type, "nosniff")
        # PNG would hold the pixels as they are, but packed.
        assert MARK not in body


def test_files_at_rest_have_no_names_that_mean_anything(media_root: Path) -> None:
    photo = make_photo(content=TAKEN["jpeg and php"][0](), filename="shell.php")
    path = stored_path(Area.ORIGINALS, photo.original.sha256)
    assert (path.suffix, path.stat().st_mode & 0o111) == ("", 0)
    assert not [each for each in media_root.rglob("*") if each.suffix in {".php", ".html", ".svg", ".js"}]


@pytest.mark.parametrize("name", REFUSED)
def test_what_begins_as_something_else_is_refused(name: str) -> None:
    with pytest.raises(InputError) as refused:
        make_photo(content=REFUSED[name]())
    assert refused.value.code in {"archive:file:kind-not-accepted", "archive:file:not-an-image"}
    assert not Photo.objects.exists()


def test_the_payloads_are_real() -> None:
    """To readers that look for their own beginning anywhere, as browsers once did and ZIPs still do."""
    with zipfile.ZipFile(io.BytesIO(TAKEN["png and zip"][0]())) as archive:
        assert archive.read("index.html") == PAYLOAD
    assert all(MARK in make() for make, _type in TAKEN.values() if b"PK\3\4" not in make())
