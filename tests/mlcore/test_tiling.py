"""Tile geometry: every pixel is covered, weights sum to one, overlaps are as wide as asked."""

from itertools import pairwise

import numpy as np
import pytest

from mlcore.tiling import bands, mirrored, plan_spans, round_up

PLANS = sorted(
    {
        (length, tile, overlap, stride)
        for stride in (1, 16, 64)
        for tile in (stride * 2, stride * 4, stride * 9)
        for overlap in (0, stride // 2, stride, 2 * stride)
        if 2 * round_up(overlap, stride) <= tile
        for length in (
            stride,
            tile - stride,
            tile,
            tile + stride,
            2 * tile,
            2 * tile + stride,
            13 * tile + stride,
        )
    }
)


@pytest.mark.parametrize(("length", "tile", "overlap", "stride"), PLANS)
def test_weights_of_all_spans_sum_to_one_at_every_pixel(
    length: int, tile: int, overlap: int, stride: int
) -> None:
    total = np.zeros(length, np.float32)
    for span in plan_spans(length, tile=tile, overlap=overlap, stride=stride):
        total[span.used_start : span.used_stop] += span.weights()
    np.testing.assert_allclose(total, 1, atol=1e-6)


@pytest.mark.parametrize(("length", "tile", "overlap", "stride"), PLANS)
def test_spans_lie_on_the_stride_inside_the_axis_and_overlap_enough(
    length: int, tile: int, overlap: int, stride: int
) -> None:
    spans = plan_spans(length, tile=tile, overlap=overlap, stride=stride)
    assert spans[0].start == 0
    assert spans[-1].stop == length
    for span in spans:
        assert span.start % stride == 0
        assert span.stop - span.start == spans[0].stop <= tile
        assert span.start <= span.used_start < span.used_stop <= span.stop
        assert span.lead_in + span.lead_out <= span.used_stop - span.used_start
    for before, after in pairwise(spans):
        assert before.stop - after.start >= overlap


@pytest.mark.parametrize(
    ("length", "tile", "overlap", "stride"), [plan for plan in PLANS if plan[0] > plan[1]]
)
def test_no_plan_with_one_span_less_would_do(length: int, tile: int, overlap: int, stride: int) -> None:
    count = len(plan_spans(length, tile=tile, overlap=overlap, stride=stride))
    fewer = count - 1
    assert fewer * tile - (fewer - 1) * round_up(overlap, stride) < length


def test_tiles_are_no_larger_than_their_number_needs() -> None:
    spans = plan_spans(2048, tile=1024, overlap=64, stride=64)
    # Two tiles of 1024 cannot share 64 pixels; three of 704 would cover 1984 only.
    assert [span.stop - span.start for span in spans] == [768, 768, 768]


def test_the_outer_quarter_of_an_overlap_is_not_used() -> None:
    first, second = plan_spans(112, tile=64, overlap=16, stride=16)
    assert (first.stop, second.start) == (64, 48)
    assert (second.used_start, first.used_stop) == (52, 60)
    np.testing.assert_allclose(second.weights()[:8], np.arange(1, 16, 2) / 16)
    np.testing.assert_allclose(first.weights()[-8:], np.arange(15, 0, -2) / 16)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"length": 100}, "length 100 is not a positive multiple of the stride 32"),
        ({"length": 0}, "length 0 is not a positive multiple of the stride 32"),
        ({"tile": 40}, "tile 40 is not a positive multiple of the stride 32"),
        ({"overlap": 33}, r"overlap 33 \(stride 32\) is not between 0 and half of the tile 64"),
        ({"overlap": -1}, r"overlap -1 \(stride 32\) is not between 0 and half of the tile 64"),
    ],
)
def test_impossible_plans_are_refused(changes: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan_spans(**{"length": 128, "tile": 64, "overlap": 32, "stride": 32, **changes})


@pytest.mark.parametrize(
    ("length", "before", "after"), [(1, 3, 4), (2, 0, 9), (5, 2, 3), (5, 14, 23), (300, 0, 84)]
)
def test_mirrored_is_what_numpy_calls_reflect(length: int, before: int, after: int) -> None:
    axis = np.arange(length)
    np.testing.assert_array_equal(
        axis[mirrored(-before, length + after, length)], np.pad(axis, (before, after), mode="reflect")
    )


def test_bands_cover_all_rows_in_order() -> None:
    assert list(bands(600, 256)) == [slice(0, 256), slice(256, 512), slice(512, 600)]
    assert list(bands(256, 256)) == [slice(0, 256)]
    assert list(bands(0, 256)) == []
