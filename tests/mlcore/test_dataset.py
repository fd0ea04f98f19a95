"""Samples and batches: both halves alike, and the same for the same seed, epoch and position."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mlcore.dataset import Augmentation, Batches, Pair, eval_transform, train_transform
from mlcore.images import save_png
from mlcore.pairing import find_pairs
from tests.mlcore.paired_data import clean_picture, write_data_set


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Degraded is clean plus one, with a hole of 255 where the mask is."""
    clean = clean_picture(3, 48) // 2
    mask = np.zeros((48, 48), np.uint8)
    mask[10:20, 15:40] = 255
    degraded = clean + 1
    degraded[mask > 0] = 255
    for name, image in (("clean", clean), ("degraded", degraded), ("mask", mask)):
        save_png(tmp_path / f"{name}.png", image)
    return Pair("p", "light", tmp_path / "degraded.png", tmp_path / "clean.png", tmp_path / "mask.png")


@pytest.mark.parametrize("crop", [16, 48, 80])
@pytest.mark.parametrize("flip", [0.0, 1.0])
def test_crop_and_flip_fall_alike_on_all_three(pair: Pair, crop: int, flip: float) -> None:
    for seed in range(8):
        sample = train_transform(pair, Augmentation(crop=crop, flip=flip), np.random.default_rng(seed))
        assert sample.degraded.shape == sample.clean.shape == (1, 3, crop, crop)
        hole = sample.mask.expand_as(sample.clean) > 0.5
        assert torch.all(sample.degraded[hole] == 1.0)
        assert torch.allclose(sample.degraded[~hole], sample.clean[~hole] + 1 / 127.5, atol=1e-6)


def test_zoom_enlarges_all_three_alike(pair: Pair) -> None:
    """Away from the hole's interpolated rim, degraded still is clean plus one and the hole still is 255."""
    plain = train_transform(pair, Augmentation(crop=40), np.random.default_rng(1))
    zoomed = train_transform(pair, Augmentation(crop=40, zoom=1.0), np.random.default_rng(1))
    assert zoomed.degraded.shape == plain.degraded.shape
    assert not torch.equal(zoomed.clean, plain.clean)
    hole = zoomed.mask.expand_as(zoomed.clean) > 0.5
    assert 0 < hole.float().mean() < 1
    white = zoomed.degraded == 1.0
    shifted = (zoomed.degraded - zoomed.clean - 1 / 127.5).abs() < 1e-6
    assert white[hole].float().mean() > 0.75
    assert shifted[~hole].float().mean() > 0.9


def test_grey_falls_on_both(pair: Pair) -> None:
    sample = train_transform(pair, Augmentation(grey=1.0), np.random.default_rng(0))
    for half in (sample.degraded, sample.clean):
        assert torch.equal(half[:, 0], half[:, 1])
        assert torch.equal(half[:, 1], half[:, 2])


def test_grain_is_the_same_on_both_so_that_it_is_not_damage(pair: Pair) -> None:
    plain = eval_transform(pair)
    sample = train_transform(pair, Augmentation(grain=1.0), np.random.default_rng(0))
    assert not torch.equal(sample.clean, plain.clean)
    intact = sample.mask.expand_as(sample.clean) < 0.5
    assert torch.allclose(
        (sample.degraded - plain.degraded)[intact], (sample.clean - plain.clean)[intact], atol=1e-6
    )


def test_without_a_mask_file_the_difference_is_the_mask(pair: Pair) -> None:
    bare = Pair(pair.stem, pair.level, pair.degraded, pair.clean, None)
    assert eval_transform(bare).mask.min() == 1.0


def _batches(folder: Path, epoch: int, **options: int) -> Batches:
    return Batches(
        find_pairs(folder), Augmentation(crop=16, flip=0.5), batch_size=2, seed=4, epoch=epoch, **options
    )


def test_batches_depend_on_seed_epoch_and_position_alone(tmp_path: Path) -> None:
    folder = write_data_set(tmp_path)
    first, again, next_epoch = _batches(folder, 1), _batches(folder, 1), _batches(folder, 2)
    assert torch.equal(first[1].degraded, again[1].degraded)
    assert not torch.equal(first[1].degraded, next_epoch[1].degraded)
    assert len(first) == 4
    with pytest.raises(IndexError):
        first[4]


def test_short_epochs_walk_through_all_pairs_before_any_returns(tmp_path: Path) -> None:
    folder = write_data_set(tmp_path)
    pairs = find_pairs(folder)
    seen = [
        pairs[_batches(folder, epoch, limit=4).walk[position]] for epoch in (1, 2) for position in range(4)
    ]
    assert sorted(seen) == pairs
