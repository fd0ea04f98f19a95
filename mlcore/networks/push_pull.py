"""Push-pull interpolation of scattered data: Gortler et al., The Lumigraph, SIGGRAPH 1996, section 3.4."""

import torch
from torch import Tensor
from torch.nn import functional


def push_pull(image: Tensor, damage: Tensor) -> Tensor:
    """Fill what ``damage`` covers smoothly from its surroundings.

    ``image``: (N, 3, H, W) float32, any range. ``damage``: (N, 1, H, W) in [0, 1], 1 where nothing of the
    picture is left. Gives (N, 3, H, W); where damage is 0 the picture itself, exactly. Where everything is
    damaged the answer is 0.
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
        above = functional.interpolate(filled, size=colour.shape[-2:], mode="bilinear", align_corners=False)
        filled = colour + above * (1.0 - known)
    return torch.where(damage == 0, image, filled)
