"""Which part of a file a request asks for (RFC 9110, section 14): one range of bytes, or all."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ONE_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


class Unsatisfiable:
    """The range that was asked for has not one byte of the file."""


def asked_part(
    headers: Mapping[str, str], *, byte_size: int, etag: str
) -> tuple[int, int] | Unsatisfiable | None:
    """First and last byte (both included, from 0) of a file of `byte_size` bytes; None for the whole file.

    The whole file is the answer, too, to several ranges at once, to ranges in a form or unit that nobody
    knows, and to a range of a file that is no longer the same (If-Range; `etag` is quoted).
    """
    asked = _ONE_RANGE.fullmatch(headers.get("Range", ""))
    # Dates in If-Range are to the second: not exact enough to join two halves, so only the tag counts.
    if asked is None or headers.get("If-Range", etag).strip() != etag:
        return None
    first_text, last_text = asked.groups()
    if not first_text and not last_text:
        return None
    if not first_text:
        first, last = max(0, byte_size - int(last_text)), byte_size - 1
        if int(last_text) == 0:
            return Unsatisfiable()
    else:
        first = int(first_text)
        last = min(int(last_text), byte_size - 1) if last_text else byte_size - 1
        if last_text and int(last_text) < first:
            return None
    return (first, last) if first < byte_size else Unsatisfiable()
