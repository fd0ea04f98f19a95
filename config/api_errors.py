"""One form for every error of the REST API: {"code": ..., "message": ..., "fields": {...}}."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from archive.errors import KeyReusedError, PulihError, StaleError, StateError, TooManyAttemptsError
from archive.files.room import is_full
from archive.files.stores import StoreUnavailableError

logger = logging.getLogger(__name__)

BUSY = "busy"
NO_ROOM = "no_room"
STORAGE_UNAVAILABLE = "storage_unavailable"
BUSY_SECONDS = 2
"""After so many seconds it is worth while to try again."""
STORAGE_SECONDS = 30
"""The same, where the bucket of stored files does not answer."""

_STATUSES = {
    StateError: status.HTTP_409_CONFLICT,
    StaleError: status.HTTP_412_PRECONDITION_FAILED,
    KeyReusedError: status.HTTP_422_UNPROCESSABLE_ENTITY,
    TooManyAttemptsError: status.HTTP_429_TOO_MANY_REQUESTS,
}


def handle_api_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer `error` in the one form; None (Django's own 500) for what nobody expected.

    `code` is for programs and never changes with the language, `message` is for people, and `fields` maps the
    name of a refused field to its list of sentences (empty where no field is to blame).
    """
    if isinstance(error, PulihError):
        set_rollback()
        refused = _answer(error.code, error.message, http_status=status_of(error))
        if isinstance(error, TooManyAttemptsError):
            refused["Retry-After"] = str(error.wait_seconds)
        return refused
    if is_full(error):
        logger.error("The disk is full.", exc_info=error)
        set_rollback()
        return _answer(NO_ROOM, no_room(), http_status=507)
    if isinstance(error, StoreUnavailableError):
        logger.error("The bucket of stored files does not answer.", exc_info=error)
        set_rollback()
        away = _answer(STORAGE_UNAVAILABLE, storage_unavailable(), http_status=503)
        away["Retry-After"] = str(STORAGE_SECONDS)
        return away
    if isinstance(error, OperationalError):
        # The database did not get to it in time, or is away: the same request may succeed soon.
        logger.exception("The database refused.", exc_info=error)
        set_rollback()
        refused = _answer(BUSY, busy(), http_status=503)
        refused["Retry-After"] = str(BUSY_SECONDS)
        return refused
    # REST framework makes its own exceptions of these two while handling them; do so first, to see their
    # codes.
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    if isinstance(error, exceptions.ValidationError):
        fields = _fields(error.detail)
        response.data = _body("invalid", _("Some of the fields were not accepted."), fields)
    else:
        response.data = _body(_code(error), str(error.detail), {})
    return response


def no_room() -> str:
    """What is said where a disk is full."""
    return _("There is no room left on the platform's disk. Nothing was changed; please try again later.")


def busy() -> str:
    """What is said where the database refuses for now."""
    return _("The platform is busy. Please try again soon.")


def storage_unavailable() -> str:
    """What is said where the bucket of stored files does not answer."""
    return _("The storage of files does not answer. Nothing was changed; please try again soon.")


def status_of(error: PulihError) -> int:
    """The HTTP status of one of our own errors."""
    for kind, http_status in _STATUSES.items():
        if isinstance(error, kind):
            return http_status
    return status.HTTP_400_BAD_REQUEST


def _answer(code: str, message: str, *, http_status: int) -> Response:
    return Response(_body(code, message, {}), status=http_status)


def _body(code: str, message: str, fields: dict[str, list[str]]) -> dict[str, Any]:
    return {"code": code, "message": message, "fields": fields}


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else error.default_code


def _fields(detail: Any) -> dict[str, list[str]]:
    """Flatten DRF's detail to {dotted field name: [sentences]}; what belongs to no field stands under ""."""
    flat: dict[str, list[str]] = {}

    def collect(name: str, part: Any) -> None:
        if isinstance(part, dict):
            for key, value in part.items():
                collect(name if key == "non_field_errors" else f"{name}.{key}".lstrip("."), value)
        elif isinstance(part, list):
            for index, value in enumerate(part):
                collect(f"{name}.{index}".lstrip(".") if isinstance(value, dict) else name, value)
        else:
            flat.setdefault(name, []).append(str(part))

    collect("", detail)
    return flat
