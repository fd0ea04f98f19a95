"""Where the pages of a TIFF begin: a chain that may lead back to itself, which libraries follow for ever."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ORDERS = {b"II": "<", b"MM": ">"}


@dataclass(frozen=True, slots=True)
class _Form:
    """How a TIFF, or a BigTIFF, writes the number of a page's fields and a place; a field's bytes."""

    count: str
    place: str
    field_bytes: int
    first: int


_FORMS = {42: _Form("H", "I", 12, 4), 43: _Form("Q", "Q", 20, 8)}


class PagesInACircle(ValueError):
    """The chain leads back to a page that was there before."""


def page_places(path: Path) -> Iterator[int]:
    """The place of every page's directory, in their order, as far as the file goes on: where it breaks off,
    they end. Raises PagesInACircle.
    """
    seen: set[int] = set()
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4)
        order = _ORDERS.get(head[:2], "<")
        form = _FORMS.get(int.from_bytes(head[2:], "little" if order == "<" else "big"))
        if form is None:
            return

        def number(place: int, code: str) -> int:
            if place >= size:  # a place of 64 bits may even be one that no file can have
                raise EOFError(str(path))
            file.seek(place)
            found: int = struct.unpack(order + code, file.read(struct.calcsize(code)))[0]
            return found

        try:
            place = number(form.first, form.place)
            while place:
                if place in seen:
                    raise PagesInACircle(str(path))
                fields = number(place, form.count)
                seen.add(place)
                yield place
                place = number(place + struct.calcsize(form.count) + fields * form.field_bytes, form.place)
        except (struct.error, EOFError, OSError):
            return
