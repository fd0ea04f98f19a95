"""Long poll: an answer that waits until something has changed.

`?after=VERSION&wait=SECONDS`: as long as the answer would still be the one of that version, it is held back.
A request that waits keeps one of its web process's threads, so only some may (PULIH_MOST_WAITING); whoever
comes when all places are taken is answered at once, and told by Retry-After when to ask again. While it waits
it holds no connection to a database server.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

LONGEST_WAIT = 25
"""Seconds: less than the half minute after which many proxies give up."""

LOOK_AGAIN_SECONDS = 1.0
ASK_AGAIN_SECONDS = 5

WAIT_PARAMETERS = [
    OpenApiParameter(
        "after", str, description="The `version` that you have: the answer waits until there is another."
    ),
    OpenApiParameter(
        "wait",
        {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT, "default": 0},
        description="How many seconds it waits at most; without a change, the same answer comes then. Where"
        " too many wait already it comes at once, with `Retry-After`.",
    ),
]


class _Places:
    """Those in which requests of this process may wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Whether there was a place, which is free again at the end."""
        with self._lock:
            has_place = self._taken < settings.PULIH_MOST_WAITING
            self._taken += has_place
        try:
            yield has_place
        finally:
            with self._lock:
                self._taken -= has_place


_places = _Places()


class _Asked(serializers.Serializer[Any]):
    """What a request says about waiting."""

    after = serializers.CharField(required=False, allow_blank=True, default="")
    wait = serializers.IntegerField(required=False, min_value=0, max_value=LONGEST_WAIT, default=0)


def version_of(data: Mapping[str, Any]) -> str:
    """What changes whenever `data` (JSON) does."""
    text = json.dumps(data, cls=JSONEncoder, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def answer_when_changed(request: Request, read: Callable[[], Mapping[str, Any]]) -> Response:
    """Answer with what `read` gives, which has a "version", once that is another than the request has.

    `read` is called about every second, so it must be quick, and must ask for what the caller may see every
    time: an exception ends the waiting. Raises ValidationError for a wait that is not allowed.
    """
    asked = _Asked(data=request.query_params.dict())
    asked.is_valid(raise_exception=True)
    known, seconds = asked.validated_data["after"], asked.validated_data["wait"]
    until = time.monotonic() + seconds
    data = read()
    if data["version"] != known or not seconds:
        return Response(data)
    with _places.taken() as has_place:
        if not has_place:
            return Response(data, headers={"Retry-After": str(ASK_AGAIN_SECONDS)})
        while data["version"] == known and (left := until - time.monotonic()) > 0:
            _let_connections_go()
            time.sleep(min(LOOK_AGAIN_SECONDS, left))
            data = read()
    return Response(data)


def _let_connections_go() -> None:
    """Whoever sleeps needs none; the next question opens another. Not inside a transaction.

    SQLite's stay: they are open files that nobody else could have instead.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block and connection.vendor != "sqlite":
            connection.close()
