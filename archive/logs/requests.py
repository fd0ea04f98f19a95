"""Every request has an id, which its answer names, and a line in the log if that is wanted."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from archive.logs.context import request_id
from archive.logs.records import pattern_of

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+=/-]{0,63}")
_SEEN_TO_OFTEN = ("health_live", "health_ready", "metrics")

logger = logging.getLogger("pulih.requests")


class RequestLogMiddleware:
    """Outermost, so that whatever is written while a request is answered names it.

    An id that comes with the request is kept where it is one (the proxy in front may have given it), and is
    replaced where it is anything else.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        known = given if _SANE.fullmatch(given) else uuid.uuid4().hex
        request.request_id = known
        token = request_id.set(known)
        begun = time.monotonic()
        try:
            response = self.get_response(request)
            if logger.isEnabledFor(logging.INFO):
                _write_line(request, response, time.monotonic() - begun)
        finally:
            request_id.reset(token)
        response.headers[HEADER] = known
        return response


def _write_line(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Method, the address's pattern (in an address a key may stand), status, time and user; no more."""
    match = request.resolver_match
    if match is None or match.url_name in _SEEN_TO_OFTEN:
        return
    pattern = pattern_of(request)
    milliseconds = round(seconds * 1000)
    logger.info(
        "%s %s %s %s ms",
        request.method,
        pattern,
        response.status_code,
        milliseconds,
        extra={
            "method": request.method,
            "route": pattern,
            "status": response.status_code,
            "duration_ms": milliseconds,
            "user": _user_name(request),
        },
    )


def _user_name(request: Any) -> str:
    """Who has asked; empty where nobody is known. Never a query of its own: whoever has a session was looked
    for already, and the API puts in whom its token belongs to.
    """
    user = getattr(request, "user", None)
    if user is None:
        return ""
    if isinstance(user, SimpleLazyObject) and settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    return str(user.get_username())
