"""What every generator is and gives."""

from typing import NamedTuple

from torch import Tensor, nn


class GeneratorOutput(NamedTuple):
    """What a generator gives for degraded pictures (N, 3, H, W) in [-1, 1].

    ``restored``: (N, 3, H, W) in [-1, 1] (in training mode it may overshoot slightly).
    ``mask``: (N, 1, H, W) in [0, 1], the share of each pixel that was replaced; None if it has no finder.
    ``mask_logits``: (N, 1, H, W), the finder's raw verdict before the sigmoid; None likewise.
    ``refined``: (N, 3, H, W), what the refiner would put everywhere; None if nothing is composited.
    """

    restored: Tensor
    mask: Tensor | None = None
    mask_logits: Tensor | None = None
    refined: Tensor | None = None


class Generator(nn.Module):
    """Base of the generators: H and W of the input must be multiples of ``stride``."""

    stride: int
    options: dict[str, object]

    def forward(self, degraded: Tensor, mask: Tensor | None = None) -> GeneratorOutput:
        """Restore (N, 3, H, W) in [-1, 1]; ``mask`` (N, 1, H, W) in [0, 1] tells the true damage if known."""
        raise TypeError(f"{type(self).__name__} must define forward")


def init_weights(module: nn.Module) -> None:
    """Isola et al., section 6.2: convolutions from N(0, 0.02), normalisation scales from N(1, 0.02)."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0.0, 0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1.0, 0.02)
            nn.init.zeros_(layer.bias)


def init_he(module: nn.Module) -> None:
    """He et al. 2015 for ReLU networks: the finder is a classifier and learns faster from it."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
