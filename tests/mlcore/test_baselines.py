"""The classical methods: what they leave alone, and what they must get right."""

import numpy as np
import pytest
from scipy.ndimage import median_filter as scipy_median

from mlcore.baselines import BASELINES, Method, biharmonic, bilinear, median_filter, non_local_means
from mlcore.images import Bytes

TOLD = [method for method in BASELINES.values() if method.needs_mask]
BLIND = [method for method in BASELINES.values() if not method.needs_mask]


def gradient(height: int = 40, width: int = 60) -> Bytes:
    """Rises by 2 a column in red, by 3 a row in green, falls by 1 a column in blue."""
    down, across = np.mgrid[:height, :width]
    return np.stack([2 * across, 3 * down, 200 - across], axis=2).astype(np.uint8)


def hole(height: int = 40, width: int = 60) -> Bytes:
    mask = np.zeros((height, width), np.uint8)
    mask[12:25, 20:33] = 255
    mask[30, 5:50] = 255
    return mask


def damaged(image: Bytes, mask: Bytes) -> Bytes:
    result = image.copy()
    result[mask > 127] = (255, 0, 255)
    return result


def test_the_table_holds_every_baseline_of_the_design() -> None:
    assert {name: method.needs_mask for name, method in BASELINES.items()} == {
        "nothing": False,
        "median": False,
        "nlm": False,
        "bilinear": True,
        "telea": True,
        "navier-stokes": True,
        "biharmonic": True,
        "fsr-fast": True,
    }


@pytest.mark.parametrize("method", BASELINES.values(), ids=BASELINES)
def test_the_input_is_left_alone_and_the_result_is_a_new_picture_of_its_size(method: Method) -> None:
    degraded, mask = damaged(gradient(), hole()), hole()
    before = degraded.copy()
    result = method.function(degraded, mask)
    assert result.shape == degraded.shape
    assert result.dtype == np.uint8
    assert not np.shares_memory(result, degraded)
    np.testing.assert_array_equal(degraded, before)


@pytest.mark.parametrize("method", TOLD, ids=lambda method: method.name)
def test_told_the_mask_only_damaged_pixels_change_and_nearly_all_of_the_error_goes(method: Method) -> None:
    clean, mask = gradient(), hole()
    result = method.function(damaged(clean, mask), mask)
    np.testing.assert_array_equal(result[mask == 0], clean[mask == 0])
    assert np.abs(result.astype(int) - clean)[mask > 0].mean() < 6


@pytest.mark.parametrize("method", TOLD, ids=lambda method: method.name)
def test_told_the_mask_the_damaged_values_themselves_do_not_matter(method: Method) -> None:
    clean, mask = gradient(), hole()
    other = clean.copy()
    other[mask > 127] = (3, 250, 7)
    np.testing.assert_array_equal(method.function(damaged(clean, mask), mask), method.function(other, mask))


@pytest.mark.parametrize("method", TOLD, ids=lambda method: method.name)
@pytest.mark.parametrize("value", [0, 255])
def test_a_mask_of_nothing_or_of_everything_changes_nothing(method: Method, value: int) -> None:
    clean = gradient()
    mask = np.full(clean.shape[:2], value, np.uint8)
    np.testing.assert_array_equal(method.function(clean, mask), clean)


@pytest.mark.parametrize("method", BLIND, ids=lambda method: method.name)
def test_blind_methods_do_not_look_at_the_mask(method: Method) -> None:
    image = damaged(gradient(), hole())
    np.testing.assert_array_equal(
        method.function(image, hole()), method.function(image, np.zeros_like(hole()))
    )


def test_bilinear_on_one_line_is_linear_interpolation() -> None:
    row = np.array([[10, 0, 0, 0, 90, 5, 0, 65]], np.uint8)
    mask = np.array([[0, 255, 255, 255, 0, 0, 255, 0]], np.uint8)
    result = bilinear(np.repeat(row[..., None], 3, axis=2), mask)
    known = np.flatnonzero(mask[0] == 0)
    np.testing.assert_array_equal(result[0, :, 1], np.interp(np.arange(8), known, row[0, known]))


