"""What is measured of one picture, and how pictures become means with intervals."""

import math

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from mlcore.baselines import BASELINES
from mlcore.benchmark_scores import (
    ALL_LEVELS,
    INTACT,
    Interval,
    Score,
    bootstrap_mean,
    measure,
    paired_difference,
    succeeded,
    summarise,
)
from mlcore.images import Bytes
from mlcore.mask_scores import MaskCounts
from tests.mlcore.paired_data import clean_picture, scratch_mask

NOTHING = BASELINES["nothing"]


def psnr_by_hand(a: Bytes, b: Bytes) -> float:
    squared = ((a.astype(np.float64) - b.astype(np.float64)) / 255) ** 2
    return float(10 * math.log10(1 / squared.mean()))


def test_measures_agree_with_the_formula_and_with_scikit_image() -> None:
    clean, mask = clean_picture(1), scratch_mask()
    restored = np.clip(clean.astype(int) + np.where(mask[..., None] > 0, 30, -3), 0, 255).astype(np.uint8)
    values = measure(restored, clean, mask)
    _, similarity = structural_similarity(
        restored / 255,
        clean / 255,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        channel_axis=-1,
        data_range=1.0,
        full=True,
    )
    inner = similarity[5:-5, 5:-5]
    damaged = mask > 127
    assert list(values) == ["psnr", "ssim", "psnr_inside", "ssim_inside"]
    assert values["psnr"] == pytest.approx(psnr_by_hand(restored, clean), abs=1e-4)
    assert values["psnr_inside"] == pytest.approx(psnr_by_hand(restored[damaged], clean[damaged]), abs=1e-4)
    assert values["ssim"] == pytest.approx(inner.mean(), abs=1e-5)
    assert values["ssim_inside"] == pytest.approx(inner[damaged[5:-5, 5:-5]].mean(), abs=1e-5)


def test_a_perfect_picture_counts_as_100_db() -> None:
    clean = clean_picture(1)
    assert measure(clean, clean, scratch_mask()) == {
        "psnr": 100.0,
        "ssim": pytest.approx(1.0),
        "psnr_inside": 100.0,
        "ssim_inside": pytest.approx(1.0),
    }


def test_an_empty_mask_or_none_leaves_the_measures_inside_out() -> None:
    clean, degraded = clean_picture(1), clean_picture(2)
    assert list(measure(degraded, clean, None)) == ["psnr", "ssim"]
    assert list(measure(degraded, clean, np.zeros((24, 24), np.uint8))) == ["psnr", "ssim"]


@pytest.mark.parametrize(
    ("psnr", "ssim", "expected"),
    [(25, 0.93, True), (25, 0.90, True), (25, 0.899, False), (19, 0.93, False), (25, 0.87, False)],
)
def test_success_is_better_in_both_metrics_and_at_least_090(psnr: float, ssim: float, expected: bool) -> None:
    assert succeeded({"psnr": psnr, "ssim": ssim}, {"psnr": 20, "ssim": 0.88}) is expected


def test_success_cannot_be_had_by_doing_nothing() -> None:
    values = {"psnr": 40.0, "ssim": 0.99}
    assert not succeeded(values, values)


def test_bootstrap_mean_agrees_with_drawing_by_hand() -> None:
    values = np.random.default_rng(5).normal(30, 4, 60)
    interval = bootstrap_mean(values.tolist(), [str(n) for n in range(60)], seed=1)
    rng = np.random.default_rng(99)
    means = [rng.choice(values, 60).mean() for _ in range(4000)]
    assert interval.mean == pytest.approx(values.mean())
    assert interval.low == pytest.approx(np.quantile(means, 0.025), abs=0.15)
    assert interval.high == pytest.approx(np.quantile(means, 0.975), abs=0.15)
    assert interval.n == 60
    assert interval.largest == values.max()


def test_bootstrap_draws_pictures_so_repeating_each_three_times_adds_no_certainty() -> None:
    values = np.random.default_rng(5).normal(30, 4, 20).tolist()
    stems = [str(n) for n in range(20)]
    once, thrice = bootstrap_mean(values, stems, seed=1), bootstrap_mean(values * 3, stems * 3, seed=1)
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))
    assert thrice.n == 60


def test_one_picture_has_an_interval_of_no_width() -> None:
    interval = bootstrap_mean([7.0], ["a"], seed=0)
    assert (interval.low, interval.mean, interval.high) == (7.0, 7.0, 7.0)


def test_an_interval_in_words() -> None:
    interval = Interval(1.25, -0.5, 3.004, n=4, largest=9.0)
    assert interval.words(1) == "1.2 [-0.5, 3.0]"
    assert interval.words(2, "+") == "+1.25 [-0.50, +3.00]"


def score(stem: str, value: float, *, group: str = "g", level: str = "light", seed: int = 0) -> Score:
    return Score("nothing", group, stem, level, {"psnr": value}, 0.5, seed=seed)


def test_the_same_name_in_two_data_sets_is_two_pictures() -> None:
    scores = [score("a", 10), score("b", 20), score("a", 30, group="h"), score("b", 40, group="h")]
    measured = summarise(scores, [NOTHING], ["light"], ["g", "h"], seed=0)
    (row,) = measured.table(ALL_LEVELS)
    assert (row.n, row.pictures, row.measures["psnr"].mean) == (4, 4, 25)
    assert [measured.table("light", group)[0].measures["psnr"].mean for group in ("g", "h")] == [15, 35]


def test_seeds_of_one_picture_add_results_and_no_pictures() -> None:
    scores = [score("a", 10, seed=seed) for seed in range(5)]
    (row,) = summarise(scores, [NOTHING], ["light"], ["g"], seed=0).table("light")
    assert (row.n, row.pictures) == (5, 1)


def test_over_all_levels_undamaged_pictures_do_not_count() -> None:
    scores = [score("a", 10), score("a", 100, level=INTACT)]
    measured = summarise(scores, [NOTHING], ["light"], ["g"], seed=0)
    assert measured.table(ALL_LEVELS)[0].measures["psnr"].mean == 10
    assert measured.table(INTACT)[0].measures["psnr"].mean == 100


def test_found_masks_are_pooled_over_the_pixels_of_all_pictures() -> None:
    counts = [MaskCounts(1, 1, 1), MaskCounts(0, 0, 99)]
    scores = [
        Score("nothing", "g", str(number), "light", each.figures(), 0.1, found=each)
        for number, each in enumerate(counts)
    ]
    (row,) = summarise(scores, [NOTHING], ["light"], ["g"], seed=0).table("light")
    assert row.measures["recall"].mean == pytest.approx(0.5)
    assert row.pooled["recall"] == pytest.approx(0.01)


def test_a_difference_is_taken_only_where_both_were_measured() -> None:
    ours = [score("a", 11), score("b", 25), score("c", 90), score("a", 13, seed=1)]
    theirs = [score("a", 10), score("b", 20), score("a", 10, seed=1), score("d", 5)]
    difference = paired_difference(ours, theirs, "psnr", seed=0)
    assert difference is not None
    assert (difference.mean, difference.n) == (3.0, 3)
    assert paired_difference(ours, [score("z", 1)], "psnr", seed=0) is None
    assert paired_difference(ours, theirs, "ssim", seed=0) is None
