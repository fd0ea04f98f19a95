"""How stored files leave the house: originals and results as attachments, renditions inline.

Callers decide who may see a file; here it is only handed over.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _

RENDITION_MEDIA_TYPE = "image/webp"
RENDITION_MAX_AGE = 3600  # seconds; a browser asks again after that, and is told 304


def attachment(path: Path, *, filename: str, media_type: str) -> FileResponse:
    """The file's bytes as a download, never shown inside a page. Raises Http404 when the file is gone."""
    response = FileResponse(_open(path), as_attachment=True, filename=filename, content_type=media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    patch_cache_control(response, private=True, no_cache=True)
    return response


def inline_rendition(
    request: HttpRequest, path: Path, *, media_type: str = RENDITION_MEDIA_TYPE
) -> HttpResponseBase:
    """A picture of our own making for showing, kept by the asking browser only, for the signed-in person
    only.

    Raises Http404 when the file is gone.
    """
    file = _open(path)
    stat = path.stat()
    etag = quote_etag(f"{path.stem}-{stat.st_mtime_ns:x}")
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is not None:
        file.close()
    else:
        response = FileResponse(file, content_type=media_type)
        response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = etag
    response["Last-Modified"] = http_date(stat.st_mtime)
    patch_cache_control(response, private=True, max_age=RENDITION_MAX_AGE)
    # With the cookie in the key, the next person at this computer does not get it from the browser's cache.
    patch_vary_headers(response, ["Cookie"])
    return response


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("This file is missing from the archive's storage.")) from error
