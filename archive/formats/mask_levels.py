"""A mask that somebody drew and sent, as grey levels. Runs in a decoder (`archive.formats.apart`)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLOURED = 1
"""The level of what is coloured or half transparent, and so no grey."""


class MaskLevels(NamedTuple):
    """Its size in pixels; `refused`: "not-a-png", "too-large" (not decoded then), "values" or empty."""

    refused: str
    width: int
    height: int


def write_levels(path: Path, target: Path, longest_side: int) -> MaskLevels:
    """Write the levels of the PNG at `path` into `target`, a byte for each pixel, row by row; what is fully
    transparent is 0. Raises OSError where `target` cannot be written.
    """
    try:
        with Image.open(path, formats=["PNG"]) as image:
            width, height = image.size
            if max(width, height) > longest_side:
                return MaskLevels("too-large", width, height)
            if image.mode.startswith("I"):
                return MaskLevels("values", width, height)
            levels = _grey(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return MaskLevels("too-large", 0, 0)
    except (OSError, SyntaxError, ValueError):
        return MaskLevels("not-a-png", 0, 0)
    target.write_bytes(levels.tobytes())
    return MaskLevels("", width, height)


def _grey(image: Image.Image) -> NDArray[np.uint8]:
    """(height, width) uint8."""
    if image.mode in {"L", "1"} and "transparency" not in image.info:
        return np.asarray(image.convert("L"))
    rgba = np.asarray(image.convert("RGBA"))
    grey, alpha = rgba[..., 0], rgba[..., 3]
    readable = (rgba[..., :3] == grey[..., None]).all(axis=-1) & (alpha == 255)
    return np.where(alpha == 0, np.uint8(0), np.where(readable, grey, np.uint8(COLOURED)))
