"""What the queue calls for deep zoom."""

from __future__ import annotations

from archive.files.storage import Area, StoredFile
from archive.zooming.orders import make_wanted_tiles


def make_tiles(area: str, sha256: str, suffix: str, page: int = 1) -> str:
    """Make the tiles of a page of a stored picture. Returns a word for the queue's log."""
    return make_wanted_tiles(StoredFile(Area(area), sha256, suffix), page)
