"""Several processes that train one model: what ``torchrun`` starts.

Gradients are averaged by hand in one message an update, not by DistributedDataParallel: a GAN's two
networks, frozen turns and phases that train a part alone are each a special case there, and the networks here
are small enough (under 60 M weights) that one message takes milliseconds.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True, slots=True)
class Team:
    """Who trains: this process is number ``rank`` of ``world``, on ``device``. By default alone."""

    rank: int = 0
    world: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def leads(self) -> bool:
        """Whether this process is the one that validates and writes."""
        return self.rank == 0

    @property
    def shard(self) -> tuple[int, int]:
        """As batch sources want it."""
        return self.rank, self.world

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace float tensors, the same in number and shape everywhere, by their means over the team."""
        if self.world == 1 or not tensors:
            return
        flat = torch.cat([tensor.detach().reshape(-1).float() for tensor in tensors])
        distributed.all_reduce(flat)
        flat /= self.world
        pieces = flat.split([tensor.numel() for tensor in tensors])
        for tensor, piece in zip(tensors, pieces, strict=True):
            tensor.detach().copy_(piece.view_as(tensor))

    def average_statistics(self, *networks: nn.Module) -> None:
        """Bring running means and variances of batch normalisation together, where ``prepare`` could not."""
        if self.device.type == "cpu":
            buffers = (entry for network in networks for entry in network.buffers())
            self.average([entry for entry in buffers if entry.is_floating_point()])

    def any(self, *flags: bool) -> list[bool]:
        """For each flag whether it is set in any process."""
        if self.world == 1:
            return list(flags)
        votes = torch.tensor([float(flag) for flag in flags], device=self.device)
        distributed.all_reduce(votes)
        return [vote > 0 for vote in votes.tolist()]

    def gather(self, value: Any) -> list[Any]:
        """The value of every process, by rank."""
        if self.world == 1:
            return [value]
        values: list[Any] = [None] * self.world
        distributed.all_gather_object(values, value)
        return values

    def wait(self) -> None:
        """Until every process has come here."""
        if self.world > 1:
            distributed.barrier()

    def prepare(self, network: nn.Module) -> nn.Module:
        """``network`` with batch normalisation over the whole team's batch, where torch can: on CUDA.

        On a CPU each process normalises by its own share of the batch; see ``average_statistics``.
        """
        if self.world > 1 and self.device.type == "cuda":
            synchronised: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)
            return synchronised
        return network


@contextmanager
def joined_team(device: str = "cpu") -> Iterator[Team]:
    """The team that ``torchrun`` says this process is in; without torchrun a team of one.

    ``device``: "cpu", "cuda" (a team takes one each) or one of them by number.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Team(device=torch.device(device))
        return
    place = torch.device(device)
    if place.type == "cuda":
        place = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(place)
    # Others wait while the first validates: longer than the ten minutes that are usual.
    distributed.init_process_group("nccl" if place.type == "cuda" else "gloo", timeout=timedelta(hours=3))
    try:
        yield Team(rank=distributed.get_rank(), world=world, device=place)
    finally:
        distributed.destroy_process_group()
