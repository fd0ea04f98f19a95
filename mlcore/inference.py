"""Restoring one picture of any size with a trained generator.

A picture of at most tile x tile pixels is processed whole; a larger one in overlapping tiles, row of tiles by
row of tiles, so that beside the picture and its result only one such row exists as floating-point numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.checkpoints import load_generator
from mlcore.images import Bytes, from_network, to_network
from mlcore.networks import Generator
from mlcore.tiling import Span, bands, mirrored, plan_spans, round_up

Progress = Callable[[int, int], None]
"""Called with the number of tiles done and the number of all tiles."""

SMALLEST_SIDE = 64
"""Pixels: smaller pictures are mirrored up to this, to give the network some surroundings."""

ROWS_AT_ONCE = 256
"""Rows converted at a time, so that the temporary copies stay small."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored picture.

    ``image``: (H, W, 3) uint8, RGB. ``mask``: (H, W) float32 in [0, 1], how far each pixel was taken for
    damaged; None where the network does not say, or where it was not asked for.
    """

    image: Bytes
    mask: NDArray[np.float32] | None


class Restorer:
    """A generator ready to restore pictures: pads, tiles, blends and reports progress."""

    def __init__(
        self,
        generator: Generator,
        *,
        device: str = "cpu",
        tile: int = 1024,
        overlap: int = 64,
        metadata: dict[str, Any] | None = None,
        sha256: str = "",
    ) -> None:
        """Take over ``generator`` (put into eval mode, on ``device``).

        ``tile``: side in pixels of the largest square that is processed in one piece (rounded up to the
        generator's stride). ``overlap``: least number of pixels shared by neighbouring tiles, at most half of
        ``tile``, otherwise ValueError. ``metadata`` and ``sha256`` are what the weights' file says of itself.
        """
        self.tile = round_up(tile, generator.stride)
        self.overlap = overlap
        if tile < 1 or overlap < 0 or 2 * round_up(overlap, generator.stride) > self.tile:
            raise ValueError(
                f"overlap {overlap} must be between 0 and half of tile {tile} (stride {generator.stride})"
            )
        self.device = torch.device(device)
        self.metadata = metadata or {}
        self.sha256 = sha256
        # Channels together, as in the pictures themselves: on a CPU a quarter faster than in planes, and the
        # same bytes to within one step. Half precision is not used: without bf16 units it takes minutes.
        self._generator = generator.eval().to(self.device).to(memory_format=torch.channels_last)

    @classmethod
    def from_checkpoint(
        cls, path: Path | str, *, device: str = "cpu", tile: int = 1024, overlap: int = 64
    ) -> Self:
        """Load the generator saved at ``path``; CheckpointError if it is missing, damaged or foreign."""
        loaded = load_generator(path, device)
        return cls(
            loaded.generator,
            device=device,
            tile=tile,
            overlap=overlap,
            metadata=loaded.metadata,
            sha256=loaded.sha256,
        )

    def restore(
        self, image: Bytes, on_progress: Progress | None = None, *, keep_mask: bool = True
    ) -> Restored:
        """Restore ``image``, (H, W, 3) uint8 RGB of any size from 1x1; the result has the same size.

        A grey picture (three equal channels) comes out grey. ``on_progress(done, total)`` is called with 0
        before the first tile and after each tile. ``keep_mask=False`` saves 4 bytes a pixel. ValueError for
        an array of another shape or type, MemoryError where a tile does not fit into memory (a smaller one
        might).
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
            raise ValueError(f"expected (H, W, 3) uint8, got {image.shape} {image.dtype}")
        height, width = image.shape[:2]
        rows, columns = self._plan(height, width)
        total = len(rows) * len(columns)
        report = on_progress or _ignore_progress
        report(0, total)

        result = np.empty_like(image)
        mask = np.empty((height, width), np.float32) if keep_mask else None
        carried = np.zeros((0, columns[-1].used_stop, 4), np.float32)
        for row_number, row in enumerate(rows):
            band = np.zeros((row.used_stop - row.used_start, columns[-1].used_stop, 4), np.float32)
            band[: row.lead_in] = carried
            for column_number, column in enumerate(columns):
                piece = self._run_tile(image, row, column)
                if piece.shape[2] == 3:
                    mask = None
                piece *= row.weights()[:, None, None] * column.weights()[None, :, None]
                band[:, column.used_start : column.used_stop, : piece.shape[2]] += piece
                report(row_number * len(columns) + column_number + 1, total)
            finished = len(band) - row.lead_out
            _write_band(band[:finished], row.used_start, result, mask)
            carried = band[finished:].copy()  # a copy, so that the rest of the band is freed
        if _is_grey(image):
            _make_grey(result)
        return Restored(result, mask)

    def _plan(self, height: int, width: int) -> tuple[list[Span], list[Span]]:
        """Spans down and across the picture mirrored up to the generator's stride."""
        stride = self._generator.stride
        padded = [round_up(max(side, SMALLEST_SIDE), stride) for side in (height, width)]
        whole = padded[0] * padded[1] <= self.tile * self.tile
        tile, overlap = (max(padded), 0) if whole else (self.tile, self.overlap)
        down, across = (plan_spans(side, tile=tile, overlap=overlap, stride=stride) for side in padded)
        return down, across

    @torch.inference_mode()
    def _run_tile(self, image: Bytes, row: Span, column: Span) -> NDArray[np.float32]:
        """The used part of one tile: (h, w, 4) float32, RGB in [-1, 1] and mask in [0, 1], or without mask
        (h, w, 3).

        The result is the caller's own to change.
        """
        height, width = image.shape[:2]
        down = mirrored(row.start, row.stop, height)
        across = mirrored(column.start, column.stop, width)
        try:
            output = self._generator(to_network(image[np.ix_(down, across)]).to(self.device))
        except RuntimeError as error:
            # Torch has a class of its own for a full accelerator, and only a sentence for full main memory.
            if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error):
                raise MemoryError(f"a tile of {len(down)}x{len(across)} pixels does not fit") from error
            raise
        planes = output.restored if output.mask is None else torch.cat((output.restored, output.mask), dim=1)
        used = planes[
            0,
            :,
            row.used_start - row.start : row.used_stop - row.start,
            column.used_start - column.start : column.used_stop - column.start,
        ]
        return np.array(used.permute(1, 2, 0).float().cpu().numpy(), order="C")