def test_bilinear_at_the_border_takes_what_there_is() -> None:
    row = np.array([[0, 0, 70, 30, 0]], np.uint8)
    mask = np.array([[255, 255, 0, 0, 255]], np.uint8)
    result = bilinear(np.repeat(row[..., None], 3, axis=2), mask)
    np.testing.assert_array_equal(result[0, :, 0], [70, 70, 70, 30, 30])


def test_bilinear_weighs_four_neighbours_by_inverse_distance() -> None:
    image = np.zeros((5, 7, 3), np.uint8)
    image[1, 2], image[1, 5], image[0, 3], image[4, 3] = 100, 40, 200, 20
    mask = np.zeros((5, 7), np.uint8)
    mask[1:4, 3:5] = 255
    expected = (100 / 1 + 40 / 2 + 200 / 1 + 20 / 3) / (1 + 1 / 2 + 1 + 1 / 3)
    assert bilinear(image, mask)[1, 3, 0] == round(expected)


def test_bilinear_leaves_what_has_no_intact_neighbour_on_its_row_or_column() -> None:
    image = np.full((3, 3, 3), 50, np.uint8)
    mask = np.full((3, 3), 255, np.uint8)
    mask[0, 0] = 0
    image[0, 0] = 80
    result = bilinear(image, mask)[..., 0]
    np.testing.assert_array_equal(result, [[80, 80, 80], [80, 50, 50], [80, 50, 50]])


def test_biharmonic_continues_a_gradient_exactly() -> None:
    clean, mask = gradient(), hole()
    np.testing.assert_array_equal(biharmonic(damaged(clean, mask), mask), clean)


def test_median_filter_agrees_with_scipy_away_from_the_border() -> None:
    image = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    expected = scipy_median(image, size=(5, 5, 1))
    result = median_filter(image, np.zeros((30, 40), np.uint8))
    np.testing.assert_array_equal(result[2:-2, 2:-2], expected[2:-2, 2:-2])


def test_non_local_means_takes_noise_away_and_keeps_the_colours() -> None:
    rng = np.random.default_rng(0)
    clean = np.zeros((64, 64, 3), np.uint8) + np.array([200, 90, 40], np.uint8)
    noisy = np.clip(clean + rng.normal(0, 8, clean.shape), 0, 255).astype(np.uint8)
    result = non_local_means(noisy, np.zeros((64, 64), np.uint8))
    assert np.abs(result.astype(int) - clean).mean() < np.abs(noisy.astype(int) - clean).mean() / 2
    np.testing.assert_allclose(result.mean(axis=(0, 1)), [200, 90, 40], atol=3)


def test_frequency_selective_reconstruction_goes_on_with_a_pattern_that_smooth_methods_lose() -> None:
    across = np.arange(64)
    stripes = np.tile((128 + 90 * np.sin(across * 2 * np.pi / 8)).astype(np.uint8), (64, 1))
    clean = np.repeat(stripes[..., None], 3, axis=2)
    mask = np.zeros((64, 64), np.uint8)
    mask[28:36, 28:36] = 255
    errors = {
        name: float(
            np.abs(BASELINES[name].restore(damaged(clean, mask), mask).image.astype(int) - clean)[
                mask > 0
            ].mean()
        )
        for name in ("fsr-fast", "telea")
    }
    assert errors["fsr-fast"] < errors["telea"] / 2


def test_a_method_that_needs_a_mask_refuses_to_work_without() -> None:
    with pytest.raises(ValueError, match="telea needs the mask"):
        BASELINES["telea"].restore(gradient(), None)


def test_a_method_that_needs_no_mask_works_without_and_has_none_to_hand_over() -> None:
    brighter = Method("brighter", "brighter", lambda image, mask: image + np.uint8(1), needs_mask=False)
    answer = brighter.restore(gradient(), None)
    np.testing.assert_array_equal(answer.image, gradient() + 1)
    assert answer.mask is None
