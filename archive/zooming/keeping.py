"""All tiles at once: those that are missing, those that nobody looks at, those whose picture is gone."""

from __future__ import annotations

from collections.abc import Iterator

from archive.files.holdings import HoldingKind, holdings
from archive.files.storage import StoredFile, remove
from archive.formats.decoding import libvips
from archive.formats.showing import in_srgb
from archive.zooming.orders import TilesState, days_unused, make_wanted_tiles
from archive.zooming.pyramids import needs_tiles, remove_tiles, stored_tiles, tiles_file

_SHOWN = {HoldingKind.ORIGINAL, HoldingKind.RESULT}


def make_missing_tiles() -> Iterator[tuple[StoredFile, TilesState]]:
    """Make the tiles of every stored picture that needs some and has none; each as it is done."""
    for source in _sources():
        if not tiles_file(source.sha256).exists() and _is_large(source):
            yield source, make_wanted_tiles(source)


def remake_tiles() -> Iterator[tuple[StoredFile, TilesState]]:
    """Make anew the tiles of every picture that has some; each as it is done."""
    for source in _sources():
        if tiles_file(source.sha256).exists():
            remove_tiles(source.sha256)
            yield source, make_wanted_tiles(source)


def prune_tiles(*, unused_days: float | None = None) -> tuple[int, int]:
    """Remove tiles whose picture is gone, and with `unused_days` those that nobody has looked at for so long.

    How many files went, and their bytes.
    """
    known = {source.sha256 for source in _sources()}
    count = freed = 0
    for tiles in stored_tiles():
        lying = tiles.find()
        if lying is None:
            continue
        if tiles.sha256 in known and (unused_days is None or days_unused(lying) < unused_days):
            continue
        freed += lying.byte_size
        count += 1
        remove(area=tiles.area, sha256=tiles.sha256, suffix=tiles.suffix)
    return count, freed


def _sources() -> Iterator[StoredFile]:
    seen: set[str] = set()
    for each in holdings():
        if each.kind in _SHOWN and each.sha256 not in seen:
            seen.add(each.sha256)
            yield each.file


def _is_large(source: StoredFile) -> bool:
    try:
        with source.local_copy() as path:
            image = in_srgb(path)
            return needs_tiles(image.width, image.height)
    except (OSError, libvips().Error):
        return True  # making them tells what is wrong
