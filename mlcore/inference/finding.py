"""Finding the damage of a picture of any size, exactly as in one piece.

What the finder says of a pixel depends on its surroundings up to a known distance, so tiles that see that
much more than they answer for give what the whole picture would.

A finder may look several times, at the picture turned and mirrored, and its logits are averaged: it errs less
than in any one of its looks.
"""

from collections.abc import Callable, Iterator
from itertools import product
from math import ceil

import numpy as np
import torch

from mlcore.inference.engines import Engine
from mlcore.inference.hands import HandOnCanvas
from mlcore.inference.honesty import check_numbers
from mlcore.inference.pictures import Canvas, Floats, Window, as_stored, upright
from mlcore.inference.scratch import ScratchPlane
from mlcore.networks.find_fill_refine import DamageFinder, decided
from mlcore.networks.lean import LeanFinder
from mlcore.tiling import round_up

FOUND_BYTES = 128 * 2**20
"""What is found in a row of tiles is held; it takes no more memory than this where they can be so low."""

LEAST_CORE = 256
"""Pixels: tiles are at least this much larger than twice their margin, however small a tile is asked for."""


LOOKS = (1, 2, 4, 8)
"""At a picture as it is; and mirrored; and turned by half, both ways; and all of it turned by a quarter."""

MOST_LOOKS = LOOKS[-1]


class FindingPlan:
    """Tiles that cover a canvas without overlap, the margin that each sees beside them, and how many
    ``looks`` at each are taken, one of ``LOOKS``."""

    def __init__(
        self, canvas: Canvas, finder: DamageFinder | LeanFinder, tile: int, *, looks: int = 1
    ) -> None:
        self.looks = looks
        stride = finder.stride
        self.margin = round_up(finder.reach, stride)
        self._canvas = canvas
        area = max(tile, 2 * self.margin + LEAST_CORE) ** 2
        rows, columns = _fewest(canvas.height, canvas.width, self.margin, area)
        self.row_edges = _edges(canvas.height, rows, stride)
        self.column_edges = _edges(canvas.width, columns, stride)
        self.count = (len(self.row_edges) - 1) * (len(self.column_edges) - 1) * looks

    def bands(self) -> Iterator[list[Window]]:
        """Row by row, what each tile answers for."""
        for top, bottom in zip(self.row_edges, self.row_edges[1:], strict=False):
            yield [
                Window(top, bottom, left, right)
                for left, right in zip(self.column_edges, self.column_edges[1:], strict=False)
            ]


def find_damage(
    canvas: Canvas,
    plan: FindingPlan,
    engine: Engine,
    *,
    hand: HandOnCanvas,
    found: ScratchPlane,
    on_tile: Callable[[], None],
) -> tuple[float, float]:
    """Write the share of each pixel of the canvas that is damage; ``on_tile`` is called after each look.

    Gives the largest of them, and how many of all pixels are rather damaged than not, from 0 to 1. Raises
    HonestyError ``mlcore:honesty:not-a-number``: no verdict is not the verdict that nothing is damaged.
    """
    orientation = canvas.page.orientation
    largest, damaged = 0.0, 0
    for band in plan.bands():
        rows = np.empty((band[0].shape[0], canvas.width), np.float32)
        for core in band:
            seen = core.grown(plan.margin, canvas)
            tile = np.ascontiguousarray(upright(canvas.read(seen), orientation))
            verdict = _verdict(engine, tile, plan.looks, on_tile)
            verdict = np.array(as_stored(verdict, orientation)[core.within(seen)], np.float32)
            check_numbers(verdict)
            rows[:, core.left : core.right] = hand.on(verdict, core)
        largest = max(largest, float(rows.max()))
        damaged += int(np.count_nonzero(rows > 0.5))
        found.write(band[0].top, rows)
    return largest, damaged / (canvas.height * canvas.width)


def _verdict(engine: Engine, tile: Floats, looks: int, on_look: Callable[[], None]) -> Floats:
    """The share of each pixel of a tile that is damage, (h, w) in [0, 1]."""
    # As EXIF orientations would show it: the first four keep the sides, the others exchange them.
    logits = np.array(engine.find(tile), np.float32)
    on_look()
    for orientation in range(2, looks + 1):
        turned = np.ascontiguousarray(upright(tile, orientation))
        logits += np.asarray(as_stored(engine.find(turned), orientation), np.float32)
        on_look()
    return decided(torch.from_numpy(logits / looks)).numpy()


def _fewest(height: int, width: int, margin: int, area: int) -> tuple[int, int]:
    """How many tiles down and across make the network see the fewest pixels, none seeing more than ``area``.

    A tile has no margin where the picture ends.
    """

    def longest(length: int, count: int) -> int:
        return ceil(length / count) + margin * min(count - 1, 2)

    def seen(length: int, count: int) -> int:
        return length + 2 * margin * (count - 1)

    most = [max(1, ceil(length / LEAST_CORE)) for length in (height, width)]
    fitting = [
        (seen(height, down) * seen(width, across), down, across)
        for down, across in product(*(range(1, count + 1) for count in most))
        if longest(height, down) * longest(width, across) <= area
        and (ceil(height / down) * width * 4 <= FOUND_BYTES or down == most[0])
    ]
    return min(fitting)[1:] if fitting else (most[0], most[1])


def _edges(length: int, count: int, stride: int) -> list[int]:
    """Where ``count`` even parts of ``length`` begin and end, on multiples of ``stride``."""
    steps = length // stride
    return [index * steps // count * stride for index in range(count + 1)]
