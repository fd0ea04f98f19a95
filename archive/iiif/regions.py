"""A part of a stored picture, upright, in the size that is asked for: as few pixels are decoded as can be."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from archive.files.storage import StoredFile
from archive.formats.decoding import libvips
from archive.formats.showing import in_srgb
from archive.iiif.parameters import Region
from archive.zooming.pyramids import OVERLAP, TILE_SIDE
from archive.zooming.reading import read_tile

_UPRIGHT = 1
_NEARLY = 1e-6  # pixels, by which a product of fractions may be off
_FIRST_ON_ITS_SIDE = 5  # of EXIF's orientations, from which on width and height are exchanged


def region_of_file(path: Path, region: Region, *, picture: tuple[int, int], size: tuple[int, int]) -> Any:
    """The region, of a picture of that width and height as people see it, as a libvips image of `size`, in
    sRGB and in memory.

    The file may be a smaller copy of the picture. Read from its top to the region's end and never whole
    (unless it is of a rare kind): it is cut and scaled as it lies in the file, and only then turned. Raises
    OSError, and libvips' own error.
    """
    scale = max(size[0] / region.width, size[1] / region.height)
    image = in_srgb(path, max(1, math.ceil(max(picture) * scale - _NEARLY)))
    turn = image.get("orientation") if image.get_typeof("orientation") else _UPRIGHT
    lies, stored = _as_stored(region, picture, turn)
    target = size[::-1] if turn >= _FIRST_ON_ITS_SIDE else size
    across, down = image.width / stored[0], image.height / stored[1]
    left, top = min(int(lies.left * across), image.width - 1), min(int(lies.top * down), image.height - 1)
    cut = image.crop(
        left,
        top,
        max(1, min(round(lies.width * across), image.width - left)),
        max(1, min(round(lies.height * down), image.height - top)),
    )
    return _scaled(cut, target).copy_memory().autorot()


def region_of_tiles(
    tiles: StoredFile, region: Region, *, picture: tuple[int, int], size: tuple[int, int]
) -> Any:
    """As `region_of_file`, put together from the `tiles` that are just large enough.

    Raises NoSuchTileError, and libvips' own error.
    """
    scale = max(size[0] / region.width, size[1] / region.height)
    top_level = math.ceil(math.log2(max(picture)))
    halvings = min(top_level, max(0, math.floor(math.log2(1 / scale))))
    step = 2**halvings
    width, height = (math.ceil(side / step) for side in picture)
    left, top = region.left // step, region.top // step
    right = min(width, math.ceil((region.left + region.width) / step))
    bottom = min(height, math.ceil((region.top + region.height) / step))
    columns = range(left // TILE_SIDE, math.ceil(right / TILE_SIDE))
    rows = range(top // TILE_SIDE, math.ceil(bottom / TILE_SIDE))
    pieces = [
        _without_overlap(
            read_tile(tiles, level=top_level - halvings, column=column, row=row),
            column,
            row,
            (width, height),
        )
        for row in rows
        for column in columns
    ]
    joined = libvips().Image.arrayjoin(pieces, across=len(columns), hspacing=TILE_SIDE, vspacing=TILE_SIDE)
    cut = joined.crop(left - columns[0] * TILE_SIDE, top - rows[0] * TILE_SIDE, right - left, bottom - top)
    return _scaled(cut, size).copy_memory()


def _without_overlap(tile: bytes, column: int, row: int, level: tuple[int, int]) -> Any:
    """The tile without what it shares with its neighbours."""
    image = libvips().Image.jpegload_buffer(tile, access="sequential")
    return image.crop(
        OVERLAP if column else 0,
        OVERLAP if row else 0,
        min(TILE_SIDE, level[0] - column * TILE_SIDE),
        min(TILE_SIDE, level[1] - row * TILE_SIDE),
    )


def _scaled(image: Any, size: tuple[int, int]) -> Any:
    if (image.width, image.height) == size:
        return image
    return image.resize(size[0] / image.width, vscale=size[1] / image.height)


def _as_stored(region: Region, picture: tuple[int, int], turn: int) -> tuple[Region, tuple[int, int]]:
    """Where a region of the upright picture lies in the file, whose EXIF orientation is `turn`, and the
    file's width and height.
    """
    width, height = picture
    from_right = width - region.left - region.width
    from_bottom = height - region.top - region.height
    left, top = {
        2: (from_right, region.top),
        3: (from_right, from_bottom),
        4: (region.left, from_bottom),
        5: (region.top, region.left),
        6: (region.top, from_right),
        7: (from_bottom, from_right),
        8: (from_bottom, region.left),
    }.get(turn, (region.left, region.top))
    if turn < _FIRST_ON_ITS_SIDE:
        return Region(left, top, region.width, region.height), picture
    return Region(left, top, region.height, region.width), (height, width)
