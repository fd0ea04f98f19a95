"""Losses of an epoch, added up where they are, so that a GPU need not be waited for at each step."""

import math
from typing import Any

import torch
from torch import Tensor

from mlcore.distributed import Team


class Tally:
    """Sums on the device, counts here. ``state_dict`` brings both through an interruption exactly."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}

    def add(self, named: dict[str, Tensor]) -> None:
        """Add scalars that lie on the device."""
        for name, value in named.items():
            self.sums[name] = self.sums[name] + value if name in self.sums else value.clone()
            self.counts[name] = self.counts.get(name, 0) + 1

    def means(self, team: Team | None = None) -> dict[str, float]:
        """Mean of each loss so far, here or over the team; this waits for the device, once."""
        if not self.sums:
            return {}
        together = torch.stack(list(self.sums.values()))
        if team is not None:
            team.average([together])
        return {
            name: total / self.counts[name] for name, total in zip(self.sums, together.tolist(), strict=True)
        }

    def clear(self) -> None:
        """Begin anew."""
        self.sums, self.counts = {}, {}

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on."""
        return {"sums": self.sums, "counts": self.counts}

    def load_state_dict(self, content: dict[str, Any]) -> None:
        """The inverse of ``state_dict``."""
        self.sums, self.counts = dict(content["sums"]), dict(content["counts"])


def not_finite(means: dict[str, float]) -> list[str]:
    """Names of losses that are NaN or infinite."""
    return [name for name, value in means.items() if not math.isfinite(value)]
