"""Pulih's own generator: find the damage, fill it, refine the filling, leave the rest untouched.

A U-Net with a full-resolution stem finds the damage (thin scratches are lost by the first halving of the
classic U-Net); relaxed push-pull interpolation fills it; a second U-Net refines the filling; and only damaged
pixels are replaced, so that whatever was judged intact comes out bit for bit as it went in.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mlcore.networks.generator import Generator, GeneratorOutput, init_he, init_weights
from mlcore.networks.lean import LeanFinder, LeanRefiner
from mlcore.networks.push_pull import push_pull

MASK_FLOOR = 0.08
"""Verdicts below this count as intact, above 1 - this as gone: keeps intact pixels exact."""

DOUBT = 2.0
"""Power of the share that is judged intact with which a pixel counts in the filling of others."""

RIM = 0.95
"""By how much the eight pixels round a damaged one are distrusted."""


class DamageFinder(nn.Module):
    """U-Net whose first level keeps full resolution; two 3x3 convolutions a level, batch norm."""

    def __init__(self, widths: tuple[int, ...] = (16, 32, 64, 96, 128)) -> None:
        super().__init__()
        self.stem = _double(3, widths[0])
        self.down = nn.ModuleList(_double(before, after) for before, after in pairwise(widths))
        self.up = nn.ModuleList(
            _double(below + above, above) for above, below in reversed(list(pairwise(widths)))
        )
        self.head = nn.Conv2d(widths[0], 1, 1)
        self.stride = 2 ** len(self.down)
        init_he(self)
        # Most of a photograph is intact: begin by saying so.
        nn.init.constant_(self.head.bias, -2.0)  # type: ignore[arg-type]

    @property
    def reach(self) -> int:
        """How far it looks, in pixels, beyond a tile that begins and ends on its coarsest grid."""
        convolved = 2  # two convolutions 3x3 a level
        distance = 0
        for _ in self.up:
            distance = -(-(distance + convolved) // 2)
        distance += convolved
        for _ in self.down:
            distance = 2 * distance + convolved
        return distance

    def forward(self, degraded: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] to damage logits (N, 1, H, W)."""
        signal = self.stem(degraded)
        skips = [signal]
        for block in self.down:
            signal = block(functional.max_pool2d(signal, 2))
            skips.append(signal)
        skips.pop()
        for block in self.up:
            signal = functional.interpolate(signal, scale_factor=2.0, mode="nearest")
            signal = block(torch.cat([signal, skips.pop()], dim=1))
        logits: Tensor = self.head(signal)
        return logits


class Refiner(nn.Module):
    """U-Net from (filled, degraded, mask) to a correction of the filling; resize-convolutions upwards."""

    def __init__(self, base_channels: int = 32, depth: int = 6, max_channels: int = 256) -> None:
        super().__init__()
        widths = [min(base_channels * 2**level, max_channels) for level in range(depth)]
        self.down = nn.ModuleList()
        entering = 7
        for level, width in enumerate(widths):
            self.down.append(_halve(entering, width, normed=level > 0))
            entering = width
        self.up = nn.ModuleList()
        for level in reversed(range(1, depth)):
            self.up.append(_conv(entering, widths[level - 1]))
            entering = 2 * widths[level - 1]
        self.last = _conv(entering, base_channels)
        # Full resolution is dear: few channels there.
        self.tail = nn.Sequential(nn.Conv2d(base_channels + 7, 16, 3, padding=1), nn.LeakyReLU(0.2))
        self.head = nn.Conv2d(16, 3, 3, padding=1)
        self.stride = 2**depth
        init_weights(self)
        nn.init.normal_(self.head.weight, 0.0, 0.002)

    def forward(self, filled: Tensor, degraded: Tensor, mask: Tensor) -> Tensor:
        """Two (N, 3, H, W) in [-1, 1] and (N, 1, H, W) in [0, 1] to a correction (N, 3, H, W)."""
        # The degraded picture is shown under the mask too: a stain is translucent, and a false alarm intact.
        signal = entry = torch.cat([filled, degraded, mask], dim=1)
        skips = []
        for block in self.down:
            signal = block(signal)
            skips.append(signal)
        skips.pop()
        for block in self.up:
            signal = functional.interpolate(signal, scale_factor=2.0, mode="nearest")
            signal = torch.cat([block(signal), skips.pop()], dim=1)
        signal = functional.interpolate(self.last(signal), scale_factor=2.0, mode="nearest")
        correction: Tensor = self.head(self.tail(torch.cat([signal, entry], dim=1)))
        return correction


