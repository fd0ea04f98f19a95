"""Restoring with a network that finds, fills and refines: each step on the whole picture before the next."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from mlcore.inference.blending import BlendingPlan
from mlcore.inference.coarse import CoarseFinding
from mlcore.inference.engines import Engine
from mlcore.inference.filling import Filling
from mlcore.inference.finding import FindingPlan, find_damage
from mlcore.inference.hands import HandOnCanvas
from mlcore.inference.pictures import Canvas, Floats, Window, as_stored, upright
from mlcore.inference.scratch import ScratchPlane
from mlcore.networks import FindFillRefine
from mlcore.tiling import bands, rows_at_once

ROWS_AT_ONCE = 64
"""Rows composited at a time, or fewer of a very wide picture."""

KEPT_PIXELS = 2**19
"""An engine's buffers for pictures of up to that many pixels are kept for the next picture."""


class StagedRestoration:
    """One picture's way through the steps."""

    def __init__(
        self,
        canvas: Canvas,
        generator: FindFillRefine,
        engine: Engine,
        hand: HandOnCanvas,
        *,
        tile: int,
        overlap: int,
        coarse: bool,
        looks: int,
        on_rows: Callable[[], None],
    ) -> None:
        """``looks``: of the finder. ``on_rows`` is called now and then while rows are gone through without an
        answer of a network.
        """
        self._canvas = canvas
        self._generator = generator
        self._engine = engine
        self._hand = hand
        self._on_rows = on_rows
        self._finding = FindingPlan(canvas, generator.finder, tile, looks=looks)
        self._refining = BlendingPlan(canvas, tile=tile, overlap=overlap, stride=generator.stride)
        self._coarse = CoarseFinding(canvas, generator.finder, tile, on_rows, looks=looks) if coarse else None
        self.count = self._finding.count + self._refining.count + (self._coarse.count if self._coarse else 0)

    def rows(self, scratch: Path | None, on_tile: Callable[[], None]) -> Iterator[tuple[int, Floats, Floats]]:
        """Rows of the canvas from the top: (first row, restored (h, width, 3), share (h, width))."""
        found = ScratchPlane(self._canvas.width, scratch)
        try:
            largest, damaged = find_damage(
                self._canvas, self._finding, self._engine, hand=self._hand, found=found, on_tile=on_tile
            )
            if self._coarse:
                added = self._coarse.add_to(found, damaged, self._engine, self._hand, on_tile)
                largest = max(largest, added)
            self._release()
            if largest == 0:
                yield from self._unchanged()
                _skip(self._refining.count, on_tile)
                return
            filling = Filling(self._canvas, found, self._generator.relaxations, self._on_rows)

            def refined(seen: Window, used: Window) -> Floats | None:
                return self._refined(filling, seen, used)

            for top, band in self._refining.blended(3, refined, on_tile, scratch):
                yield from self._composited(filling, top, band)
        finally:
            found.close()
            self._release()

    def _refined(self, filling: Filling, seen: Window, used: Window) -> Floats | None:
        """What the refiner would put everywhere into a tile; None where nothing of it is damaged."""
        if not filling.found(used).any():
            return None
        orientation = self._canvas.page.orientation
        filled, degraded, found = (
            np.ascontiguousarray(upright(plane, orientation)) for plane in filling.on(seen)
        )
        return np.asarray(as_stored(filled + self._engine.refine(filled, degraded, found), orientation))

    def _composited(self, filling: Filling, top: int, band: Floats) -> Iterator[tuple[int, Floats, Floats]]:
        """``band`` (h, width, 3) from row ``top`` on, where there is damage."""
        for part in bands(len(band), rows_at_once(self._canvas.width, ROWS_AT_ONCE)):
            window = Window(top + part.start, top + part.stop, 0, self._canvas.width)
            degraded, share = self._canvas.read(window), filling.found(window)
            each = cv2.merge([share] * 3)  # three times, since NumPy is slow at sharing it between channels
            restored = band[part] - degraded
            restored *= each
            restored += degraded
            np.clip(restored, -1, 1, out=restored)
            np.copyto(restored, degraded, where=each == 0)
            yield window.top, restored, share
            self._on_rows()

    def _release(self) -> None:
        """Buffers of small pictures are kept: to get them anew takes as long as to compute."""
        if self._canvas.height * self._canvas.width > KEPT_PIXELS:
            self._engine.release()

    def _unchanged(self) -> Iterator[tuple[int, Floats, Floats]]:
        for part in bands(self._canvas.height, rows_at_once(self._canvas.width, ROWS_AT_ONCE)):
            window = Window(part.start, part.stop, 0, self._canvas.width)
            yield part.start, self._canvas.read(window), np.zeros(window.shape, np.float32)
            self._on_rows()


def _skip(count: int, on_tile: Callable[[], None]) -> None:
    """Tiles that nobody needs are done."""
    for _ in range(count):
        on_tile()
