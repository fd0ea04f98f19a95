"""What a person says of the damage: repair this, leave that."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from mlcore.images import Bytes
from mlcore.inference.pictures import Axis, Canvas, Floats, Window, as_stored

REPAIR, PROTECT = 255, 128
"""Values of a hand drawn on one grey picture; 0 leaves a pixel to the network."""

HALF = 127.0


@dataclass(frozen=True, slots=True)
class Hand:
    """``repair``: damaged for sure, to be replaced whole. ``protect``: never to be changed.

    Each (h, w) uint8, set where above 127, or None; upright, of any size: they are scaled to the picture.
    Where both are set, protection holds. ValueError for another shape or type.
    """

    repair: Bytes | None = None
    protect: Bytes | None = None

    def __post_init__(self) -> None:
        for plane in (self.repair, self.protect):
            if plane is not None and (plane.ndim != 2 or plane.dtype != np.uint8 or 0 in plane.shape):
                raise ValueError(f"expected (h, w) uint8, got {plane.shape} {plane.dtype}")

    @classmethod
    def from_grey(cls, grey: Bytes) -> Self:
        """From (h, w) uint8 that holds ``REPAIR``, ``PROTECT`` and 0."""
        planes = [(grey == value).astype(np.uint8) * np.uint8(255) for value in (REPAIR, PROTECT)]
        return cls(*(plane if plane.any() else None for plane in planes))


class HandOnCanvas:
    """A hand laid on a canvas."""

    def __init__(self, hand: Hand | None, canvas: Canvas) -> None:
        self._canvas = canvas
        orientation = canvas.page.orientation
        self._repair, self._protect = (
            None
            if hand is None or plane is None
            else np.ascontiguousarray(as_stored(plane, orientation)).astype(np.float32)
            for plane in ((None, None) if hand is None else (hand.repair, hand.protect))
        )

    def on(self, found: Floats, window: Window) -> Floats:
        """``found`` (h, w) in [0, 1] of the window, corrected by the hand and by transparency; in place."""
        if self._repair is not None:
            found[laid(self._repair, self._canvas, window) > HALF] = 1
        if self._protect is not None:
            found[laid(self._protect, self._canvas, window) > HALF] = 0
        clear = self._canvas.transparent(window)
        if clear is not None:
            found[clear] = 0
        return found


def laid(plane: Floats, canvas: Canvas, window: Window) -> Floats:
    """What a plane (h, w) of any size, spread over the page as stored, is at each pixel of a window.

    Bilinear, the centres of its corner pixels as far out as they lie.
    """
    down = _between(plane, canvas.rows, window.top, window.bottom)
    return np.ascontiguousarray(_between(down.T, canvas.columns, window.left, window.right).T)


def _between(plane: Floats, axis: Axis, start: int, stop: int) -> Floats:
    """Rows of a plane (h, w), interpolated where the canvas' pixels ``start`` to ``stop`` - 1 have theirs."""
    centres = (axis.places(start, stop) + 0.5) * (len(plane) / axis.length) - 0.5
    below = np.floor(centres).astype(np.intp)
    share = (centres - below).astype(np.float32)[:, None]
    lower, upper = (plane[place.clip(0, len(plane) - 1)] for place in (below, below + 1))
    return np.asarray(lower + share * (upper - lower), np.float32)
