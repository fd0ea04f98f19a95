"""Smooth filling of holes from coarse to fine.

Push-pull interpolation (Gortler et al., The Lumigraph, SIGGRAPH 1996, section 3.4) as the first guess at
every scale, then some Jacobi steps of Laplace's equation, which take away its blocks: measured 0.7 to 1 dB
closer to the clean picture than push-pull alone (docs/experiments.md).
"""

import torch
from torch import Tensor
from torch.nn import functional


def push_pull(image: Tensor, damage: Tensor, relaxations: int = 0) -> Tensor:
    """Fill what ``damage`` covers smoothly from its surroundings.

    ``image``: (N, 3, H, W) float32, any range. ``damage``: (N, 1, H, W) in [0, 1], 1 where nothing of the
    picture is left. ``relaxations``: Jacobi steps at every scale. Gives (N, 3, H, W); where damage is 0 the
    picture itself, exactly. Where everything is damaged the answer is 0.
    """
    weight = 1.0 - damage
    levels = [(image * weight, weight)]
    while max(levels[-1][1].shape[-2:]) > 1:
        colour, known = levels[-1]
        odd = (0, colour.shape[-1] % 2, 0, colour.shape[-2] % 2)
        if any(odd):
            colour, known = functional.pad(colour, odd), functional.pad(known, odd)
        # Sums, not means, and saturating at one: a coarse pixel with any knowledge counts as known.
        colour, known = functional.avg_pool2d(colour, 2) * 4, functional.avg_pool2d(known, 2) * 4
        excess = known.clamp(min=1.0)
        levels.append((colour / excess, known / excess))
    colour, known = levels.pop()
    filled = colour / known.clamp(min=1e-6)
    for colour, known in reversed(levels):
        missing = 1.0 - known
        above = functional.interpolate(filled, size=colour.shape[-2:], mode="bilinear", align_corners=False)
        filled = colour + above * missing
        for _ in range(relaxations):
            filled = colour + _mean_of_neighbours(filled) * missing
    return torch.where(damage == 0, image, filled)


def _mean_of_neighbours(image: Tensor) -> Tensor:
    """Of the four beside each pixel of (N, C, H, W); at the border the pixel itself stands in."""
    framed = functional.pad(image, (1, 1, 1, 1), mode="replicate")
    upright = framed[..., :-2, 1:-1] + framed[..., 2:, 1:-1]
    level = framed[..., 1:-1, :-2] + framed[..., 1:-1, 2:]
    return (upright + level) * 0.25
