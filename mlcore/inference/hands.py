"""What a person says of the damage: repair this, leave that."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from mlcore.images import Bytes
from mlcore.inference.pictures import Axis, Canvas, Floats, Truths, Window, as_stored

REPAIR, PROTECT = 255, 128
"""Values of a hand drawn on one grey picture; 0 leaves a pixel to the network."""


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
            found[self._laid(self._repair, window)] = 1
        if self._protect is not None:
            found[self._laid(self._protect, window)] = 0
        clear = self._canvas.transparent(window)
        if clear is not None:
            found[clear] = 0
        return found

    def _laid(self, plane: Floats, window: Window) -> Truths:
        """Where a plane is set in the window, (h, w)."""
        down = _samples(self._canvas.rows, window.top, window.bottom, plane.shape[0])
        across = _samples(self._canvas.columns, window.left, window.right, plane.shape[1])
        laid = cv2.remap(
            plane,
            np.broadcast_to(across, (len(down), len(across))).copy(),
            np.broadcast_to(down[:, None], (len(down), len(across))).copy(),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(laid > 127.0)


def _samples(axis: Axis, start: int, stop: int, drawn: int) -> Floats:
    """Where the centres of the canvas' pixels lie on a side drawn with ``drawn`` pixels."""
    places = axis.places(start, stop).astype(np.float64)
    return ((places + 0.5) * (drawn / axis.length) - 0.5).astype(np.float32)
