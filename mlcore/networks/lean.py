"""A leaner U-Net for processors: few channels, none at full size, more of them where pixels are few.

On the way down convolutions halve the sizes, the first of them the picture's own; on the way up signals are
narrowed before they are doubled, and added to what they are joined with. So there is no convolution over
joined signals, on which the default finder spends more than half of its multiplications. The answer leaves
with two by two pixels as the channels of one, so that outlines are as fine as the picture.
"""

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mlcore.networks.generator import init_he

PATCH = 2
"""Pixels: the side of what one place of the first level answers for."""


class LeanUNet(nn.Module):
    """(N, entering, H, W) to (N, leaving, H, W); H and W are multiples of ``stride``.

    ``widths``: channels of each level, the first at half the size. ``down``: 3x3 convolutions of each level
    behind the one that makes it; ``up``: those of each level but the last, once what lies below was added.
    ``entry``: side of the first kernel, 4 or 6.
    """

    def __init__(
        self,
        entering: int,
        leaving: int,
        *,
        widths: tuple[int, ...],
        down: tuple[int, ...],
        up: tuple[int, ...],
        entry: int = 4,
    ) -> None:
        super().__init__()
        if not len(widths) == len(down) == len(up) + 1:
            raise ValueError(f"{len(widths)} levels, but {len(down)} ways down and {len(up)} up")
        self.down = nn.ModuleList(
            Level(before, after, count, kernel=4 if level else entry)
            for level, ((before, after), count) in enumerate(
                zip(pairwise((entering, *widths)), down, strict=True)
            )
        )
        self.up = nn.ModuleList(
            Joint(below, above, count)
            for (above, below), count in reversed(list(zip(pairwise(widths), up, strict=True)))
        )
        self.head = nn.Conv2d(widths[0], leaving * PATCH**2, 3, padding=1)
        self.stride = PATCH ** len(widths)
        init_he(self)

    def forward(self, signal: Tensor) -> Tensor:
        """See the class."""
        skips = []
        for level in self.down:
            signal = level(signal)
            skips.append(signal)
        skips.pop()
        for joint in self.up:
            signal = joint(signal, skips.pop())
        return functional.pixel_shuffle(self.head(signal), PATCH)

    @property
    def reach(self) -> int:
        """How far it looks, in pixels, beyond a tile that begins and ends on its coarsest grid."""
        joint: Any  # what a ModuleList holds is not typed
        level: Any
        distance = 1
        for joint in reversed(self.up):
            distance = -(-(distance + len(joint.rest)) // 2)
        for level in reversed(self.down):
            distance = 2 * (distance + len(level.rest)) + level.first[0].padding[0]
        return distance


class LeanFinder(LeanUNet):
    """Finds damage, as ``DamageFinder`` does: (N, 3, H, W) in [-1, 1] to logits (N, 1, H, W)."""

    def __init__(self, **shape: Any) -> None:
        super().__init__(3, 1, **shape)
        nn.init.constant_(self.head.bias, -2.0)  # type: ignore[arg-type]


class LeanRefiner(LeanUNet):
    """Corrects a filling, as ``Refiner`` does."""

    def __init__(self, **shape: Any) -> None:
        super().__init__(7, 3, **shape)
        nn.init.normal_(self.head.weight, 0.0, 0.002)

    def forward(self, filled: Tensor, degraded: Tensor, mask: Tensor) -> Tensor:  # type: ignore[override]
        """Two (N, 3, H, W) in [-1, 1] and (N, 1, H, W) in [0, 1] to a correction (N, 3, H, W)."""
        return super().forward(torch.cat([filled, degraded, mask], dim=1))


class Level(nn.Module):
    """A convolution that halves sizes, then some that keep them."""

    def __init__(self, before: int, width: int, count: int, *, kernel: int) -> None:
        super().__init__()
        self.first = _convolution(before, width, kernel, stride=2)
        self.rest = nn.ModuleList(_convolution(width, width, 3) for _ in range(count))

    def forward(self, signal: Tensor) -> Tensor:
        """(N, before, 2h, 2w) to (N, width, h, w)."""
        return _through(self.rest, torch.relu(self.first(signal)))


class Joint(nn.Module):
    """What lies below, narrowed and doubled in size, added to what was there on the way down."""

    def __init__(self, below: int, above: int, count: int) -> None:
        super().__init__()
        self.narrow = _convolution(below, above, 1)
        self.rest = nn.ModuleList(_convolution(above, above, 3) for _ in range(count))

    def forward(self, signal: Tensor, beside: Tensor) -> Tensor:
        """(N, below, h, w) and (N, above, 2h, 2w) to the size of the latter."""
        doubled = functional.interpolate(self.narrow(signal), scale_factor=2.0, mode="nearest")
        return _through(self.rest, torch.relu(doubled + beside))


def _convolution(entering: int, leaving: int, kernel: int, *, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(entering, leaving, kernel, stride=stride, padding=(kernel - 1) // 2, bias=False),
        nn.BatchNorm2d(leaving),
    )


def _through(layers: nn.ModuleList, signal: Tensor) -> Tensor:
    for layer in layers:
        signal = torch.relu(layer(signal))
    return signal
