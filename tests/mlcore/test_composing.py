"""Damage laid over pictures on the device: the same as one by one on the processor."""

import numpy as np
import torch

from mlcore.composing import Window, lay_over, merge, to_grey
from mlcore.degradation import VISIBLE, DamageLayer, draw_layer, zones_of

SIDE = 96


def _stored(level: str, seed: int) -> np.ndarray:
    return draw_layer(zones_of(SIDE, SIDE, []), level, seed).quantised()


def _as_layer(stored: np.ndarray) -> DamageLayer:
    layer = DamageLayer.blank(SIDE, SIDE)
    layer.cover[:] = stored[3] / np.float32(255)
    layer.paint[:] = stored[:3].transpose(1, 2, 0)
    return layer


def test_batches_are_damaged_as_single_pictures_are() -> None:
    rng = np.random.default_rng(0)
    clean = rng.integers(0, 256, (4, SIDE, SIDE, 3), dtype=np.uint8)
    stored = [_stored(level, seed) for seed, level in enumerate(("light", "medium", "heavy", "archive"))]
    degraded, mask = lay_over(
        torch.from_numpy(clean).permute(0, 3, 1, 2).float(),
        torch.stack([torch.from_numpy(layer) for layer in stored]).float(),
    )
    for number, layer in enumerate(stored):
        expected = _as_layer(layer).over(clean[number])
        found = degraded[number].permute(1, 2, 0).numpy()
        # Single precision may round a half the other way.
        assert (np.abs(found - expected) > 0).mean() < 1e-3
        assert np.abs(found - expected).max() <= VISIBLE
        changed = (found != clean[number]).any(axis=2)
        assert np.array_equal(mask[number, 0].numpy() > 0.5, changed)


def test_no_damage_changes_nothing() -> None:
    clean = torch.randint(0, 256, (2, 3, 8, 8)).float()
    degraded, mask = lay_over(clean, torch.zeros(2, 4, 8, 8))
    assert torch.equal(degraded, clean)
    assert not mask.any()


def test_two_layers_merged_are_two_laid_on_after_each_other() -> None:
    first, second = (torch.from_numpy(_stored("heavy", seed)).float() for seed in (1, 2))
    clean = torch.randint(0, 256, (3, SIDE, SIDE)).float()

    def over(under: torch.Tensor, layer: torch.Tensor) -> torch.Tensor:
        return under * (1 - layer[3:] / 255) + layer[:3]

    assert torch.allclose(over(clean, merge(first, second)), over(over(clean, first), second), atol=1e-3)


def test_a_window_of_the_size_asked_for_is_cut_exactly() -> None:
    stored = torch.randint(0, 256, (3, 20, 20), dtype=torch.uint8)
    plain = stored[:, 3:11, 5:13].float()
    assert torch.equal(Window(5, 3, 8).cut(stored, 8), plain)
    assert torch.equal(Window(5, 3, 8, mirror=True).cut(stored, 8), plain.flip(2))
    assert torch.equal(Window(5, 3, 8, upturn=True).cut(stored, 8), plain.flip(1))
    assert torch.equal(Window(5, 3, 8, transpose=True).cut(stored, 8), plain.transpose(1, 2))


def test_a_window_of_another_size_is_resized_whole() -> None:
    ramp = torch.arange(0, 200, 10, dtype=torch.uint8).view(1, 1, 20).expand(3, 20, 20)
    larger, smaller = Window(4, 4, 8).cut(ramp, 16), Window(0, 0, 20).cut(ramp, 10)
    assert larger.shape == (3, 16, 16)
    assert torch.allclose(larger[..., 1:-1].diff(), torch.tensor(5.0), atol=1e-3)
    assert smaller.shape == (3, 10, 10)
    assert torch.allclose(smaller[..., 1:-1].diff(), torch.tensor(20.0), atol=1e-2)


def test_grey_is_luma_on_equal_channels() -> None:
    picture = torch.tensor([[255.0, 0, 0], [0, 255, 0], [0, 0, 255]]).T.reshape(1, 3, 1, 3)
    grey = to_grey(picture)
    assert torch.allclose(
        grey[0, :, 0].T, torch.tensor([[76.245], [149.685], [29.07]]).expand(3, 3), atol=1e-3
    )
