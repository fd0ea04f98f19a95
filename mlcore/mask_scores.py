"""How well damage was found: the mask that a method hands over, against the true one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.images import Bytes

TAKEN_FOR_DAMAGED = 0.5
"""A found mask is soft; above this a pixel counts as found."""


@dataclass(frozen=True, slots=True)
class MaskCounts:
    """Pixels: ``found``, truly ``damaged``, and both at once (``hits``)."""

    hits: int
    found: int
    damaged: int

    def figures(self) -> dict[str, float]:
        """``iou``, ``precision`` and ``recall`` in [0, 1], without those that have no value.

        Nothing damaged: no recall. Nothing damaged and nothing found: none at all. Nothing found where
        something is damaged: all three are 0.
        """
        figures = {}
        union = self.found + self.damaged - self.hits
        if union:
            figures["iou"] = self.hits / union
            figures["precision"] = self.hits / max(1, self.found)
        if self.damaged:
            figures["recall"] = self.hits / self.damaged
        return figures


def count_mask(found: NDArray[np.float32], truth: Bytes) -> MaskCounts:
    """Compare (H, W) in [0, 1] with the true mask, (H, W) uint8, damaged where above 127.

    ValueError for different sizes.
    """
    if found.shape != truth.shape:
        raise ValueError(f"masks of different sizes: {found.shape} and {truth.shape}")
    taken, damaged = found > TAKEN_FOR_DAMAGED, truth > 127
    return MaskCounts(int((taken & damaged).sum()), int(taken.sum()), int(damaged.sum()))


def pool(counts: Iterable[MaskCounts]) -> MaskCounts:
    """All pictures' pixels as if they were of one picture: large damage weighs more than small."""
    total = MaskCounts(0, 0, 0)
    for one in counts:
        total = MaskCounts(total.hits + one.hits, total.found + one.found, total.damaged + one.damaged)
    return total
