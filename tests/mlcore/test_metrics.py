"""PSNR and SSIM against scikit-image and against the formulas written out."""

import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor

from mlcore.metrics import METRICS, psnr, ssim


def _pictures(count: int = 3, size: tuple[int, int] = (40, 56)) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(5)
    clean = torch.rand(count, 3, *size, generator=generator)
    noise = (
        torch.randn(count, 3, *size, generator=generator)
        * torch.linspace(0.02, 0.3, count)[:, None, None, None]
    )
    return (clean + noise).clamp(0, 1), clean


def _hwc(tensor: Tensor) -> np.ndarray:
    return tensor.permute(1, 2, 0).double().numpy()


def test_psnr_agrees_with_scikit_image_picture_by_picture() -> None:
    restored, clean = _pictures()
    expected = [
        peak_signal_noise_ratio(_hwc(c), _hwc(r), data_range=1.0)
        for r, c in zip(restored, clean, strict=True)
    ]
    assert psnr(restored, clean).tolist() == pytest.approx(expected, abs=1e-4)


def test_ssim_agrees_with_scikit_image_picture_by_picture() -> None:
    restored, clean = _pictures()
    expected = [
        structural_similarity(
            _hwc(r),
            _hwc(c),
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            channel_axis=-1,
            data_range=1.0,
        )
        for r, c in zip(restored, clean, strict=True)
    ]
    assert ssim(restored, clean).tolist() == pytest.approx(expected, abs=1e-5)


def test_psnr_is_the_formula() -> None:
    clean = torch.zeros(1, 3, 4, 4)
    restored = clean.clone()
    restored[0, 0, 0, 0] = 0.5
    assert psnr(restored, clean).item() == pytest.approx(10 * math.log10(1 / (0.25 / 48)), abs=1e-5)


def test_equal_pictures() -> None:
    clean = _pictures()[1]
    assert torch.isinf(psnr(clean, clean)).all()
    assert ssim(clean, clean).tolist() == pytest.approx([1.0] * 3)


def test_psnr_inside_a_mask_counts_only_what_lies_there() -> None:
    restored, clean = _pictures(1)
    mask = torch.zeros(1, 1, 40, 56)
    mask[..., 10:20, 5:25] = 1
    inside = psnr(restored[..., 10:20, 5:25], clean[..., 10:20, 5:25])
    assert psnr(restored, clean, mask).item() == pytest.approx(inside.item(), abs=1e-4)


def test_ssim_inside_a_mask_is_the_mean_of_the_map_there() -> None:
    restored, clean = _pictures(1)
    mask = torch.zeros(1, 1, 40, 56)
    mask[..., 12:22, 7:27] = 1
    similarity = structural_similarity(
        _hwc(restored[0]),
        _hwc(clean[0]),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        channel_axis=-1,
        data_range=1.0,
        full=True,
    )[1]
    assert ssim(restored, clean, mask).item() == pytest.approx(similarity[12:22, 7:27].mean(), abs=1e-5)


def test_several_masks_of_one_picture_are_measured_at_once() -> None:
    restored, clean = _pictures(1)
    masks = torch.ones(3, 1, 40, 56)
    masks[1, :, :20] = 0
    masks[2] = 0
    for metric in METRICS.values():
        together = metric.function(restored, clean, masks).tolist()
        assert together[0] == pytest.approx(metric.function(restored, clean, None).item(), abs=1e-6)
        assert together[1] == metric.function(restored, clean, masks[1:2]).item()
        assert math.isnan(together[2])


def test_an_empty_mask_gives_no_number() -> None:
    restored, clean = _pictures(1)
    for metric in METRICS.values():
        assert math.isnan(metric.function(restored, clean, torch.zeros(1, 1, 40, 56)).item())


def test_ssim_refuses_pictures_smaller_than_its_window() -> None:
    with pytest.raises(ValueError, match="11x11"):
        ssim(torch.zeros(1, 3, 10, 30), torch.zeros(1, 3, 10, 30))
