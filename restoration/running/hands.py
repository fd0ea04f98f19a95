"""The curator's hand: a mask that says where a photo is damaged for sure, and what must never be changed.

An 8-bit grey PNG of the upright photo, at any size of its proportions: 0 leaves it to the model, 255 is to be
repaired, 128 is protected. Other kinds of PNG are taken where they say the same: three equal channels, a
palette of greys, full transparency for 0.
"""

from __future__ import annotations

import io

import numpy as np
from django.core.files.uploadedfile import UploadedFile
from numpy.typing import NDArray
from PIL import Image

from restoration import messages

MODEL_DECIDES, PROTECT, REPAIR = 0, 128, 255

LONGEST_SIDE = 4096
"""Pixels: more than a brush needs, and little enough to be drawn in a browser."""

LARGEST_BYTES = 4 * LONGEST_SIDE * LONGEST_SIDE
"""More than any such PNG takes, even if it is not compressed at all."""

OTHER_PROPORTIONS = 0.02
"""How far width by height may be off those of the photo."""


def read_hand(file: UploadedFile) -> bytes:
    """The content of an uploaded hand. Raises InputError `restoration:hand:too-large` before reading it."""
    if (file.size or 0) > LARGEST_BYTES:
        raise messages.input_error("restoration:hand:too-large")
    content: bytes = file.read()
    return content


def checked_hand(content: bytes, *, width: int, height: int) -> bytes | None:
    """The hand for a photo of width x height pixels (upright), as the PNG to keep; None if it says nothing.

    The same hand gives the same bytes however its PNG was written. Raises InputError
    `restoration:hand:not-a-png`, `:too-large`, `:proportions` or `:values`.
    """
    values = _grey(_opened(content, width, height))
    if not np.isin(values, (MODEL_DECIDES, PROTECT, REPAIR)).all():
        raise messages.input_error("restoration:hand:values")
    if not values.any():
        return None
    file = io.BytesIO()
    Image.fromarray(values).save(file, format="PNG", optimize=True)
    return file.getvalue()


def _opened(content: bytes, width: int, height: int) -> Image.Image:
    """The decoded picture, of which the header was judged first."""
    if len(content) > LARGEST_BYTES:
        raise messages.input_error("restoration:hand:too-large")
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if max(image.size) > LONGEST_SIDE:
                raise messages.input_error("restoration:hand:too-large")
            if not _same_proportions(image.width, image.height, width, height):
                raise messages.input_error("restoration:hand:proportions")
            image.load()
            return image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise messages.input_error("restoration:hand:too-large") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise messages.input_error("restoration:hand:not-a-png") from error


def _same_proportions(width: int, height: int, photo_width: int, photo_height: int) -> bool:
    """Whether one is the other scaled; a side may be off by the pixel that rounding takes or gives."""
    wanted = width * photo_height / photo_width, height * photo_width / photo_height
    return any(
        abs(side - scaled) <= max(1.0, OTHER_PROPORTIONS * scaled)
        for side, scaled in zip((height, width), wanted, strict=True)
    )


def _grey(image: Image.Image) -> NDArray[np.uint8]:
    """(h, w) uint8; what is colour or half transparent becomes a value that is refused."""
    if image.mode in {"L", "1"} and "transparency" not in image.info:
        return np.asarray(image.convert("L"))
    if image.mode.startswith("I"):
        raise messages.input_error("restoration:hand:values")
    rgba = np.asarray(image.convert("RGBA"))
    grey, alpha = rgba[..., 0], rgba[..., 3]
    readable = (rgba[..., :3] == grey[..., None]).all(axis=-1) & (alpha == 255)
    return np.where(alpha == 0, np.uint8(MODEL_DECIDES), np.where(readable, grey, np.uint8(1)))
