"""How stored files leave the house: originals and results as attachments, renditions inline.

Callers decide who may see a file; here it is only handed over. A front server that can do so sends the bytes
itself (PULIH_SENDFILE); otherwise they are streamed from here, in parts where a client asks for a part.
"""

from __future__ import annotations

import io
from pathlib import PurePath
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import content_disposition_header, http_date, quote_etag
from django.utils.translation import gettext as _
from rest_framework.request import Request

from archive.camera_privacy import RULES_VERSION, open_without_camera_data
from archive.errors import StateError
from archive.files.byte_ranges import Unsatisfiable, asked_part
from archive.files.storage import StoredFile, store
from archive.files.stores import Lying

RENDITION_MEDIA_TYPES = {".webp": "image/webp", ".jpg": "image/jpeg"}
"""By the suffix of the file."""
RENDITION_MAX_AGE = 3600  # seconds; a browser asks again after that, and is told 304


class ByteStream(Protocol):
    """What `attachment_of_stream` sends: read from where it stands, moved, closed at the end."""

    def read(self, size: int = -1, /) -> bytes | None: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def close(self) -> None: ...


def attachment(
    request: HttpRequest | Request, stored: StoredFile, *, filename: str, media_type: str
) -> HttpResponseBase:
    """The file's bytes as a download, never shown inside a page; a part of them where `request` asks for one.

    Raises Http404 when the file is gone.
    """
    lying = _found(stored)
    etag = quote_etag(_etag(stored, lying))
    response: HttpResponseBase | None = _handed_over(stored, media_type=media_type)
    if response is None:
        file = _open(stored, lying)
        response = _whole_or_part(request, file, lying.byte_size, etag=etag, media_type=media_type)
    response["ETag"] = etag
    return _as_download(response, filename)


def attachment_for_guests(
    request: HttpRequest | Request, stored: StoredFile, *, filename: str, media_type: str
) -> HttpResponseBase:
    """As `attachment`, without camera positions, serial numbers and names of owners; pixels as they are.

    Raises Http404 when the file is gone, or when its metadata cannot be understood and so not be cleaned.
    """
    lying = _found(stored)
    try:
        stream = open_without_camera_data(stored)
    except StateError as error:
        raise Http404(error.message) from error
    except FileNotFoundError as error:
        raise _missing() from error
    return attachment_of_stream(
        request,
        stream,
        byte_size=stream.byte_size,
        etag=f"{_etag(stored, lying)}-without-camera-data-{RULES_VERSION}",
        filename=filename,
        media_type=media_type,
    )


def attachment_of_stream(
    request: HttpRequest | Request,
    stream: ByteStream,
    *,
    byte_size: int,
    etag: str,
    filename: str,
    media_type: str,
) -> HttpResponseBase:
    """As `attachment`, of something that lies in no file as it is sent.

    `etag` (unquoted) must tell these bytes from all others that the address may answer with.
    """
    response = _whole_or_part(request, stream, byte_size, etag=quote_etag(etag), media_type=media_type)
    return _as_download(response, filename)


def inline_rendition(
    request: HttpRequest, stored: StoredFile, *, media_type: str | None = None
) -> HttpResponseBase:
    """A picture of our own making for showing, kept by the asking browser only, for the asking person only.

    `media_type`: None for that of a rendition.
    Raises Http404 when the file is gone.
    """
    lying = _found(stored)
    etag = quote_etag(_etag(stored, lying))
    media_type = media_type or RENDITION_MEDIA_TYPES[PurePath(stored.name).suffix]
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        response = _handed_over(stored, media_type=media_type)
    if response is None:
        response = FileResponse(_open(stored, lying), content_type=media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = etag
    response["Last-Modified"] = http_date(lying.changed_at)
    patch_cache_control(response, private=True, max_age=RENDITION_MAX_AGE)
    # With the cookie in the key, the next person at this computer does not get it from the browser's cache.
    patch_vary_headers(response, ["Cookie"])
    return response


def _as_download(response: HttpResponseBase, filename: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _whole_or_part(
    request: HttpRequest | Request, stream: ByteStream, byte_size: int, *, etag: str, media_type: str
) -> HttpResponseBase:
    """All of the stream (200), the part that is asked for (206), or no part (416)."""
    unchanged: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        stream.close()
        return unchanged
    part = asked_part(request.headers, byte_size=byte_size, etag=etag)
    if isinstance(part, Unsatisfiable):
        stream.close()
        refusal = HttpResponse(status=416, content_type=media_type)
        refusal["Content-Range"] = f"bytes */{byte_size}"
        return refusal
    if part is None:
        # The stream itself, so that a server that can have the kernel copy a file does.
        response = _StreamedFile(stream, content_type=media_type)
    else:
        first, last = part
        stream.seek(first)
        response = _StreamedFile(_Part(stream, last + 1 - first), content_type=media_type, status=206)
        response["Content-Length"] = str(last + 1 - first)
        response["Content-Range"] = f"bytes {first}-{last}/{byte_size}"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    return response


def _handed_over(stored: StoredFile, *, media_type: str) -> HttpResponse | None:
    """An answer without bytes that has the front server send the file, ranges and all; None without one, or
    where the file lies on no disk that it reads.

    PULIH_SENDFILE says how: "X-Accel-Redirect:/protected/" (nginx; below that internal address stands the
    media folder) or "X-Sendfile" (Apache, lighttpd).
    """
    header, _colon, prefix = settings.PULIH_SENDFILE.partition(":")
    path = store().on_disk(stored.key)
    if not header or path is None:
        return None
    response = HttpResponse(content_type=media_type)
    # The front server counts the bytes, and says so itself.
    if header.lower() == "x-accel-redirect":
        response[header] = quote(f"{prefix.rstrip('/')}/{stored.key}")
    else:
        response[header] = str(path)
    return response


class _StreamedFile(FileResponse):
    """Sent in blocks that suit large files."""

    block_size = 256 * 1024  # bytes


class _Part(io.RawIOBase):
    """The next `byte_count` bytes of a stream, which it closes."""

    def __init__(self, stream: ByteStream, byte_count: int) -> None:
        self._stream = stream
        self._left = byte_count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._stream.read(min(len(buffer), self._left)) or b""
        self._left -= len(content)
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def _found(stored: StoredFile) -> Lying:
    lying = stored.find()
    if lying is None:
        raise _missing()
    return lying


def _open(stored: StoredFile, lying: Lying) -> BinaryIO:
    try:
        return stored.open(lying)
    except FileNotFoundError as error:
        raise _missing() from error


def _missing() -> Http404:
    return Http404(_("This file is missing from the archive's storage."))


def _etag(stored: StoredFile, lying: Lying) -> str:
    return f"{PurePath(stored.name).stem}-{lying.version}"
