"""Damage as a layer of its own: what is drawn, apart from the picture on which it lies.

Every mark moves pixels towards a colour by a share, so all marks together are one affine layer that does not
depend on the picture: ``degraded = clean * (1 - cover) + paint``. One layer can therefore be drawn ahead and
laid over any picture.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.images import Bytes

Floats = NDArray[np.float32]

VISIBLE = 3
"""Grey levels. Where damage would change no channel of a pixel by as much, the pixel keeps its clean value:
nobody sees such a fringe and no finder can learn it, and so the mask stays exactly where pixels changed."""


@dataclass(slots=True)
class DamageLayer:
    """``cover``: (H, W) float32 in [0, 1]. ``paint``: (H, W, 3) float32 in [0, 255], premultiplied by cover.

    ``spared``: (H, W) bool, where nothing is drawn.
    """

    cover: Floats
    paint: Floats
    spared: NDArray[np.bool_]

    @classmethod
    def blank(cls, height: int, width: int) -> "DamageLayer":
        """A layer that changes nothing."""
        shape = (height, width)
        return cls(np.zeros(shape, np.float32), np.zeros((*shape, 3), np.float32), np.zeros(shape, bool))

    def draw(self, cover: Floats, colour: Floats, left: int = 0, top: int = 0) -> None:
        """Lay more on top: ``cover`` (h, w) in [0, 1] of ``colour``, (3,) or (h, w, 3) in [0, 255], with its
        upper left corner at (left, top), where all of it must fit."""
        height, width = cover.shape
        window = np.s_[top : top + height, left : left + width]
        # Most marks cover few pixels: work on those alone.
        inner = np.flatnonzero((cover > 0) & ~self.spared[window])
        rows, columns = np.divmod(inner, width)
        outer = (rows + top) * self.cover.shape[1] + columns + left
        share = cover.reshape(-1)[inner]
        if colour.ndim == 3:
            colour = colour.reshape(-1, 3)[inner]
        covers, paints = self.cover.reshape(-1), self.paint.reshape(-1, 3)
        covers[outer] += (1 - covers[outer]) * share
        under = paints[outer]
        paints[outer] = under + (colour - under) * share[:, None]

    def quantised(self) -> Bytes:
        """(4, H, W) uint8: paint in three channels, then cover; all zero where nothing is."""
        stacked = np.concatenate([self.paint, self.cover[..., None] * 255], axis=2)
        return np.ascontiguousarray(stacked.round().clip(0, 255).astype(np.uint8).transpose(2, 0, 1))

    def over(self, clean: Bytes) -> Bytes:
        """Lie on (H, W, 3) uint8; what would change by less than ``VISIBLE`` levels stays clean."""
        blended = clean.astype(np.float32) * (1 - self.cover)[..., None] + self.paint
        image = blended.round().clip(0, 255).astype(np.uint8)
        change = np.abs(image.astype(np.int16) - clean).max(axis=2)
        degraded: Bytes = np.where((change < VISIBLE)[..., None], clean, image)
        return degraded
