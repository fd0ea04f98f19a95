"""What is said of errors that no view has met: below /api/ in the API's one form, elsewhere as a page."""

from __future__ import annotations

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from archive.files.room import is_full
from archive.files.stores import StoreUnavailableError
from archive.views.errors import not_found as not_found_page
from config.api_errors import (
    BUSY,
    BUSY_SECONDS,
    NO_ROOM,
    STORAGE_SECONDS,
    STORAGE_UNAVAILABLE,
    busy,
    no_room,
    storage_unavailable,
)

_API = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404: an address that leads nowhere."""
    if request.path.startswith(_API):
        return _told("not_found", _("Not found."), status=404)
    return not_found_page(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """400: a request that is not even looked at."""
    if request.path.startswith(_API):
        return _told("bad_request", _("The request cannot be understood."), status=400)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """500: a fault of ours, which the log knows more about; 507 where a disk is full and 503 where the bucket
    of stored files or the database does not answer, which pass.
    """
    error = sys.exc_info()[1]
    if isinstance(error, StoreUnavailableError):
        return _for_now(
            request, STORAGE_UNAVAILABLE, storage_unavailable(), page="503.html", seconds=STORAGE_SECONDS
        )
    if is_full(error):
        if request.path.startswith(_API):
            return _told(NO_ROOM, no_room(), status=507)
        return render(request, "507.html", status=507)
    if isinstance(error, OperationalError):
        return _for_now(request, BUSY, busy(), page="503_busy.html", seconds=BUSY_SECONDS)
    if request.path.startswith(_API):
        return _told("error", _("Something went wrong here; it is not your fault."), status=500)
    return defaults.server_error(request)


def _for_now(request: HttpRequest, code: str, message: str, *, page: str, seconds: int) -> HttpResponseBase:
    if request.path.startswith(_API):
        response: HttpResponse = _told(code, message, status=503)
    else:
        response = render(request, page, status=503)
    response["Retry-After"] = str(seconds)
    return response


def _told(code: str, message: str, *, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "message": message, "fields": {}}, status=status)
