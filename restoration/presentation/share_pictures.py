"""The picture that goes with a link to a public photo, where people pass the link on."""

from __future__ import annotations

import io
from typing import BinaryIO

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
"""Pixels; what the card of a shared link shows without cutting anything off."""

_GROUND, _INK = "#1b1b1b", "#f4f4f4"  # as --stage and --stage-ink
_BAND, _MARGIN, _TEXT = 54, 24, 26


def share_picture(rendition: BinaryIO, says: str) -> bytes:
    """The rendition whole, on dark ground, above a line that `says` what it is: a JPEG of SIZE.

    Raises OSError when it is no picture.
    """
    card = Image.new("RGB", SIZE, _GROUND)
    with Image.open(rendition) as picture:
        room = (SIZE[0], SIZE[1] - _BAND)
        shown = picture.convert("RGB")
        scale = min(room[0] / shown.width, room[1] / shown.height)
        shown = shown.resize((max(1, round(shown.width * scale)), max(1, round(shown.height * scale))))
    card.paste(shown, ((room[0] - shown.width) // 2, (room[1] - shown.height) // 2))
    middle = SIZE[1] - _BAND // 2
    ImageDraw.Draw(card).text(
        (_MARGIN, middle), says, fill=_INK, font=ImageFont.load_default(_TEXT), anchor="lm"
    )
    file = io.BytesIO()
    card.save(file, format="JPEG", quality=86, optimize=True)
    return file.getvalue()
