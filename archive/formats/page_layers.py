"""What a restoration did to one page, as layers to be laid over it. Runs in a decoder
(`archive.formats.apart`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from archive.formats.decoding import libvips
from archive.formats.showing import in_srgb

CHANGE, MASK = "change.png", "mask.png"
"""What the files are called: how far each pixel was changed, and how surely it was taken for damaged."""

_ROWS_AT_ONCE = 64
_COLOURS = 3

Grey = NDArray[np.uint8]


def write_layers(
    original: Path, result: Path, repair: Path, folder: Path, *, page: int, long_side: int
) -> None:
    """Write CHANGE and MASK of a page into `folder`: 8-bit grey, upright, at most `long_side` pixels a side,
    each of them the greatest value of its patch, from 0 to 255.

    Changes are those between the two as they are shown; `repair` has the shares of damage in its last
    channel. Raises OSError where one of the three has no such page, or another size.
    """
    before = in_srgb(original, page=page)
    try:
        after, share = in_srgb(result, page=page), _last_channel(repair, page)
        size = (before.width, before.height)
        if {(image.width, image.height) for image in (after, share)} != {size}:
            raise OSError(f"{result.name}: page {page} is of another size")
        scale = min(1.0, long_side / max(size))
        small = tuple(max(1, round(side * scale)) for side in size)
        layers = np.zeros((2, small[1], small[0]), np.uint8)
        columns = np.arange(size[0]) * small[0] // size[0]
        starts = np.flatnonzero(np.diff(columns, prepend=-1))
        for top, rows in _strips(before.bandjoin([after, share])):
            change = np.abs(rows[..., :_COLOURS].astype(np.int16) - rows[..., _COLOURS:-1]).max(axis=2)
            target = np.arange(top, top + len(rows)) * small[1] // size[1]
            for layer, values in zip(layers, (change, rows[..., -1]), strict=True):
                np.maximum.at(layer, target, np.maximum.reduceat(values, starts, axis=1).astype(np.uint8))
    except libvips().Error as error:
        raise OSError(f"{original.name}: {error}") from error
    turn = before.get("orientation") if before.get_typeof("orientation") else 1
    for name, layer in zip((CHANGE, MASK), layers, strict=True):
        _upright(Image.fromarray(layer), turn).save(folder / name)


def _last_channel(repair: Path, page: int) -> Any:
    """As a libvips image of 8 bits."""
    image = libvips().Image.tiffload(str(repair), page=page - 1, access="sequential", fail_on="error")
    share = image[image.bands - 1]
    return (share / 257).cast("uchar") if share.format == "ushort" else share


def _strips(image: Any) -> Iterator[tuple[int, Grey]]:
    """Where each begins, and its rows, (h, w, channels)."""
    region = libvips().Region.new(image)
    for top in range(0, image.height, _ROWS_AT_ONCE):
        height = min(_ROWS_AT_ONCE, image.height - top)
        pixels = region.fetch(0, top, image.width, height)
        yield top, np.frombuffer(pixels, np.uint8).reshape(height, image.width, image.bands)


def _upright(layer: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return layer if turn is None else layer.transpose(turn)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
