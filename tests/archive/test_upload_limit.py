"""An upload beyond the limit is cut off while it arrives, then refused like any other that is too large."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from archive.errors import InputError
from archive.files import storage

LIMIT = 100_000


@pytest.fixture
def post(settings: Settings):
    settings.PULIH_MAX_UPLOAD_BYTES = LIMIT

    def send(content: bytes) -> HttpRequest:
        files = {"file": SimpleUploadedFile("scan.tif", content), "title": "Elm Street"}
        return RequestFactory().post("/", files)

    return send


def kept(request: HttpRequest) -> bytes:
    file = request.FILES["file"]
    file.seek(0)
    return file.read()


@pytest.mark.parametrize("memory_limit", [0, 50 * LIMIT], ids=["on disk", "in memory"])
@pytest.mark.parametrize("size", [1, LIMIT - 1, LIMIT])
def test_file_within_the_limit_arrives_whole(post, settings: Settings, size: int, memory_limit: int) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = memory_limit
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert kept(post(content)) == content


@pytest.mark.parametrize("memory_limit", [0, 50 * LIMIT], ids=["on disk", "in memory"])
def test_file_beyond_the_limit_is_cut_off_and_refused(post, settings: Settings, memory_limit: int) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = memory_limit
    request = post(b"x" * 20 * LIMIT)
    assert LIMIT < len(kept(request)) < 3 * LIMIT
    assert request.POST["title"] == "Elm Street"
    with pytest.raises(InputError) as refused, storage.receive(request.FILES["file"], max_bytes=LIMIT):
        pass
    assert refused.value.code == "archive:file:too-large"
