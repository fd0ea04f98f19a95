"""Answers of overlapping tiles blended into rows of a whole picture."""

from collections.abc import Callable, Iterator
from pathlib import Path

from mlcore.inference.pictures import Canvas, Floats, Window
from mlcore.inference.scratch import RowsInMemory, ScratchRows
from mlcore.tiling import bands, plan_spans, round_up, rows_at_once

BAND_BYTES = 128 * 2**20
"""A row of tiles is put together on disk where a picture is so wide that it would take more memory."""

LEAST_TILE = 1024
"""Pixels: no tile is smaller, however the picture is cut, unless smaller ones are asked for: at 256, repairs
differ from those made in one piece by up to 100 of 255 levels."""

ROWS_GIVEN = 256
"""Finished rows handed on at a time."""


class BlendingPlan:
    """Overlapping tiles of a canvas: one where it has no more pixels than ``tile`` squared."""

    def __init__(self, canvas: Canvas, *, tile: int, overlap: int, stride: int) -> None:
        self._canvas = canvas
        tile = round_up(tile, stride)
        least = round_up(LEAST_TILE, stride) if tile >= LEAST_TILE else 0
        if canvas.height * canvas.width <= tile * tile:
            shape, overlap = (canvas.height, canvas.width), 0
        else:
            shape = tile, tile
        self.rows, self.columns = (
            plan_spans(length, tile=side, overlap=overlap, stride=stride, least=min(least, side))
            for length, side in zip((canvas.height, canvas.width), shape, strict=True)
        )
        self.count = len(self.rows) * len(self.columns)

    def blended(
        self,
        channels: int,
        answer: Callable[[Window, Window], Floats | None],
        on_tile: Callable[[], None],
        scratch: Path | None = None,
    ) -> Iterator[tuple[int, Floats]]:
        """Finished rows from the top, each time (first row, (h, width, channels) float32).

        ``answer(seen, used)``: the network's answer (h, w, channels) for what a tile sees, or None where
        nothing is wanted of the part of it that is used; zeros stand there. ``scratch``: folder for a file of
        one row of tiles where that is large (None: the system's).
        """
        width = self._canvas.width
        highest = max(row.used_stop - row.used_start for row in self.rows)
        is_large = highest * width * channels * 4 > BAND_BYTES
        band = ScratchRows(width, channels, scratch) if is_large else RowsInMemory(width, channels)
        carried: Floats | None = None
        try:
            for row in self.rows:
                height = row.used_stop - row.used_start
                band.begin(height)
                if carried is not None:
                    band.add(0, 0, carried)
                for column in self.columns:
                    seen = Window(row.start, row.stop, column.start, column.stop)
                    used = Window(row.used_start, row.used_stop, column.used_start, column.used_stop)
                    tile = answer(seen, used)
                    if tile is not None:
                        part = tile[used.within(seen)]
                        if any((row.lead_in, row.lead_out, column.lead_in, column.lead_out)):
                            part = part * (row.weights()[:, None, None] * column.weights()[None, :, None])
                        band.add(0, column.used_start, part)
                    on_tile()
                finished = height - row.lead_out
                for rows in bands(finished, rows_at_once(width, ROWS_GIVEN)):
                    yield row.used_start + rows.start, band.read(rows.start, rows.stop)
                carried = band.read(finished, height).copy() if row.lead_out else None
        finally:
            band.close()
