"""How pictures of a file's pages leave the house: `?page=2` asks for the second, nothing for the first.

Callers decide who may see the file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.errors import InputError
from archive.files.file_responses import inline_rendition
from archive.files.further_pages import page_rendition
from archive.files.storage import StoredFile
from archive.models import Rendition

PAGE = "page"
"""In addresses: which page of a file that has several, counted from 1."""

_MOST_DIGITS = 6

Made = TypeVar("Made", StoredFile, StoredFile | None)

logger = logging.getLogger(__name__)


def asked_page(request: HttpRequest | Request) -> int:
    """The page that the address asks for, whether there is one or not. Raises Http404 for what is no number
    of a page.
    """
    text = request.GET.get(PAGE, "1")
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS) or text.startswith("0"):
        raise Http404
    return int(text)


def rendition_response(request: HttpRequest, source: StoredFile, kind: str) -> HttpResponseBase:
    """The rendition of the page that is asked for. Raises Http404 for a kind or a page that there is not, and
    OSError where there is no room for making it.
    """
    if kind not in Rendition.Kind.values:
        raise Http404
    page = asked_page(request)
    return inline_rendition(request, made_picture(lambda: page_rendition(source, Rendition.Kind(kind), page)))


def made_picture(make: Callable[[], Made]) -> Made:
    """What `make` gives. Raises Http404 where what it is made from is gone or does not decode."""
    try:
        return make()
    except InputError as error:
        raise Http404(error.message) from error
    except OSError as error:
        if error.errno is not None and not isinstance(error, FileNotFoundError):
            raise
        logger.warning("no picture: %s", error)
        raise Http404 from error
