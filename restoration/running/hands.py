"""The curator's hand: a mask that says where a photo is damaged for sure, and what must never be changed.

An 8-bit grey PNG of the upright photo, at any size of its proportions: 0 leaves it to the model, 255 is to be
repaired, 128 is protected. Of a file with several pages it speaks of the first, the one that pages show; the
others are left to the model. Other kinds of PNG are taken where they say the same: three equal channels, a
palette of greys, full transparency for 0.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import numpy as np
from django.core.files.uploadedfile import UploadedFile
from numpy.typing import NDArray
from PIL import Image

from archive.formats.decoders import mask_levels
from restoration import messages

MODEL_DECIDES, PROTECT, REPAIR = 0, 128, 255

LONGEST_SIDE = 4096
"""Pixels: more than a brush needs, and little enough to be drawn in a browser."""

LARGEST_BYTES = 4 * LONGEST_SIDE * LONGEST_SIDE
"""More than any such PNG takes, even if it is not compressed at all."""

_REFUSALS = {
    "not-a-png": "restoration:hand:not-a-png",
    "too-large": "restoration:hand:too-large",
    "values": "restoration:hand:values",
}

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
    `restoration:hand:not-a-png`, `:too-large`, `:proportions` or `:values`, and
    `archive:file:decoder-stopped`.
    """
    values = _levels(content, width, height)
    if not np.isin(values, (MODEL_DECIDES, PROTECT, REPAIR)).all():
        raise messages.input_error("restoration:hand:values")
    if not values.any():
        return None
    file = io.BytesIO()
    Image.fromarray(values).save(file, format="PNG", optimize=True)
    return file.getvalue()


def _levels(content: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """(h, w): what a decoding process reads in it, of proportions that fit."""
    if len(content) > LARGEST_BYTES:
        raise messages.input_error("restoration:hand:too-large")
    with tempfile.TemporaryDirectory(prefix="hand-") as folder:
        path, target = Path(folder) / "hand.png", Path(folder) / "levels"
        path.write_bytes(content)
        found = mask_levels(path, target, LONGEST_SIDE)
        if found.refused:
            raise messages.input_error(_REFUSALS[found.refused])
        if not _same_proportions(found.width, found.height, width, height):
            raise messages.input_error("restoration:hand:proportions")
        return np.frombuffer(target.read_bytes(), np.uint8).reshape(found.height, found.width)


def _same_proportions(width: int, height: int, photo_width: int, photo_height: int) -> bool:
    """Whether one is the other scaled; a side may be off by the pixel that rounding takes or gives."""
    wanted = width * photo_height / photo_width, height * photo_width / photo_height
    return any(
        abs(side - scaled) <= max(1.0, OTHER_PROPORTIONS * scaled)
        for side, scaled in zip((height, width), wanted, strict=True)
    )
