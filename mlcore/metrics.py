"""PSNR and SSIM, per image, on the whole picture or inside a mask.

SSIM after Wang, Bovik, Sheikh, Simoncelli: Image Quality Assessment, IEEE TIP 13(4), 2004, as scikit-image
computes it with ``gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1.0``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

WINDOW = 11
SIGMA = 1.5
C1 = 0.01**2
C2 = 0.03**2


def psnr(restored: Tensor, clean: Tensor, mask: Tensor | None = None) -> Tensor:
    """Peak signal-to-noise ratio in dB of (N, 3, H, W) in [0, 1]: (N,), infinite for equal pictures.

    With ``mask`` (N, 1, H, W) only pixels where it is above 0.5 count; not a number where there is none. One
    picture may be given M masks, (M, 1, H, W): (M,), computed at once.
    """
    squared = (restored.double() - clean.double()).square().mean(dim=1, keepdim=True)
    return (-10.0 * torch.log10(_mean_inside(squared, mask))).float()


def ssim(restored: Tensor, clean: Tensor, mask: Tensor | None = None) -> Tensor:
    """Structural similarity of (N, 3, H, W) in [0, 1], H and W at least 11: (N,), at most 1.

    The mean of the map over channels and over the pixels whose 11x11 window lies inside the picture; with
    ``mask`` (N, 1, H, W) over those of them where it is above 0.5, not a number where there is none. One
    picture may be given M masks, (M, 1, H, W): (M,), computed at once.
    """
    if min(restored.shape[-2:]) < WINDOW:
        raise ValueError(f"SSIM needs at least {WINDOW}x{WINDOW} pixels, got {tuple(restored.shape[-2:])}")
    x, y = restored.double(), clean.double()
    mean_x, mean_y = _blur(x), _blur(y)
    variance_x = _blur(x * x) - mean_x * mean_x
    variance_y = _blur(y * y) - mean_y * mean_y
    covariance = _blur(x * y) - mean_x * mean_y
    similarity = ((2 * mean_x * mean_y + C1) * (2 * covariance + C2)) / (
        (mean_x.square() + mean_y.square() + C1) * (variance_x + variance_y + C2)
    )
    margin = WINDOW // 2
    inside = None if mask is None else mask[..., margin:-margin, margin:-margin]
    return _mean_inside(similarity.mean(dim=1, keepdim=True), inside).float()


def _blur(image: Tensor) -> Tensor:
    """Gaussian mean over the 11x11 window, where it fits: (N, C, H, W) to (N, C, H-10, W-10)."""
    offsets = torch.arange(WINDOW, dtype=image.dtype, device=image.device) - WINDOW // 2
    kernel = torch.exp(-offsets.square() / (2 * SIGMA**2))
    kernel = kernel / kernel.sum()
    # Sums of shifted slices: on a CPU three times faster than a grouped convolution with one row of weights.
    for axis in (-2, -1):
        length = image.shape[axis] - WINDOW + 1
        blurred = image.narrow(axis, 0, length) * kernel[0]
        for offset in range(1, WINDOW):
            blurred = blurred + image.narrow(axis, offset, length) * kernel[offset]
        image = blurred
    return image


def _mean_inside(values: Tensor, mask: Tensor | None) -> Tensor:
    """Mean of (N, 1, H, W) per image, over the mask if there is one; of one image over each of several
    masks.
    """
    if mask is None:
        return values.flatten(1).mean(dim=1)
    chosen = (mask > 0.5).to(values.dtype)
    return (values * chosen).flatten(1).sum(dim=1) / chosen.flatten(1).sum(dim=1)


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of merit: ``function(restored, clean, mask=None)`` on [0, 1] gives one value an image (or,
    of one image, one a mask).
    """

    function: Callable[[Tensor, Tensor, Tensor | None], Tensor]
    unit: str
    higher_is_better: bool


METRICS: dict[str, Metric] = {
    "psnr": Metric(psnr, "dB", higher_is_better=True),
    "ssim": Metric(ssim, "", higher_is_better=True),
}
