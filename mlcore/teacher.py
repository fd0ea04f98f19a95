"""A trained finder that shows another what to aim at.

A soft verdict tells more than the true mask: how sure one can be of each pixel, and which damage nobody sees.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mlcore.checkpoints import load_generator
from mlcore.errors import TrainingError
from mlcore.networks import FindFillRefine

TURNS: tuple[tuple[int, ...], ...] = ((), (3,), (2,), (2, 3))
"""Ways to mirror a picture: none, sideways, upside down, both."""


class Teacher:
    """The finder of a model file, on the device of a run.

    On processors it computes with OpenVINO in 8 bits: three times as fast, and nothing but an aim.
    Raises ``CheckpointError``, and ``TrainingError`` (``mlcore:run:settings``) for a model without a finder.
    """

    def __init__(self, path: Path, device: torch.device) -> None:
        loaded = load_generator(path, str(device))
        if not isinstance(loaded.generator, FindFillRefine):
            raise TrainingError("mlcore:run:settings", f"{path} has no damage finder to learn from")
        self.sha256 = loaded.sha256
        self._find: Callable[[Tensor], Tensor] = (
            _EightBits(loaded.generator) if device.type == "cpu" else loaded.generator.finder
        )

    def verdict(self, degraded: Tensor, turn: int) -> Tensor:
        """(N, 3, H, W) in [-1, 1] to shares of damage (N, 1, H, W) in [0, 1].

        The picture is shown in another way each ``turn``: over many turns a pupil learns the mean of all,
        which is better than each.
        """
        sides = TURNS[turn % len(TURNS)]
        with torch.no_grad():
            return torch.sigmoid(self._find(degraded.flip(sides)).float()).flip(sides)


class _EightBits:
    """A finder in 8 bits, picture by picture."""

    def __init__(self, generator: FindFillRefine) -> None:
        from mlcore.inference.graphs import compile_graph, finder_graph
        from mlcore.inference.quick import EightBits, calibrated

        threads = torch.get_num_threads()
        arithmetic = EightBits(calibrated(generator, threads).finder)
        self._request = compile_graph(
            finder_graph(generator.finder, arithmetic), threads
        ).create_infer_request()

    def __call__(self, degraded: Tensor) -> Tensor:
        logits = [self._request.infer([one[None].numpy()])[0] for one in degraded.contiguous()]
        return torch.from_numpy(np.concatenate(logits))
