"""How lines of the log look: for people, or as JSON for programs; both say what was going on."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from archive.logs.context import present_context


class InContext(logging.Filter):
    """Gives every record the context's fields, as attributes and as the text `context`.

    Django's own lines about refused requests say the address, in which a key may stand (links for guests,
    new passwords): they get the address's pattern instead.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        context = present_context()
        # What Django says of a refused request comes when its answer is done.
        if known := getattr(request, "request_id", ""):
            context["request_id"] = known
        for name, value in context.items():
            if not hasattr(record, name):
                setattr(record, name, value)
        record.context = "".join(f" {name}={value}" for name, value in context.items())
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(_without_keys(each, request) for each in record.args)
        return True


class JsonLines(JsonFormatter):
    """One JSON object a line: time (UTC), level, logger, message, what is going on, and what else the line
    was given; a traceback in `exc_info`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            timestamp="time",
            rename_fields={"levelname": "level", "name": "logger"},
            # Objects that Django hangs on its records; `context` says in one text what the fields say.
            reserved_attrs=[*RESERVED_ATTRS, "request", "context"],
            json_ensure_ascii=False,
        )


def pattern_of(request: HttpRequest) -> str:
    """The pattern that the request's address fits, with a slash before; empty where it fits none."""
    match = request.resolver_match
    return f"/{match.route}" if match is not None else ""


def _without_keys(value: Any, request: HttpRequest) -> Any:
    pattern = pattern_of(request)
    return pattern if pattern and value == request.path else value
