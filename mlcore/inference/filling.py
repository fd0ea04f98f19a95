"""Filling the damage of a picture of any size, window by window, exactly as in one piece.

The coarse scales of push-pull interpolation (``mlcore.networks.push_pull``) are made of the whole picture
and kept; they are small. The fine ones are made anew in every window, with a margin as wide as they reach.
So a hole of any size gets its structure from all around it, and no window shows.
"""

from collections.abc import Callable

import cv2
import torch
from torch import Tensor

from mlcore.inference.pictures import Canvas, Floats, Window
from mlcore.inference.scratch import ScratchPlane
from mlcore.networks.find_fill_refine import distrusted
from mlcore.networks.push_pull import coarser, finer, smooth_filling
from mlcore.tiling import bands, rows_at_once

FINE_SCALES = 3
"""Full size, a half and a quarter are made window by window, an eighth and below once for all."""

BLOCK = 2**FINE_SCALES
HELD_PIXELS = 2**19
"""The fine scales of pictures of up to that many pixels are kept from the survey."""

ROWS_AT_ONCE = 512
"""Rows surveyed at a time, or fewer of a wide picture; always a multiple of BLOCK."""


class Filling:
    """The fillings of one canvas."""

    def __init__(
        self,
        canvas: Canvas,
        found: ScratchPlane,
        relaxations: int,
        on_rows: Callable[[], None] = lambda: None,
    ) -> None:
        """Survey the canvas, whose damage has been found. ``on_rows`` is called now and then meanwhile."""
        self._canvas = canvas
        self._found = found
        self._relaxations = relaxations
        # Each scale's relaxation steps look that many pixels far, and its interpolation one more.
        reach = 0
        for _ in range(FINE_SCALES):
            reach = 2 * reach + 1 + relaxations
        self._margin = -(-(reach + 2) // BLOCK) * BLOCK
        self._held: dict[Window, list[tuple[Tensor, Tensor]]] = {}
        self._above = self._surveyed(on_rows)

    def on(self, core: Window) -> tuple[Floats, Floats, Floats]:
        """Filled (h, w, 3), degraded (h, w, 3) and found (h, w) of a window on multiples of ``BLOCK``."""
        window = core.grown(self._margin, self._canvas)
        degraded = self._canvas.read(window)
        levels = self._held.get(window) or _scales(*self._known(window))
        filled = self._above[
            ...,
            window.top // BLOCK : window.bottom // BLOCK,
            window.left // BLOCK : window.right // BLOCK,
        ]
        for colour, known in reversed(levels[:-1]):
            filled = finer(filled, colour, known, self._relaxations)
        inside = core.within(window)
        return cv2.merge(list(filled[0].numpy()))[inside], degraded[inside], self.found(core)

    def found(self, window: Window) -> Floats:
        """The share of each pixel of a window that is damage, (h, w)."""
        return self._found.read(window)

    def _surveyed(self, on_rows: Callable[[], None]) -> Tensor:
        """The filling at the finest of the coarse scales, (1, 3, h, w)."""
        parts = []
        at_once = max(BLOCK, rows_at_once(self._canvas.width, ROWS_AT_ONCE) // BLOCK * BLOCK)
        for rows in bands(self._canvas.height, at_once):
            core = Window(rows.start, rows.stop, 0, self._canvas.width)
            window = core.grown(1, self._canvas)
            down, _ = core.within(window)
            colour, known = self._known(window)
            levels = _scales(colour[:, :, down], known[:, :, down])
            parts.append(levels[-1])
            if core.shape == (self._canvas.height, self._canvas.width) and known.numel() <= HELD_PIXELS:
                self._held[core] = levels
            on_rows()
        colour, known = (torch.cat(planes, dim=2) for planes in zip(*parts, strict=True))
        return smooth_filling(colour, known, self._relaxations)

    def _known(self, window: Window) -> tuple[Tensor, Tensor]:
        """The picture times what is left of it, (1, 3, h, w), and what is left, (1, 1, h, w)."""
        damage = distrusted(torch.from_numpy(self.found(window))[None, None])
        clear = self._canvas.transparent(window)
        if clear is not None:
            damage = torch.maximum(damage, torch.from_numpy(clear)[None, None].float())
        known = 1.0 - damage
        picture = torch.from_numpy(self._canvas.read(window)).permute(2, 0, 1).contiguous()[None]
        return picture * known, known


def _scales(colour: Tensor, known: Tensor) -> list[tuple[Tensor, Tensor]]:
    """The fine scales, and the finest of the coarse ones."""
    levels = [(colour, known)]
    for _ in range(FINE_SCALES):
        levels.append(coarser(*levels[-1]))
    return levels
