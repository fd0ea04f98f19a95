"""Looks that are no damage: each does what its name says, alone and on its own picture."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage import data

from mlcore.looks import BLURRING, LOOKS, PRINT, SCAN, apply_looks, choose_looks

NAMES = [look.name for look in LOOKS]


@pytest.fixture(scope="module")
def photos() -> torch.Tensor:
    crops = [data.astronaut()[top : top + 70, 180 : 180 + 90] for top in (0, 60, 120)]
    return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float()


def _apply(name: str, pictures: torch.Tensor, *values: float) -> torch.Tensor:
    return apply_looks(pictures, [{name: values}] * len(pictures), [name])


def test_every_look_is_of_the_print_or_of_the_scan() -> None:
    assert sorted((*PRINT, *BLURRING, *SCAN)) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_look_changes_its_picture_alone_and_keeps_whole_levels(photos: torch.Tensor, name: str) -> None:
    look = next(look for look in LOOKS if look.name == name)
    for seed in range(4):
        values = look.draw(np.random.default_rng(seed))
        seen = apply_looks(photos, [{}, {name: values}, {}], NAMES)
        assert seen.shape == photos.shape
        assert torch.equal(seen[0], photos[0])
        assert torch.equal(seen[2], photos[2])
        assert not torch.equal(seen[1], photos[1])
        assert torch.equal(seen, seen.round())
        assert seen.min() >= 0
        assert seen.max() <= 255
        # A picture's look does not depend on its company.
        assert torch.equal(apply_looks(photos[1:2], [{name: values}], NAMES)[0], seen[1])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "tone"])
def test_grey_stays_grey(photos: torch.Tensor, name: str) -> None:
    grey = photos[:, 1:2].expand(-1, 3, -1, -1).contiguous()
    look = next(look for look in LOOKS if look.name == name)
    seen = apply_looks(grey, [{name: look.draw(np.random.default_rng(1))}] * 3, NAMES)
    assert (seen[:, 0] - seen[:, 1]).abs().max() <= 1
    assert (seen[:, 2] - seen[:, 1]).abs().max() <= 1


def test_fading_takes_black_and_white_to_where_it_says() -> None:
    picture = torch.tensor([0.0, 255.0]).view(1, 1, 1, 2).expand(1, 3, 1, 2)
    assert _apply("fading", picture, 40.0, 200.0)[0, 0, 0].tolist() == [40, 200]


def test_softness_blurs_as_a_gaussian(photos: torch.Tensor) -> None:
    expected = gaussian_filter(photos[0, 0].numpy(), 1.3, mode="nearest", radius=5)
    assert np.abs(_apply("softness", photos, 1.3)[0, 0].numpy() - expected).max() <= 0.51


def test_compression_loses_as_much_as_jpeg_does(photos: torch.Tensor) -> None:
    """Against Pillow's encoder with full-size colour, at the same quality."""
    for quality in (20, 50, 85):
        file = io.BytesIO()
        picture = Image.fromarray(photos[0].byte().permute(1, 2, 0).numpy())
        picture.save(file, "JPEG", quality=quality, subsampling=0)
        expected = torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1).float()
        seen = _apply("compression", photos, float(quality))[0]
        loss = (expected - photos[0]).abs().mean()
        assert (seen - expected).abs().mean() < 0.2 * loss + 0.7
        assert abs((seen - photos[0]).abs().mean() - loss) < 0.1 * loss + 0.1


def test_grain_has_the_deviation_that_was_asked_for() -> None:
    flat = torch.full((1, 3, 200, 200), 128.0)
    for coarse in (0.0, 0.5, 1.0):
        seen = _apply("grain", flat, 8.0, 100, 300, coarse, 0.0)
        assert abs(seen.mean() - 128) < 0.5
        assert 6.5 < seen.std() < 9.5


def test_halftone_keeps_the_tone_of_a_grey_on_the_whole() -> None:
    for level in (70.0, 128.0, 190.0):
        seen = _apply("halftone", torch.full((1, 3, 120, 120), level), 4.0, 0.4, 6.0, 1.0)
        assert abs(seen.mean() - level) < 25
        assert seen.std() > 20


def test_looks_come_as_often_as_asked() -> None:
    drawn = [choose_looks(np.random.default_rng(seed), 0.2, 0.5) for seed in range(600)]
    for name in NAMES:
        share = np.mean([name in chosen for chosen in drawn])
        assert abs(share - (0.25 if name in {"grain", "noise"} else 0.2)) < 0.06
    assert not any({"grain", "noise"} <= set(chosen) for chosen in drawn)
    assert choose_looks(np.random.default_rng(0), 0.0, 0.0) == {}
