"""What lies in the store, shelf by shelf: <area>/ab/cd is shelf 0xabcd of an area."""

from __future__ import annotations

from collections.abc import Iterator

from archive.files.holdings import HELD_AREAS
from archive.files.storage import store


def shelf_of(sha256: str) -> int:
    """The shelf, 0 to 65,535, on which the file of this name stands."""
    return int(sha256[:4], 16)


def lying_keys(first: int, end: int) -> Iterator[str]:
    """The key of everything that lies on the shelves from `first` up to, without, `end`, in every held area,
    and of what lies beside them; see `Store.shelved`.
    """
    for area in HELD_AREAS:
        yield from store().shelved(area, first, end)
