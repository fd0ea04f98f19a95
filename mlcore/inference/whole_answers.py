"""Restoring with a network that answers with the whole picture: tile by tile, blended."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from mlcore.inference.blending import BlendingPlan
from mlcore.inference.hands import HandOnCanvas
from mlcore.inference.pictures import Canvas, Floats, Window, as_stored, upright
from mlcore.networks import Generator
from mlcore.tiling import bands, rows_at_once

ROWS_AT_ONCE = 64
"""Rows put together at a time, or fewer of a very wide picture."""


class WholeAnswers:
    """One picture's way through such a network.

    ``says_where``: whether the network says how far it replaced each pixel; known after the first rows.
    """

    def __init__(
        self,
        canvas: Canvas,
        generator: Generator,
        device: torch.device,
        hand: HandOnCanvas,
        *,
        tile: int,
        overlap: int,
    ) -> None:
        self._canvas = canvas
        self._generator = generator
        self._device = device
        self._hand = hand
        self._plan = BlendingPlan(canvas, tile=tile, overlap=overlap, stride=generator.stride)
        self.count = self._plan.count
        self.says_where = True

    def rows(self, scratch: Path | None, on_tile: Callable[[], None]) -> Iterator[tuple[int, Floats, Floats]]:
        """Rows of the canvas from the top: (first row, restored (h, width, 3), share (h, width)).

        What the hand protects and what is transparent is left as it was.
        """
        for top, band in self._plan.blended(4, self._answer, on_tile, scratch):
            for part in bands(len(band), rows_at_once(self._canvas.width, ROWS_AT_ONCE)):
                window = Window(top + part.start, top + part.stop, 0, self._canvas.width)
                share = self._hand.on(band[part, :, 3].clip(0, 1), window)
                restored = np.where(share[..., None] == 0, self._canvas.read(window), band[part, :, :3])
                yield window.top, restored, share

    def _answer(self, seen: Window, used: Window) -> Floats:
        """RGB in [-1, 1] and share in [0, 1] of a tile, (h, w, 4)."""
        orientation = self._canvas.page.orientation
        tile = np.ascontiguousarray(upright(self._canvas.read(seen), orientation).transpose(2, 0, 1))
        with torch.inference_mode():
            output = self._generator(torch.from_numpy(tile)[None].to(self._device))
            self.says_where = output.mask is not None
            share = torch.ones_like(output.restored[:, :1]) if output.mask is None else output.mask
            planes = torch.cat((output.restored, share), dim=1)[0].permute(1, 2, 0)
            return np.asarray(as_stored(planes.float().cpu().numpy(), orientation))
