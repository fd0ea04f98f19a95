"""Batches made in memory, for tests of training that are not about data."""

from collections.abc import Sequence

import torch

from mlcore.dataset import Sample


class MemorySource:
    """Smooth pictures with a black bar across each; batches depend on (seed, epoch, index) alone.

    ``shard``: (rank, world), the rank's share of every batch.
    """

    def __init__(
        self,
        *,
        batch_size: int = 2,
        count: int = 2,
        side: int = 64,
        seed: int = 0,
        shard: tuple[int, int] = (0, 1),
    ) -> None:
        self.batch_size = batch_size
        self.count = count
        self.side = side
        self.seed = seed
        self.shard = shard

    def batches(self, epoch: int) -> Sequence[Sample]:
        """See ``BatchSource``."""
        return [self.batch(epoch, index) for index in range(self.count)]

    def batch(self, epoch: int, index: int) -> Sample:
        """The whole batch if alone, else the rank's share of it."""
        chance = torch.Generator().manual_seed(self.seed * 10_000 + epoch * 100 + index)
        corners = torch.rand(self.batch_size, 3, 4, 4, generator=chance) * 1.6 - 0.8
        clean = torch.nn.functional.interpolate(corners, size=(self.side, self.side), mode="bilinear")
        mask = torch.zeros(self.batch_size, 1, self.side, self.side)
        for number in range(self.batch_size):
            top = int(torch.randint(self.side - 12, (1,), generator=chance))
            mask[number, :, top : top + 12] = 1.0
        degraded = torch.where(mask > 0, -torch.ones(()), clean)
        rank, world = self.shard
        return Sample(*(part[rank::world] for part in (degraded, clean, mask)))
