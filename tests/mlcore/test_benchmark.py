"""The benchmark: what is measured, on which pictures, with what certainty."""

import math
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from mlcore.baselines import BASELINES, Method
from mlcore.benchmark import (
    ALL_LEVELS,
    Benchmark,
    bootstrap_mean,
    choose_pairs,
    levels_of,
    load_pair,
    measure,
    model_method,
    run,
)
from mlcore.images import Bytes
from mlcore.inference import Restorer
from mlcore.pairing import find_pairs
from tests.mlcore.paired_data import clean_picture, scratch_mask, write_data_set
from tests.mlcore.toy_generators import Brighten

NOTHING = BASELINES["nothing"]
TELEA = BASELINES["telea"]
BIHARMONIC = BASELINES["biharmonic"]


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


def test_levels_come_from_light_to_heavy_and_strange_ones_last(tmp_path: Path) -> None:
    pairs = find_pairs(write_data_set(tmp_path, stems=1, levels=("odd", "heavy", "medium", "light")))
    assert levels_of(pairs) == ["light", "medium", "heavy", "odd"]


def test_the_same_pictures_are_chosen_at_each_level_and_a_larger_choice_holds_the_smaller(
    tmp_path: Path,
) -> None:
    pairs = find_pairs(write_data_set(tmp_path, stems=9))
    stems = {
        limit: {
            level: [p.stem for p in choose_pairs(pairs, limit=limit, seed=3) if p.level == level]
            for level in ("light", "heavy")
        }
        for limit in (2, 5, None)
    }
    assert stems[2]["light"] == stems[2]["heavy"]
    assert stems[5]["light"][:2] == stems[2]["light"]
    assert sorted(stems[None]["light"]) == [f"p{n}" for n in range(9)]
    other_seeds = {tuple(p.stem for p in choose_pairs(pairs, limit=2, seed=seed)) for seed in range(8)}
    assert len(other_seeds) > 1


def test_bootstrap_mean_agrees_with_drawing_by_hand() -> None:
    values = np.random.default_rng(5).normal(30, 4, 60)
    interval = bootstrap_mean(values.tolist(), [str(n) for n in range(60)], seed=1)
    rng = np.random.default_rng(99)
    means = [rng.choice(values, 60).mean() for _ in range(4000)]
    assert interval.mean == pytest.approx(values.mean())
    assert interval.low == pytest.approx(np.quantile(means, 0.025), abs=0.15)
    assert interval.high == pytest.approx(np.quantile(means, 0.975), abs=0.15)
    assert interval.n == 60


def test_bootstrap_draws_pictures_so_repeating_each_three_times_adds_no_certainty() -> None:
    values = np.random.default_rng(5).normal(30, 4, 20).tolist()
    stems = [str(n) for n in range(20)]
    once, thrice = bootstrap_mean(values, stems, seed=1), bootstrap_mean(values * 3, stems * 3, seed=1)
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))
    assert thrice.n == 60


def test_one_picture_has_an_interval_of_no_width() -> None:
    interval = bootstrap_mean([7.0], ["a"], seed=0)
    assert (interval.low, interval.mean, interval.high) == (7.0, 7.0, 7.0)


@pytest.fixture
def measured(tmp_path: Path) -> Benchmark:
    return run(find_pairs(write_data_set(tmp_path)), [NOTHING, TELEA, BIHARMONIC], slow_limit=1)


def test_rows_are_the_means_of_the_scores(measured: Benchmark) -> None:
    assert measured.levels == ["light", "heavy"]
    for row in measured.rows:
        scores = [
            score.values["psnr_inside"]
            for score in measured.scores
            if score.method == row.method.name and row.level in (score.level, ALL_LEVELS)
        ]
        assert row.n == len(scores)
        assert row.measures["psnr_inside"].mean == pytest.approx(np.mean(scores))


def test_a_slow_method_says_on_how_few_pictures_it_was_measured(measured: Benchmark) -> None:
    counts = {(row.method.name, row.level): row.n for row in measured.rows}
    assert counts["nothing", "light"] == counts["telea", "light"] == 4
    assert counts["biharmonic", "light"] == counts["biharmonic", "heavy"] == 1
    assert (counts["telea", "all"], counts["biharmonic", "all"]) == (8, 2)


def test_a_method_told_the_mask_beats_doing_nothing_where_the_damage_is(measured: Benchmark) -> None:
    for level in ("light", "heavy", ALL_LEVELS):
        nothing, telea, _ = measured.table(level)
        assert telea.measures["psnr_inside"].low > nothing.measures["psnr_inside"].high


def test_the_model_is_measured_on_what_its_restorer_gives(tmp_path: Path) -> None:
    pairs = find_pairs(write_data_set(tmp_path, stems=1, levels=("light",)))
    restorer = Restorer(Brighten())
    measured = run(pairs, [model_method(restorer, title="toy")])
    degraded, clean, mask = load_pair(pairs[0])
    expected = measure(restorer.restore(degraded).image, clean, mask)
    assert measured.scores[0].values == expected
    assert measured.scores[0].method == "model"


def test_pairs_without_a_mask_are_left_to_methods_that_need_none(tmp_path: Path) -> None:
    measured = run(find_pairs(write_data_set(tmp_path, masks=False)), [NOTHING, TELEA])
    assert {row.method.name for row in measured.rows} == {"nothing"}
    assert list(measured.rows[0].measures) == ["psnr", "ssim"]


def test_progress_counts_each_result_up_to_the_last(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    run(
        find_pairs(write_data_set(tmp_path, stems=3)),
        [NOTHING, BIHARMONIC],
        limit=2,
        slow_limit=1,
        on_progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(done, 6) for done in range(1, 7)]


def test_the_same_seed_gives_the_same_figures(tmp_path: Path) -> None:
    pairs = find_pairs(write_data_set(tmp_path))
    first, second = (run(pairs, [NOTHING], limit=2, seed=4) for _ in range(2))
    assert [row.measures for row in first.rows] == [row.measures for row in second.rows]


def test_nothing_to_measure_on_is_refused() -> None:
    with pytest.raises(ValueError, match="no pairs to measure on"):
        run([], [NOTHING])


def test_a_method_that_needs_a_mask_refuses_to_work_without() -> None:
    with pytest.raises(ValueError, match="telea needs the mask"):
        TELEA.restore(clean_picture(0), None)


def test_a_method_that_needs_no_mask_works_without() -> None:
    brighter = Method("brighter", "brighter", lambda image, mask: image + np.uint8(1), needs_mask=False)
    image = clean_picture(0)
    np.testing.assert_array_equal(brighter.restore(image, None), image + 1)
