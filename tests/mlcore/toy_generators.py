"""Generators whose answer is known without training."""

import torch
from torch import Tensor
from torch.nn import functional

from mlcore.networks import Generator, GeneratorOutput


class Identity(Generator):
    """Gives back what it got; its mask says that all was damaged. ``seen`` holds the sizes it was given."""

    def __init__(self, stride: int = 32) -> None:
        super().__init__()
        self.stride = stride
        self.options = {}
        self.seen: list[tuple[int, int]] = []

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        height, width = degraded.shape[-2:]
        if height % self.stride or width % self.stride:
            raise ValueError(f"{height}x{width} is not a multiple of {self.stride}")
        self.seen.append((height, width))
        return GeneratorOutput(degraded, torch.ones_like(degraded[:, :1]))


class Blur(Generator):
    """Mean over (2 * radius + 1) squared pixels, zero beyond the border; has no mask.

    Sees exactly ``radius`` pixels far.
    """

    def __init__(self, radius: int, stride: int = 16) -> None:
        super().__init__()
        self.radius = radius
        self.stride = stride
        self.options = {}

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        side = 2 * self.radius + 1
        return GeneratorOutput(functional.avg_pool2d(degraded, side, stride=1, padding=self.radius))


class Brighten(Generator):
    """Adds 40 of 255 steps to pixels whose red is below the middle and says so in its mask."""

    stride = 16

    def __init__(self) -> None:
        super().__init__()
        self.options = {}

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        dark = (degraded[:, :1] < 0).float()
        return GeneratorOutput(degraded + dark * (40 / 127.5), dark)


class Redden(Generator):
    """Adds 40 of 255 steps to the red of every pixel."""

    stride = 16

    def __init__(self) -> None:
        super().__init__()
        self.options = {}

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        tint = torch.tensor([40 / 127.5, 0.0, 0.0]).view(1, 3, 1, 1)
        return GeneratorOutput((degraded + tint).clamp(-1.0, 1.0))
