"""Pictures as the restorer meets them: where their pixels come from, and how they lie before the network.

A page is read in bands of rows in stored orientation. A ``Canvas`` is a page mirrored up to sides that the
network takes; all tiles, masks and fillings live in its coordinates. Only on the way into the network and
out of it are tiles turned upright, as EXIF's orientation says, because faces upside down are not what the
network has learnt.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mlcore.images import Bytes
from mlcore.masters.colours import to_range
from mlcore.tiling import bands, mirrored, round_up, rows_at_once

Floats = NDArray[np.float32]
Truths = NDArray[np.bool_]

SMALLEST_SIDE = 64
"""Pixels: smaller pictures are mirrored up to this, to give the network some surroundings."""

HELD_BYTES = 96 * 2**20
"""A band of rows is kept for the next tile beside it where it is no larger; otherwise it is read again."""

ROWS_AT_ONCE = 64
"""Rows read at a time where a band is not kept."""

# EXIF orientation: (rows and columns are swapped; then upright rows are reversed; then upright columns).
_TURNS = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


class Page(Protocol):
    """One picture that can be read in bands of rows, in stored orientation."""

    @property
    def height(self) -> int:
        """Rows as stored."""

    @property
    def width(self) -> int:
        """Columns as stored."""

    @property
    def orientation(self) -> int:
        """EXIF orientation, 1 to 8; 1 is upright."""

    @property
    def is_grey(self) -> bool:
        """Whether the picture has no colours."""

    def seen(self, top: int, bottom: int) -> Floats:
        """Rows ``top`` to ``bottom`` - 1 as a network sees them: (rows, width, 3) float32 in [-1, 1]."""

    def transparent(self, top: int, bottom: int) -> Truths | None:
        """(rows, width), where nothing is to be seen; None if there is no such place."""


@dataclass(frozen=True, slots=True)
class ArrayPage:
    """(H, W, 3) uint8 RGB in memory as a ``Page``."""

    image: Bytes
    orientation: int = 1

    @property
    def height(self) -> int:
        """See ``Page``."""
        return int(self.image.shape[0])

    @property
    def width(self) -> int:
        """See ``Page``."""
        return int(self.image.shape[1])

    @property
    def is_grey(self) -> bool:
        """Whether the three channels are equal everywhere."""
        return all(
            bool((self.image[rows, :, 0] == self.image[rows, :, channel]).all())
            for rows in bands(self.height, ROWS_AT_ONCE)
            for channel in (1, 2)
        )

    def seen(self, top: int, bottom: int) -> Floats:
        """See ``Page``."""
        return to_range(self.image[top:bottom])

    def transparent(self, top: int, bottom: int) -> None:
        """Nothing is transparent."""


def upright(stored: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    """A view of (H, W, ...) as EXIF ``orientation`` wants it shown."""
    swapped, rows, columns = _TURNS[orientation]
    turned = stored.swapaxes(0, 1) if swapped else stored
    return turned[:: -1 if rows else 1, :: -1 if columns else 1]


def as_stored(shown: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    """The inverse of ``upright``."""
    swapped, rows, columns = _TURNS[orientation]
    turned = shown[:: -1 if rows else 1, :: -1 if columns else 1]
    return turned.swapaxes(0, 1) if swapped else turned


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of a canvas, in its pixels, ends exclusive."""

    top: int
    bottom: int
    left: int
    right: int

    def grown(self, margin: int, canvas: "Canvas") -> "Window":
        """By ``margin`` pixels on each side, as far as the canvas goes."""
        return Window(
            max(self.top - margin, 0),
            min(self.bottom + margin, canvas.height),
            max(self.left - margin, 0),
            min(self.right + margin, canvas.width),
        )

    def within(self, outer: "Window") -> tuple[slice, slice]:
        """Where it lies in an array that holds ``outer``."""
        return (
            slice(self.top - outer.top, self.bottom - outer.top),
            slice(self.left - outer.left, self.right - outer.left),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left


@dataclass(frozen=True, slots=True)
class Axis:
    """One side of a canvas: ``length`` pixels of the picture, mirrored up to ``padded`` pixels.

    ``backwards``: what is shown runs against what is stored, so the mirrored part comes first. ``before``:
    its length there.
    """

    length: int
    padded: int
    backwards: bool

    @property
    def before(self) -> int:
        """Mirrored pixels before the first of the picture."""
        return self.padded - self.length if self.backwards else 0

    def places(self, start: int, stop: int) -> NDArray[np.intp]:
        """Places in the picture of the canvas' pixels ``start`` to ``stop`` - 1."""
        return mirrored(start - self.before, stop - self.before, self.length)

    def own(self, start: int, stop: int) -> tuple[int, int] | None:
        """The same as ends of a slice where all of them are the picture's own, not mirrored."""
        first, last = start - self.before, stop - self.before
        return (first, last) if first >= 0 and last <= self.length else None


class Canvas:
    """A page mirrored up to whole multiples of a stride, read by windows; see this module's own words."""

    def __init__(self, page: Page, stride: int) -> None:
        self.page = page
        swapped, rows, columns = _TURNS[page.orientation]
        if swapped:
            rows, columns = columns, rows
        self.rows, self.columns = (
            Axis(length, round_up(max(length, SMALLEST_SIDE), stride), backwards)
            for length, backwards in ((page.height, rows), (page.width, columns))
        )
        self.height, self.width = self.rows.padded, self.columns.padded
        self._held: tuple[int, int, Floats] | None = None

    def read(self, window: Window) -> Floats:
        """(h, w, 3) float32 in [-1, 1]; not to be written to."""
        own = self.rows.own(window.top, window.bottom), self.columns.own(window.left, window.right)
        if own[0] and own[1]:
            return self._rows(*own[0], *own[1])
        down = self.rows.places(window.top, window.bottom)
        across = self.columns.places(window.left, window.right)
        first, left = int(down.min()), int(across.min())
        part = self._rows(first, int(down.max()) + 1, left, int(across.max()) + 1)
        return part[np.ix_(down - first, across - left)]

    def transparent(self, window: Window) -> Truths | None:
        """(h, w), where nothing is to be seen; None if there is no such place in the picture."""
        down = self.rows.places(window.top, window.bottom)
        first, last = int(down.min()), int(down.max()) + 1
        across = self.columns.places(window.left, window.right)
        clear = np.empty((last - first, len(across)), np.bool_)
        for rows in bands(last - first, rows_at_once(self.page.width, last - first)):
            part = self.page.transparent(first + rows.start, first + rows.stop)
            if part is None:
                return None
            clear[rows] = part[:, across]
        return clear[down - first]

    def stored_rows(self, top: int, bottom: int) -> slice:
        """The picture's own rows among the canvas' rows ``top`` to ``bottom`` - 1."""
        before = self.rows.before
        start, stop = max(top - before, 0), min(bottom - before, self.rows.length)
        return slice(start, max(start, stop))

    def own_columns(self) -> slice:
        """The picture's own columns on the canvas."""
        return slice(self.columns.before, self.columns.before + self.columns.length)

    def forget(self) -> None:
        """Give the memory of the rows read last back."""
        self._held = None

    def _rows(self, first: int, last: int, left: int, right: int) -> Floats:
        """Rows and columns of the picture itself."""
        if self._held and self._held[0] <= first and last <= self._held[1]:
            return self._held[2][first - self._held[0] : last - self._held[0], left:right]
        self._held = None
        if (last - first) * self.page.width * 12 <= HELD_BYTES:
            self._held = first, last, self.page.seen(first, last)
            return self._held[2][:, left:right]
        part = np.empty((last - first, right - left, 3), np.float32)
        for rows in bands(last - first, rows_at_once(self.page.width, ROWS_AT_ONCE)):
            part[rows] = self.page.seen(first + rows.start, first + rows.stop)[:, left:right]
        return part
