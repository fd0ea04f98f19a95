"""The PatchGAN discriminator of Pix2Pix: Isola et al. 2017, section 3.2.2 and appendix 6.1.2."""

import torch
from torch import Tensor, nn

from mlcore.networks.generator import init_weights


class PatchGAN(nn.Module):
    """Says of each overlapping patch whether it is real, given the degraded picture.

    C64-C128-C256-C512 and a 1-channel head; with three strided layers a verdict sees 70x70 pixels and the
    network has 2.77 M parameters.
    """

    def __init__(self, base_channels: int = 64, strided_layers: int = 3) -> None:
        super().__init__()
        layers: list[nn.Module] = [
            nn.Conv2d(6, base_channels, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
        ]
        width = base_channels
        for level in range(1, strided_layers + 1):
            leaving = min(base_channels * 2**level, base_channels * 8)
            stride = 2 if level < strided_layers else 1
            layers += [
                nn.Conv2d(width, leaving, 4, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(leaving),
                nn.LeakyReLU(0.2),
            ]
            width = leaving
        layers.append(nn.Conv2d(width, 1, 4, stride=1, padding=1))
        self.layers = nn.Sequential(*layers)
        init_weights(self)

    def forward(self, degraded: Tensor, judged: Tensor) -> Tensor:
        """Two (N, 3, H, W) in [-1, 1] to logits (N, 1, h, w), one a patch; above 0 means real."""
        logits: Tensor = self.layers(torch.cat([degraded, judged], dim=1))
        return logits
