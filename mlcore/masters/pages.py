"""One page of an opened master: its samples by rows, and how a network sees and changes them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlcore.masters.colours import Colours, Floats, Grey, Inks, Rgb
from mlcore.masters.row_files import RowFile, Samples

Channels = Literal["grey", "rgb", "cmyk"]
COLOUR_COUNTS: dict[Channels, int] = {"grey": 1, "rgb": 3, "cmyk": 4}

BYTES_AT_ONCE = 4 << 20
"""Samples that are worked on at a time when a page is gone through row by row."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a reader found of a page, and how its samples are got.

    ``extras``: further channels behind the colours. ``alpha``: which of the extras is transparency.
    ``premultiplied``: colours are stored multiplied by it. ``fill`` decodes into a row file of this geometry
    and raises MasterError. ``directory``: number of a TIFF's directory.
    """

    height: int
    width: int
    channels: Channels
    dtype: type[np.uint8] | type[np.uint16]
    fill: Callable[[RowFile], None]
    extras: int = 0
    alpha: int | None = None
    premultiplied: bool = False
    orientation: int = 1
    icc_profile: bytes | None = None
    directory: int = 0


class Page:
    """A page; ``Master.pages`` has them in order.

    ``height`` and ``width`` in pixels, as stored. ``channels``: what the colour channels are. ``alpha``:
    whether there is transparency. ``dtype``: uint8 or uint16. ``orientation``: of EXIF, 1 to 8, how people
    turn the stored rows to see them.
    """

    def __init__(self, sheet: Sheet, rows_of: Callable[["Page"], RowFile]) -> None:
        self.sheet = sheet
        self.height, self.width = sheet.height, sheet.width
        self.channels: Channels = sheet.channels
        self.alpha = sheet.alpha is not None
        self.dtype = np.dtype(sheet.dtype)
        self.orientation = sheet.orientation
        self._rows_of = rows_of
        self._inks = Inks(sheet.icc_profile)
        self._is_grey: bool | None = (
            True if sheet.channels == "grey" else None if sheet.channels == "rgb" else False
        )

    @property
    def sample_count(self) -> int:
        """Channels of ``samples``: colours, then extras."""
        return COLOUR_COUNTS[self.channels] + self.sheet.extras

    @property
    def rows_at_once(self) -> int:
        """How many rows make about ``BYTES_AT_ONCE``."""
        return max(1, BYTES_AT_ONCE // (self.width * self.sample_count * self.dtype.itemsize))

    @property
    def is_grey(self) -> bool:
        """One colour channel, or three that are equal everywhere: the restoration must be grey too.

        Reads an RGB page through on first use.
        """
        if self._is_grey is None:
            self._is_grey = all(
                bool((rows[..., :1] == rows[..., 1:3]).all())
                for top in range(0, self.height, self.rows_at_once)
                for rows in [self.samples(top, min(self.height, top + self.rows_at_once))]
            )
        return self._is_grey

    def samples(self, top: int, bottom: int) -> Samples:
        """Rows ``top`` to ``bottom`` as they are in the file: (rows, width, sample_count), own dtype.

        Black is 0 also where the file has it the other way round. Raises MasterError where the page's data
        breaks off.
        """
        return self._rows_of(self).read(top, bottom)

    def seen(self, top: int, bottom: int) -> Floats:
        """Rows as a network sees them: (rows, width, 3) float32 in [-1, 1], as stored (not turned)."""
        return self._colours.seen(self.samples(top, bottom)[..., : COLOUR_COUNTS[self.channels]])

    def transparent(self, top: int, bottom: int) -> NDArray[np.bool_] | None:
        """(rows, width), where a pixel is wholly transparent and so never changed; None without alpha."""
        if self.sheet.alpha is None:
            return None
        transparent: NDArray[np.bool_] = self._alpha(self.samples(top, bottom)) == 0
        return transparent

    def applied(self, samples: Samples, seen: Floats, restored: Floats, share: NDArray[Any]) -> Samples:
        """``samples`` with the change from ``seen`` to ``restored``, in their own numbers.

        ``samples`` (h, w, sample_count) and ``seen`` (h, w, 3) are those of one place, any rectangle;
        ``restored`` (h, w, 3) float in [-1, 1]; ``share`` (h, w), any number type. Where ``share`` is 0 or
        the pixel is wholly transparent, and in channels that are no colours, nothing changes; grey stays
        grey. Returns a new array.
        """
        changed = np.asarray(share) > 0
        if self.sheet.alpha is not None:
            changed &= self._alpha(samples) > 0
        result = samples.copy()
        if changed.any():
            colours = COLOUR_COUNTS[self.channels]
            # A list of pixels is a picture of one row: no more is converted than changes.
            there = self._colours.changed(
                samples[changed][None, :, :colours], seen[changed][None], restored[changed][None]
            )
            if self.sheet.premultiplied:
                there = np.minimum(there, self._alpha(samples)[changed][None, :, None])
            result[changed, :colours] = there[0]
        return result

    def _alpha(self, samples: Samples) -> Samples:
        return samples[..., COLOUR_COUNTS[self.channels] + (self.sheet.alpha or 0)]

    @property
    def _colours(self) -> Colours:
        if self.channels == "cmyk":
            return self._inks
        return Grey(COLOUR_COUNTS[self.channels]) if self.is_grey else Rgb()


def new_row_file(sheet: Sheet, folder: Path | None) -> RowFile:
    """An empty row file for a page's samples."""
    colours = COLOUR_COUNTS[sheet.channels]
    return RowFile(
        sheet.height,
        sheet.width,
        colours + sheet.extras,
        sheet.dtype,
        folder,
        inks=sheet.channels == "cmyk",
    )
