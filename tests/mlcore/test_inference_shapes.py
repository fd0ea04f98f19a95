"""Pictures of any shape: no tile gets small, and no row of tiles takes memory for it."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mlcore.errors import MasterError
from mlcore.inference.blending import BAND_BYTES, BlendingPlan
from mlcore.inference.finding import FOUND_BYTES, FindingPlan
from mlcore.inference.pictures import Canvas, Window
from mlcore.masters import open_master
from mlcore.masters.decoding import LARGEST, LONGEST
from tests import pictures
from tests.mlcore.small_network import small_network

SHAPES = [
    (1100, 136_000),
    (500, LONGEST),
    (2288, 65_535),
    (6000, 25_000),
    (9155, 16_384),
    (12_247, 12_247),
    (65_535, 2288),
    (1, LONGEST),
    (LONGEST, 1),
    (1600, 1600),
    (1537, 1537),
]
TILE, OVERLAP, STRIDE = 1536, 128, 64


@dataclass
class Blank:
    """A page of which nobody reads a pixel."""

    height: int
    width: int
    orientation: int = 1
    is_grey: bool = False


def canvas(height: int, width: int) -> Canvas:
    return Canvas(Blank(height, width), STRIDE)


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_no_tile_is_smaller_than_promised_but_where_the_picture_is(height: int, width: int) -> None:
    whole = canvas(height, width)
    plan = BlendingPlan(whole, tile=TILE, overlap=OVERLAP, stride=STRIDE)
    for spans, length in ((plan.rows, whole.height), (plan.columns, whole.width)):
        sides = {span.stop - span.start for span in spans}
        assert min(1024, length) <= min(sides)
        assert max(sides) <= TILE or len(spans) == 1


def test_smaller_tiles_are_made_where_they_are_asked_for() -> None:
    plan = BlendingPlan(canvas(900, 900), tile=256, overlap=64, stride=STRIDE)
    assert {span.stop - span.start for span in plan.rows} == {256}


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_a_row_of_tiles_takes_little_memory_however_wide_it_is(
    height: int, width: int, tmp_path: Path
) -> None:
    """Beside the bound there is one tile, weighted, and the rows that are handed on or carried over."""
    plan = BlendingPlan(canvas(height, width), tile=TILE, overlap=OVERLAP, stride=STRIDE)
    answers = _few_answers(3)
    tile_bytes, carried_bytes = TILE * TILE * 3 * 4, OVERLAP // 2 * max(width, 64) * 3 * 4
    handed_bytes = 2 * 2**22 * 3 * 4
    tracemalloc.start()
    try:
        rows = 0
        for first, band in plan.blended(3, lambda seen, used: next(answers)(seen), lambda: None, tmp_path):
            assert first == rows
            rows += len(band)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == max(64, -(-height // STRIDE) * STRIDE)
    assert peak < BAND_BYTES + 3 * tile_bytes + 2 * carried_bytes + handed_bytes
    assert peak < 600 * 2**20


def _few_answers(count: int) -> Iterator:
    """Tiles of ones, and then none, as where nothing is damaged."""
    for _ in range(count):
        yield lambda seen: np.ones((*seen.shape, 3), np.float32)
    while True:
        yield lambda seen: None


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_what_is_found_is_held_in_little_memory_and_covers_the_picture(height: int, width: int) -> None:
    whole = canvas(height, width)
    plan = FindingPlan(whole, small_network().finder, TILE)
    edges = plan.row_edges
    assert (edges[0], edges[-1]) == (0, whole.height)
    lowest = 2 * 256
    for top, bottom in pairwise(edges):
        assert (bottom - top) * whole.width * 4 <= FOUND_BYTES * 1.3 or bottom - top <= lowest
    seen = Window(edges[0], edges[1], 0, plan.column_edges[1]).grown(plan.margin, whole)
    assert seen.shape[0] * seen.shape[1] <= 1.1 * TILE * TILE


@pytest.mark.parametrize("size", [(LONGEST + 1, 1), (1, LONGEST + 1)])
def test_what_is_too_long_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    assert size[0] * size[1] < LARGEST
    path = tmp_path / "thread.png"
    path.write_bytes(pictures.png(pictures.Image.new("L", size)))
    with pytest.raises(MasterError) as caught:
        open_master(path)
    assert caught.value.code == "mlcore:master:too-long"
