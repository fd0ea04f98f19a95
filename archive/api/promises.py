"""What a view's method promises beside its answer; the schema and the tests read it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from rest_framework.response import Response

Handler = Callable[..., Response]


class Promise(StrEnum):
    """A header that the method keeps to."""

    IDEMPOTENCY_KEY = "takes_idempotency_key"
    IF_MATCH = "takes_if_match"


def promising(promise: Promise, handler: Handler) -> Handler:
    """The method, marked with the promise."""
    setattr(handler, promise, True)
    return handler


def keeps(promise: Promise, handler: Handler) -> bool:
    """Whether the method is so marked."""
    return getattr(handler, promise, False)
