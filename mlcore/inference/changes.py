"""How far two pictures differ."""

import numpy as np

from mlcore.images import Bytes
from mlcore.tiling import bands

ROWS_AT_ONCE = 256
"""Rows compared at a time, so that the temporary copies stay small."""


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