class FindFillRefine(Generator):
    """The default generator. H and W: multiples of ``stride``.

    ``base_channels``, ``depth``, ``max_channels`` shape the refiner, ``relaxations`` is the filling's (see
    ``push_pull``). ``finder`` and ``refiner``: arguments of ``LeanUNet`` by their names, for leaner ones
    instead.
    """

    def __init__(
        self,
        base_channels: int = 32,
        depth: int = 6,
        max_channels: int = 256,
        relaxations: int = 6,
        *,
        finder: Mapping[str, Any] | None = None,
        refiner: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.options = {
            "base_channels": base_channels,
            "depth": depth,
            "max_channels": max_channels,
            "relaxations": relaxations,
        }
        # Files of before the lean ones say nothing of them.
        self.options |= {"finder": dict(finder)} if finder else {}
        self.options |= {"refiner": dict(refiner)} if refiner else {}
        self.relaxations = relaxations
        self.finder = LeanFinder(**finder) if finder else DamageFinder()
        self.refiner = LeanRefiner(**refiner) if refiner else Refiner(base_channels, depth, max_channels)
        self.stride = max(self.finder.stride, self.refiner.stride)

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        """See ``Generator.forward``; told the mask, the finder is asked only in training (to learn)."""
        logits = self.finder(degraded) if mask is None or self.training else None
        found = decided(logits) if mask is None and logits is not None else mask
        if found is None:
            raise ValueError("no mask told and none found")
        return self.fill(degraded, found, logits)

    def find(self, degraded: Tensor) -> Tensor:
        """The mask (N, 1, H, W) in [0, 1] by the finder as it stands, without learning from it."""
        self.finder.eval()
        with torch.no_grad():
            return decided(self.finder(degraded))

    def first_guess(self, degraded: Tensor, found: Tensor) -> Tensor:
        """The smooth filling (N, 3, H, W) that the refiner starts from; no gradient goes into ``found``."""
        return push_pull(degraded, distrusted(found.detach()), self.relaxations)

    def fill(self, degraded: Tensor, found: Tensor, logits: Tensor | None = None) -> GeneratorOutput:
        """Fill, refine and composite what ``found`` (N, 1, H, W) in [0, 1] marks; the finder is not asked."""
        degraded, found = degraded.float(), found.float()
        trusted = found.detach()
        filled = self.first_guess(degraded, trusted)
        refined = filled + self.refiner(filled, degraded, trusted).float()
        restored = degraded + found * (refined - degraded)
        if not self.training:
            restored = torch.where(found == 0, degraded, restored.clamp(-1.0, 1.0))
        return GeneratorOutput(restored=restored, mask=found, mask_logits=logits, refined=refined)


def decided(logits: Tensor) -> Tensor:
    """Finder's logits to shares in [0, 1] in which sure verdicts are exactly 0 or 1."""
    verdict = torch.sigmoid(logits.float())
    return ((verdict - MASK_FLOOR) / (1.0 - 2.0 * MASK_FLOOR)).clamp(0.0, 1.0)


def distrusted(found: Tensor) -> Tensor:
    """Damage (N, 1, H, W) in [0, 1] with a rim: pixels beside it may hold some of it unnoticed, and
    a filling drawn from them would spread its colour. They count where nothing better is near (noise). So do
    pixels that are damaged by half: a composite may keep half of such a pixel, others should take less."""
    found = 1.0 - (1.0 - found) ** DOUBT
    return torch.maximum(found, RIM * _largest_beside(found))


def _largest_beside(planes: Tensor) -> Tensor:
    """Of each pixel of (N, 1, H, W), not negative, and the eight round it; seven times as fast as pooling."""
    framed = functional.pad(planes, (1, 1, 1, 1))
    rows = torch.maximum(framed[..., :-2, :], framed[..., 2:, :]).maximum(framed[..., 1:-1, :])
    return torch.maximum(rows[..., :-2], rows[..., 2:]).maximum(rows[..., 1:-1])


def _double(entering: int, leaving: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(entering, leaving, 3, padding=1, bias=False),
        nn.BatchNorm2d(leaving),
        nn.ReLU(),
        nn.Conv2d(leaving, leaving, 3, padding=1, bias=False),
        nn.BatchNorm2d(leaving),
        nn.ReLU(),
    )


def _halve(entering: int, leaving: int, *, normed: bool) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Conv2d(entering, leaving, 4, stride=2, padding=1, bias=not normed)]
    if normed:
        layers.append(nn.BatchNorm2d(leaving))
    layers.append(nn.LeakyReLU(0.2))
    return nn.Sequential(*layers)


def _conv(entering: int, leaving: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(entering, leaving, 3, padding=1, bias=False), nn.BatchNorm2d(leaving), nn.LeakyReLU(0.2)
    )
