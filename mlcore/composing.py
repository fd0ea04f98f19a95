"""Batches put together on the device: windows cut from banks of pictures, damage laid over them."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from mlcore.degradation import VISIBLE

LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601."""


@dataclass(frozen=True, slots=True)
class Window:
    """A square of a picture in whole pixels, so that one of the size asked for is cut exactly.

    Afterwards ``mirror`` swaps left and right, ``upturn`` top and bottom, ``transpose`` rows and columns.
    """

    left: int
    top: int
    extent: int
    mirror: bool = False
    upturn: bool = False
    transpose: bool = False

    def cut(self, stored: Tensor, side: int) -> Tensor:
        """The window of (C, H, W) uint8 as (C, side, side) float32 in [0, 255], bilinear if resized."""
        patch = stored[:, self.top : self.top + self.extent, self.left : self.left + self.extent]
        swapped = [axis for axis, wanted in ((2, self.mirror), (1, self.upturn)) if wanted]
        if swapped:
            patch = patch.flip(swapped)
        if self.transpose:
            patch = patch.transpose(1, 2)
        levels = patch.float()
        if self.extent == side:
            return levels
        return functional.interpolate(
            levels[None], (side, side), mode="bilinear", antialias=self.extent > side
        )[0]


def lay_over(clean: Tensor, layer: Tensor) -> tuple[Tensor, Tensor]:
    """Damage on pictures, as ``DamageLayer.over`` does it.

    ``clean``: (N, 3, H, W) whole numbers in [0, 255], float32. ``layer``: (N, 4, H, W) float32 in [0, 255],
    paint and cover. Returns the degraded pictures, whole numbers too, and their masks (N, 1, H, W) of zeros
    and ones, 1 exactly where they differ from the clean ones.
    """
    keep = 1 - layer[:, 3:] / 255
    degraded = torch.addcmul(layer[:, :3], clean, keep).round_().clamp_(0, 255)
    return keep_visible(degraded, clean)


def keep_visible(degraded: Tensor, clean: Tensor) -> tuple[Tensor, Tensor]:
    """Clean values wherever less than ``VISIBLE`` levels (both in [0, 255]) have changed; and the mask."""
    visible = (degraded - clean).abs_().amax(dim=1, keepdim=True) >= VISIBLE
    return torch.where(visible, degraded, clean), visible.float()


def merge(under: Tensor, above: Tensor) -> Tensor:
    """One layer (4, H, W) in [0, 255] in place of two, one on top of the other."""
    merged: Tensor = under * (1 - above[3:] / 255) + above
    return merged


def to_grey(levels: Tensor) -> Tensor:
    """Luma on three equal channels: (..., 3, H, W), any linear range."""
    red, green, blue = levels.split(1, dim=-3)
    luma: Tensor = red * LUMA[0] + green * LUMA[1] + blue * LUMA[2]
    return luma.expand_as(levels)
