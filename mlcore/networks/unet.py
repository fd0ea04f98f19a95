"""The U-Net generator of Pix2Pix.

Isola, Zhu, Zhou, Efros: Image-to-Image Translation with Conditional Adversarial Networks, CVPR 2017
(arXiv:1611.07004), section 3.2.1 and appendix 6.1.1.
"""

import torch
from torch import Tensor, nn

from mlcore.networks.generator import Generator, GeneratorOutput, init_weights


class UNetGenerator(Generator):
    """Encoder C64-C128-C256-C512x5, decoder CD512x3-C512-C256-C128-C64, skips between equal sizes.

    With the defaults: 54.4 M parameters, 8 halvings, so 256x256 comes down to 1x1. Dropout of 0.5 stands in
    the three innermost decoder levels that have one in the paper.
    """

    def __init__(self, base_channels: int = 64, depth: int = 8, max_channels: int = 512) -> None:
        super().__init__()
        if depth < 5:
            raise ValueError(f"depth must be at least 5, got {depth}")
        self.options = {"base_channels": base_channels, "depth": depth, "max_channels": max_channels}
        self.stride = 2**depth
        widths = [min(base_channels * 2**level, max_channels) for level in range(depth)]
        self.encoder = nn.ModuleList(
            _down(3 if level == 0 else widths[level - 1], width, first=level == 0, last=level == depth - 1)
            for level, width in enumerate(widths)
        )
        self.decoder = nn.ModuleList()
        for level in reversed(range(1, depth)):
            innermost = level == depth - 1
            entering = widths[level] if innermost else 2 * widths[level]
            dropout = depth - 5 < level < depth - 1 and widths[level] == max_channels
            self.decoder.append(_up(entering, widths[level - 1], dropout=dropout))
        self.head = nn.Sequential(
            nn.ReLU(), nn.ConvTranspose2d(2 * widths[0], 3, 4, stride=2, padding=1), nn.Tanh()
        )
        init_weights(self)

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        """(N, 3, H, W) in [-1, 1] to the same; every pixel is rewritten, so ``mask`` has no use here."""
        skips: list[Tensor] = []
        signal = degraded
        for block in self.encoder:
            signal = block(signal)
            skips.append(signal)
        skips.pop()
        for block in self.decoder:
            signal = torch.cat([block(signal), skips.pop()], dim=1)
        return GeneratorOutput(restored=self.head(signal))


def _down(entering: int, leaving: int, *, first: bool, last: bool) -> nn.Sequential:
    """Halve height and width. The first has no activation and no norm, the last (1x1 at 256) no norm."""
    layers: list[nn.Module] = [] if first else [nn.LeakyReLU(0.2)]
    normed = not first and not last
    layers.append(nn.Conv2d(entering, leaving, 4, stride=2, padding=1, bias=not normed))
    if normed:
        layers.append(nn.BatchNorm2d(leaving))
    return nn.Sequential(*layers)


def _up(entering: int, leaving: int, *, dropout: bool) -> nn.Sequential:
    """Double height and width."""
    layers: list[nn.Module] = [
        nn.ReLU(),
        nn.ConvTranspose2d(entering, leaving, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(leaving),
    ]
    if dropout:
        layers.append(nn.Dropout(0.5))
    return nn.Sequential(*layers)
