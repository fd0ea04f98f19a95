"""A running average of a network's weights, which restores better than the last weights do.

Polyak and Juditsky 1992; as an exponential average in GANs: Yazici et al., The Unusual Effectiveness of
Averaging in GAN Training, ICLR 2019 (arXiv:1806.04498).
"""

import copy
from typing import Any

import torch
from torch import Tensor

from mlcore.networks import Generator


class WeightAverage:
    """``generator``: the averaged network, in eval mode.

    Running means and variances of batch normalisation are averaged as the weights are: they belong to the
    weights of the same stretch of training. Whole numbers (counts) are taken over.
    """

    def __init__(self, generator: Generator, decay: float) -> None:
        self.generator = copy.deepcopy(generator).eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, generator: Generator) -> None:
        """Move towards ``generator``: by 1 - decay, and faster in the first updates, so that the random
        weights of the beginning are forgotten."""
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        averaged, current = _tensors(self.generator), _tensors(generator)
        floats = [number for number, tensor in enumerate(averaged) if tensor.is_floating_point()]
        torch._foreach_lerp_(
            [averaged[number] for number in floats], [current[number] for number in floats], 1.0 - decay
        )
        for mine, theirs in zip(averaged, current, strict=True):
            if not mine.is_floating_point():
                mine.copy_(theirs)

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on."""
        return {"generator": self.generator.state_dict(), "updates": self.updates}

    def load_state_dict(self, content: dict[str, Any]) -> None:
        """The inverse of ``state_dict``."""
        self.generator.load_state_dict(content["generator"])
        self.updates = content["updates"]


def _tensors(generator: Generator) -> list[Tensor]:
    return [tensor.detach() for tensor in (*generator.parameters(), *generator.buffers())]
