"""Filling the damage of a picture of any size, window by window, exactly as in one piece.

The coarse scales of push-pull interpolation (``mlcore.networks.push_pull``) are made of the whole picture
and kept; they are small. The fine ones are made anew in every window, with a margin as wide as they reach.
So a hole of any size gets its structure from all around it, and no window shows.
"""

import numpy as np
import torch
from torch import Tensor

from mlcore.inference.pictures import Canvas, Floats, Window
from mlcore.inference.scratch import ScratchPlane
from mlcore.networks.find_fill_refine import distrusted
from mlcore.networks.push_pull import coarser, finer, smooth_filling
from mlcore.tiling import bands

FINE_SCALES = 3
"""Full size, a half and a quarter are made window by window, an eighth and below once for all."""

BLOCK = 2**FINE_SCALES
ROWS_AT_ONCE = 512
"""Rows surveyed at a time, a multiple of BLOCK."""


class Filling:
    """The fillings of one canvas."""

    def __init__(self, canvas: Canvas, found: ScratchPlane, relaxations: int) -> None:
        """Survey the canvas, whose damage has been found."""
        self._canvas = canvas
        self._found = found
        self._relaxations = relaxations
        # Each scale's relaxation steps look that many pixels far, and its interpolation one more.
        reach = 0
        for _ in range(FINE_SCALES):
            reach = 2 * reach + 1 + relaxations
        self._margin = -(-(reach + 2) // BLOCK) * BLOCK
        self._above = self._surveyed()

    def on(self, core: Window) -> tuple[Floats, Floats, Floats]:
        """Filled (h, w, 3), degraded (h, w, 3) and found (h, w) of a window on multiples of ``BLOCK``."""
        window = core.grown(self._margin, self._canvas)
        degraded = self._canvas.read(window)
        found = self.found(window)
        levels = [self._known(degraded, found, window)]
        for _ in range(FINE_SCALES - 1):
            levels.append(coarser(*levels[-1]))
        filled = self._above[
            ...,
            window.top // BLOCK : window.bottom // BLOCK,
            window.left // BLOCK : window.right // BLOCK,
        ]
        for colour, known in reversed(levels):
            filled = finer(filled, colour, known, self._relaxations)
        inside = core.within(window)
        smooth = filled[0].permute(1, 2, 0).numpy()[inside]
        intact = levels[0][1][0, 0].numpy()[inside] == 1
        return np.where(intact[..., None], degraded[inside], smooth), degraded[inside], found[inside]

    def found(self, window: Window) -> Floats:
        """The share of each pixel of a window that is damage, (h, w)."""
        return self._found.read(window)

    def _surveyed(self) -> Tensor:
        """The filling at the finest of the coarse scales, (1, 3, h, w)."""
        parts = []
        for rows in bands(self._canvas.height, ROWS_AT_ONCE):
            core = Window(rows.start, rows.stop, 0, self._canvas.width)
            window = core.grown(1, self._canvas)
            level = self._known(self._canvas.read(window), self.found(window), window)
            down, _ = core.within(window)
            level = level[0][:, :, down], level[1][:, :, down]
            for _ in range(FINE_SCALES):
                level = coarser(*level)
            parts.append(level)
        colour, known = (torch.cat(planes, dim=2) for planes in zip(*parts, strict=True))
        return smooth_filling(colour, known, self._relaxations)

    def _known(self, degraded: Floats, found: Floats, window: Window) -> tuple[Tensor, Tensor]:
        """The picture times what is left of it, (1, 3, h, w), and what is left, (1, 1, h, w)."""
        damage = distrusted(torch.from_numpy(found)[None, None])
        clear = self._canvas.transparent(window)
        if clear is not None:
            damage = torch.maximum(damage, torch.from_numpy(clear)[None, None].float())
        known = 1.0 - damage
        picture = torch.from_numpy(np.ascontiguousarray(degraded.transpose(2, 0, 1)))[None]
        return picture * known, known
