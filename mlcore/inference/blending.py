"""Answers of overlapping tiles blended into rows of a whole picture."""

from collections.abc import Callable, Iterator

import numpy as np

from mlcore.inference.pictures import Canvas, Floats, Window
from mlcore.tiling import Span, plan_spans, round_up

BAND_BYTES = 256 * 2**20
"""Rows of tiles are made lower where a picture is so wide that one would need more than this."""


class BlendingPlan:
    """Overlapping tiles of a canvas: one where it has no more pixels than ``tile`` squared."""

    def __init__(self, canvas: Canvas, *, tile: int, overlap: int, stride: int) -> None:
        self._canvas = canvas
        tile = round_up(tile, stride)
        if canvas.height * canvas.width <= tile * tile:
            shape, overlap = (canvas.height, canvas.width), 0
        else:
            shape = _shape(canvas, tile, overlap, stride)
        self.rows, self.columns = (
            plan_spans(length, tile=side, overlap=overlap, stride=stride)
            for length, side in zip((canvas.height, canvas.width), shape, strict=True)
        )
        self.count = len(self.rows) * len(self.columns)

    def blended(
        self, channels: int, answer: Callable[[Window, Window], Floats | None], on_tile: Callable[[], None]
    ) -> Iterator[tuple[int, Floats]]:
        """Finished rows from the top, each time (first row, (h, width, channels) float32).

        ``answer(seen, used)``: the network's answer (h, w, channels) for what a tile sees, or None where
        nothing is wanted of the part of it that is used; zeros stand there.
        """
        carried = np.zeros((0, self._canvas.width, channels), np.float32)
        for row in self.rows:
            band = np.zeros((row.used_stop - row.used_start, self._canvas.width, channels), np.float32)
            band[: row.lead_in] = carried
            for column in self.columns:
                seen = Window(row.start, row.stop, column.start, column.stop)
                used = Window(row.used_start, row.used_stop, column.used_start, column.used_stop)
                tile = answer(seen, used)
                if tile is not None:
                    self._add(band, tile[used.within(seen)], row, column)
                on_tile()
            finished = len(band) - row.lead_out
            yield row.used_start, band[:finished]
            carried = band[finished:].copy()  # a copy, so that the rest of the band is freed

    @staticmethod
    def _add(band: Floats, tile: Floats, row: Span, column: Span) -> None:
        into = band[:, column.used_start : column.used_stop, : tile.shape[2]]
        if any((row.lead_in, row.lead_out, column.lead_in, column.lead_out)):
            tile = tile * (row.weights()[:, None, None] * column.weights()[None, :, None])
        into += tile


def _shape(canvas: Canvas, tile: int, overlap: int, stride: int) -> tuple[int, int]:
    """Height and width of tiles of at most ``tile`` squared pixels."""
    least = 2 * round_up(overlap, stride)
    affordable = BAND_BYTES // (16 * canvas.width) // stride * stride
    height = min(tile, max(affordable, least, stride))
    return height, tile * tile // height // stride * stride
