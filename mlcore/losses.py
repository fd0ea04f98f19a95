"""The losses of Pix2Pix and of the damage finder."""

import torch
from torch import Tensor
from torch.nn import functional


def adversarial(logits: Tensor, *, real: bool) -> Tensor:
    """Binary cross-entropy of patch verdicts (N, 1, h, w) against one answer: the original GAN loss, with
    the generator's non-saturating form (Isola et al. 2017, section 3.3). A scalar."""
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(real)))


def l1(restored: Tensor, clean: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean absolute difference of (N, 3, H, W) in [-1, 1], over a mask (N, 1, H, W) if given. A scalar."""
    difference = (restored - clean).abs()
    if mask is None:
        return difference.mean()
    return (difference * mask).sum() / (mask.sum() * restored.shape[1]).clamp(min=1.0)


LOG_FLOOR = 1e-3
"""Mean squared error in units of [-1, 1] (36 dB) below which ``log_error`` hardly asks for less."""


def log_error(restored: Tensor, clean: Tensor) -> Tensor:
    """Mean over pictures of the logarithm of each one's mean squared error, (N, 3, H, W) in [-1, 1].

    PSNR is that logarithm: with it a false alarm on a picture that is nearly intact weighs as much as a large
    hole that was missed elsewhere, instead of drowning in it. A scalar.
    """
    errors = (restored - clean).square().mean(dim=(1, 2, 3))
    return (errors + LOG_FLOOR).log().mean()


def damage_found(logits: Tensor, mask: Tensor, dice: float = 1.0, *, aim: Tensor | None = None) -> Tensor:
    """Binary cross-entropy plus ``dice`` times the Dice loss (Milletari et al. 2016) of the finder's verdict
    (N, 1, H, W). ``aim``: what the cross-entropy aims at, in [0, 1], where that is not the mask.

    The cross-entropy makes verdicts honest probabilities, which the soft composite needs; the Dice part keeps
    small damage from drowning in intact surroundings, at the price of false alarms. A scalar.
    """
    entropy = functional.binary_cross_entropy_with_logits(logits, mask if aim is None else aim)
    verdict = torch.sigmoid(logits)
    overlap = (verdict * mask).sum(dim=(1, 2, 3))
    total = verdict.sum(dim=(1, 2, 3)) + mask.sum(dim=(1, 2, 3))
    shares = 1.0 - (2.0 * overlap + 1.0) / (total + 1.0)
    return entropy + dice * shares.mean()