def change_report(before: Bytes, after: Bytes) -> dict[str, float]:
    """How much a restoration changed, from two (H, W, 3) uint8 pictures of the same size.

    ``share_changed``: share of pixels, 0 to 1, of which any channel differs. ``mean_change`` and
    ``max_change``: absolute difference in steps of 0 to 255, over all pixels and channels. ValueError if the
    sizes differ.
    """
    if before.shape != after.shape:
        raise ValueError(f"pictures of different sizes: {before.shape} and {after.shape}")
    changed = summed = largest = 0
    for band in bands(before.shape[0], ROWS_AT_ONCE):
        difference = np.abs(before[band].astype(np.int16) - after[band])
        changed += int(np.count_nonzero(difference.any(axis=2)))
        summed += int(difference.sum(dtype=np.int64))
        largest = max(largest, int(difference.max()))
    pixels = before.shape[0] * before.shape[1]
    return {
        "share_changed": changed / pixels,
        "mean_change": summed / before.size,
        "max_change": float(largest),
    }


def _write_band(band: NDArray[np.float32], top: int, result: Bytes, mask: NDArray[np.float32] | None) -> None:
    """Write finished rows, (h, w, 4) from row ``top`` of the padded picture, into the result and its mask."""
    height, width = result.shape[:2]
    for part in bands(min(len(band), height - top), ROWS_AT_ONCE):
        kept = band[part, :width]
        rows = slice(top + part.start, top + part.stop)
        result[rows] = from_network(torch.from_numpy(kept[..., :3]).permute(2, 0, 1))
        if mask is not None:
            mask[rows] = kept[..., 3].clip(0, 1)


def _is_grey(image: Bytes) -> bool:
    """Whether the three channels of (H, W, 3) are equal everywhere."""
    return all(
        bool((image[rows, :, :1] == image[rows, :, 1:]).all()) for rows in bands(len(image), ROWS_AT_ONCE)
    )


def _make_grey(image: Bytes) -> None:
    """The mean of the channels in each of them, in place; pixels that are grey already stay as they are."""
    for rows in bands(len(image), ROWS_AT_ONCE):
        image[rows] = image[rows].mean(axis=2, keepdims=True).round().astype(np.uint8)


def _ignore_progress(done: int, total: int) -> None:
    """Stands in where nobody listens."""
