"""How much of a repair was invented: what several looks at the same picture disagree about.

The picture is restored at a reduced size in up to eight ways, turned and mirrored, which a photograph's
content does not depend on. Where the answers agree, the surroundings left no choice; where they differ, the
network made something up.
"""

from collections.abc import Callable

import cv2
import numpy as np

from mlcore.images import Bytes
from mlcore.inference.hands import Hand
from mlcore.inference.pictures import ArrayPage, Floats, upright
from mlcore.inference.progress import Progress

SIDE = 1024
"""Pixels: the longest side at which the passes run."""

PASSES = 8
"""Ways to turn and mirror a picture, and so the most passes there can be."""

Repairer = Callable[[ArrayPage, Callable[[int, Floats, Floats], None], Hand | None, Progress | None], object]
"""``Restorer.repair``."""


def invention_map(
    repair: Repairer,
    picture: Bytes,
    hand: Hand | None,
    *,
    passes: int = PASSES,
    progress_of: Callable[[int], Progress | None] = lambda _number: None,
) -> Floats:
    """Standard deviation of ``passes`` restorations of ``picture`` (h, w, 3), in steps of 0 to 255, (h, w).

    The mean over the channels. ``progress_of`` gives, for a pass counted from 0, whom to tell of its tiles.
    ValueError unless there are 2 to 8 passes.
    """
    if not 2 <= passes <= PASSES:
        raise ValueError(f"{passes} passes; there are 2 to {PASSES}")
    mean = np.zeros(picture.shape, np.float64)
    squares = np.zeros(picture.shape, np.float64)
    answer = np.empty(picture.shape, np.float64)

    def keep(top: int, restored: Floats, share: Floats) -> None:
        answer[top : top + len(restored)] = restored

    for number in range(1, passes + 1):
        # The network sees the picture as this EXIF orientation would show it, and answers as it is stored.
        repair(ArrayPage(picture, number), keep, _turned(hand, number), progress_of(number - 1))
        step = answer - mean
        mean += step / number
        squares += step * (answer - mean)
    return np.asarray(np.sqrt(squares / passes).mean(axis=2) * 127.5, np.float32)


def mean_inside(spread: Floats, mask: Bytes) -> float:
    """The mean of ``spread`` (h, w) where ``mask``, (h, w) uint8 of any size, is above 0; else 0."""
    fitting = cv2.resize(mask, spread.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    return float(spread[fitting].mean()) if fitting.any() else 0.0


def _turned(hand: Hand | None, orientation: int) -> Hand | None:
    """The hand for a picture that is shown turned."""
    if hand is None:
        return None
    planes = (
        None if plane is None else np.ascontiguousarray(upright(plane, orientation))
        for plane in (hand.repair, hand.protect)
    )
    return Hand(*planes)
