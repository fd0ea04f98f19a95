"""Pictures made smaller while their rows are read, so that the whole is never in memory."""

from collections.abc import Callable

import cv2
import numpy as np

from mlcore.images import Bytes
from mlcore.inference.pictures import Floats, Page, upright
from mlcore.masters.colours import to_eight_bits
from mlcore.tiling import bands, rows_at_once

ROWS_AT_ONCE = 64


def reduced_shape(height: int, width: int, side: int) -> tuple[int, int]:
    """Rows and columns with the longer of them ``side`` at most."""
    scale = min(1.0, side / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def reduced(
    height: int,
    width: int,
    side: int,
    read: Callable[[int, int], Floats],
    on_rows: Callable[[], None] = lambda: None,
) -> Floats:
    """Means over the patches of (height, width) or (height, width, C), whose rows ``read(top, bottom)``
    gives: the same with the longer side ``side`` at most, float32. ``on_rows``: called between reads.
    """
    shape = reduced_shape(height, width, side)
    parts = []
    for rows in bands(height, rows_at_once(width, ROWS_AT_ONCE)):
        part = read(rows.start, rows.stop)
        parts.append(cv2.resize(part, (shape[1], len(part)), interpolation=cv2.INTER_AREA).astype(np.float16))
        on_rows()
    narrow = np.concatenate(parts).astype(np.float32)
    return np.asarray(cv2.resize(narrow, shape[::-1], interpolation=cv2.INTER_AREA), np.float32)


def reduced_picture(page: Page, side: int, on_rows: Callable[[], None] = lambda: None) -> Bytes:
    """The page upright, (h, w, 3) uint8, with the longer side ``side`` at most."""
    picture = reduced(page.height, page.width, side, page.seen, on_rows)
    return np.ascontiguousarray(upright(to_eight_bits(picture), page.orientation))
