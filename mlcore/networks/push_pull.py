"""Smooth filling of holes from coarse to fine.

Push-pull interpolation (Gortler et al., The Lumigraph, SIGGRAPH 1996, section 3.4) as the first guess at
every scale, then some Jacobi steps of Laplace's equation, which take away its blocks: measured 0.7 to 1 dB
closer to the clean picture than push-pull alone (docs/experiments.md).

The steps from one scale to the next stand apart (``coarser``, ``finer``): whoever fills a large picture
window by window takes the coarse scales from the whole picture and the fine ones from the window, and gets
the same filling.
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
    return smooth_filling(image * weight, weight, relaxations)


def smooth_filling(colour: Tensor, known: Tensor, relaxations: int) -> Tensor:
    """The filling of a picture of which ``known`` (N, 1, H, W) in [0, 1] is left, (N, 3, H, W).

    ``colour``: (N, 3, H, W), the picture times ``known``.
    """
    levels = [(colour, known)]
    while max(levels[-1][1].shape[-2:]) > 1:
        levels.append(coarser(*levels[-1]))
    colour, known = levels.pop()
    filled = colour / known.clamp(min=1e-6)
    for colour, known in reversed(levels):
        filled = finer(filled, colour, known, relaxations)
    return filled


def coarser(colour: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Both (see ``smooth_filling``) at half the size, rounded up; beyond the border nothing is known."""
    odd = (0, colour.shape[-1] % 2, 0, colour.shape[-2] % 2)
    if any(odd):
        colour, known = functional.pad(colour, odd), functional.pad(known, odd)
    # Sums, not means, and saturating at one: a coarse pixel with any knowledge counts as known.
    colour, known = _sum_of_four(colour), _sum_of_four(known)
    excess = known.clamp(min=1.0)
    return colour / excess, known / excess


def finer(above: Tensor, colour: Tensor, known: Tensor, relaxations: int) -> Tensor:
    """The filling at the scale of ``colour`` and ``known``, from that of half the size, rounded up."""
    missing = 1.0 - known
    height, width = colour.shape[-2:]
    twice = functional.interpolate(above, scale_factor=2.0, mode="bilinear", align_corners=False)
    filled = torch.addcmul(colour, twice[..., :height, :width], missing)
    quarter = missing * 0.25
    for _ in range(relaxations):
        filled = torch.addcmul(colour, _sum_of_neighbours(filled), quarter)
    return filled


def _sum_of_four(image: Tensor) -> Tensor:
    """Of two by two pixels of (N, C, H, W) each; three times as fast as pooling them."""
    upper = image[..., ::2, ::2] + image[..., ::2, 1::2]
    return upper.add_(image[..., 1::2, ::2]).add_(image[..., 1::2, 1::2])


def _sum_of_neighbours(image: Tensor) -> Tensor:
    """Of the four beside each pixel of (N, C, H, W); at the border the pixel itself stands in."""
    framed = functional.pad(image, (1, 1, 1, 1), mode="replicate")
    upright = framed[..., :-2, 1:-1] + framed[..., 2:, 1:-1]
    return upright.add_(framed[..., 1:-1, :-2]).add_(framed[..., 1:-1, 2:])
