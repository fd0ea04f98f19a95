"""Where training's batches come from: prepared pairs, or clean pictures that are damaged on the device."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from mlcore.clean_bank import CleanBank
from mlcore.composing import Window, keep_visible, lay_over, merge, to_grey
from mlcore.dataset import LARGEST_ZOOM, Augmentation, Batches, Pair, PairLoader, Sample, Walk
from mlcore.errors import TrainingError
from mlcore.images import levels_to_network
from mlcore.looks import BLURRING, PRINT, SCAN, Chosen, apply_looks, choose_looks

FOREIGN_ZOOM = (0.8, 2.0)
"""Damage drawn for another picture is also made smaller or larger, within these bounds."""


class BatchSource(Protocol):
    """Batches of every epoch; they depend on (seed, epoch, index) alone, so a resumed run sees what an
    uninterrupted one would have seen."""

    def batches(self, epoch: int) -> Sequence[Sample]:
        """The batches of an epoch (from 1), on the training device."""
        ...


class PairSource:
    """Pairs on disk; decoded pictures are kept in memory as far as ``memory`` bytes reach.

    ``limit``: pictures an epoch, None for every pair once. ``shard``: (rank, world); batches hold the rank's
    share of what one process alone would see. Raises ``TrainingError`` (``mlcore:run:settings``).
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        augmentation: Augmentation,
        *,
        batch_size: int,
        seed: int,
        limit: int | None = None,
        device: torch.device | str = "cpu",
        shard: tuple[int, int] = (0, 1),
        memory: int = 2 * 2**30,
    ) -> None:
        _check(batch_size, shard)
        self.pairs = pairs
        self.augmentation = augmentation
        self.batch_size = batch_size
        self.seed = seed
        self.limit = limit
        self.device = torch.device(device)
        self.shard = shard
        self.loader = PairLoader(memory)

    def batches(self, epoch: int) -> Sequence[Sample]:
        """See ``BatchSource``."""
        batches = Batches(
            self.pairs,
            self.augmentation,
            batch_size=self.batch_size,
            seed=self.seed,
            epoch=epoch,
            limit=self.limit,
            shard=self.shard,
            load=self.loader,
        )
        return batches if self.device.type == "cpu" else _Uploaded(batches, self.device)


class CleanSource:
    """Pictures of a bank, damaged and varied anew in every epoch, in batches on the device.

    The bank is moved there. ``limit`` and ``shard`` as in ``PairSource``; without a limit every picture comes
    once an epoch. Raises ``TrainingError`` (``mlcore:run:settings``, ``:out-of-memory``).
    """

    def __init__(
        self,
        bank: CleanBank,
        augmentation: Augmentation,
        *,
        batch_size: int,
        seed: int,
        limit: int | None = None,
        device: torch.device | str = "cpu",
        shard: tuple[int, int] = (0, 1),
    ) -> None:
        _check(batch_size, shard)
        crop = augmentation.crop or bank.side
        if crop > bank.side:
            raise TrainingError(
                "mlcore:run:settings", f"crops of {crop} pixels, but the bank's pictures have {bank.side}"
            )
        self.bank = _placed(bank, device)
        self.augmentation = augmentation
        self.crop = crop
        self.batch_size = batch_size
        self.seed = seed
        self.shard = shard
        self.count = max(1, (len(bank.pictures) if limit is None else limit) // batch_size)
        owners = bank.owners.numpy()
        self.bounds = np.searchsorted(owners, np.arange(len(bank.pictures) + 1))

    def batches(self, epoch: int) -> Sequence[Sample]:
        """See ``BatchSource``."""
        return _CleanBatches(self, epoch)

    def make(self, epoch: int, index: int) -> Sample:
        """One batch."""
        walk = Walk(len(self.bank.pictures), self.count * self.batch_size, self.seed, epoch)
        first = index * self.batch_size
        rank, world = self.shard
        plans = [
            self._plan(walk[position], np.random.default_rng((self.seed, epoch, position)))
            for position in range(first + rank, first + self.batch_size, world)
        ]
        return self._render(plans)

    def _plan(self, picture: int, rng: Generator) -> "_Plan":
        """Everything that chance decides about one picture."""
        how = self.augmentation
        extent = self.crop
        if rng.random() < how.zoom:
            extent = round(extent / rng.uniform(1.0, LARGEST_ZOOM))
        window = _place(rng, self.bank.side, extent, mirror=bool(rng.random() < how.flip))
        layers: list[tuple[int, Window]] = []
        if rng.random() >= how.intact:
            for _ in range(1 + int(rng.random() < how.second)):
                layers.append(self._choose_layer(picture, window, rng))
        grey = rng.random() < how.grey
        looks = choose_looks(rng, how.looks, how.grain)
        return _Plan(picture, window, layers, grey, bool(grey and rng.random() < 0.6), looks)

    def _choose_layer(self, picture: int, window: Window, rng: Generator) -> tuple[int, Window]:
        """A layer and the part of it that comes to lie on the window."""
        first, end = self.bounds[picture], self.bounds[picture + 1]
        if end > first and rng.random() < self.augmentation.own:
            return int(rng.integers(first, end)), window
        extent = window.extent
        if rng.random() < 0.5:
            extent = round(extent / rng.uniform(*FOREIGN_ZOOM))
        turns = rng.random(3) < 0.5
        return int(rng.integers(len(self.bank.layers))), _place(
            rng,
            self.bank.side,
            min(extent, self.bank.side),
            mirror=bool(turns[0]),
            upturn=bool(turns[1]),
            transpose=bool(turns[2]),
        )

    def _render(self, plans: "list[_Plan]") -> Sample:
        pictures, crop = self.bank.pictures, self.crop
        cut = [plan.window.cut(pictures[plan.picture], crop) for plan in plans]
        clean = torch.stack(
            [to_grey(levels) if plan.grey else levels for plan, levels in zip(plans, cut, strict=True)]
        ).round_()
        looks = [plan.looks for plan in plans]
        clean = apply_looks(clean, looks, PRINT)
        degraded, mask = lay_over(clean, torch.stack([self._layer(plan) for plan in plans]))
        if any(name in chosen for chosen in looks for name in BLURRING):
            clean = apply_looks(clean, looks, BLURRING)
            degraded, mask = keep_visible(apply_looks(degraded, looks, BLURRING), clean)
        clean, degraded = apply_looks(clean, looks, SCAN), apply_looks(degraded, looks, SCAN)
        return Sample(levels_to_network(degraded), levels_to_network(clean), mask)

    def _layer(self, plan: "_Plan") -> Tensor:
        """(4, crop, crop) in [0, 255]: a picture's damage, nothing where it has none."""
        layers = self.bank.layers
        cut = [window.cut(layers[layer], self.crop) for layer, window in plan.layers]
        if not cut:
            return torch.zeros((4, self.crop, self.crop), device=layers.device)
        layer = reduce(merge, cut)
        return torch.cat([to_grey(layer[:3]), layer[3:]]) if plan.grey_damage else layer


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of one picture. ``grey``: the picture; ``grey_damage``: what lies on it too."""

    picture: int
    window: Window
    layers: list[tuple[int, Window]]
    grey: bool
    grey_damage: bool
    looks: Chosen


class _CleanBatches(Sequence[Sample]):
    def __init__(self, source: CleanSource, epoch: int) -> None:
        self.source = source
        self.epoch = epoch

    def __len__(self) -> int:
        return self.source.count

    def __getitem__(self, index: int) -> Sample:  # type: ignore[override]  # no slices
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.source.make(self.epoch, index)


class _Uploaded(Sequence[Sample]):
    """Batches moved to a device."""

    def __init__(self, batches: Batches, device: torch.device) -> None:
        self.batches = batches
        self.device = device

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> Sample:  # type: ignore[override]  # no slices
        return Sample(*(tensor.to(self.device) for tensor in self.batches[index]))


def _placed(bank: CleanBank, device: torch.device | str) -> CleanBank:
    try:
        return bank.to(device)
    except torch.OutOfMemoryError as error:
        size = (bank.pictures.nbytes + bank.layers.nbytes) / 2**30
        raise TrainingError(
            "mlcore:run:out-of-memory",
            f"{len(bank.pictures)} pictures and {len(bank.layers)} damages are {size:.1f} GiB, more than "
            f"there is room for on {device}: fewer --layers, in another --bank",
        ) from error


def _check(batch_size: int, shard: tuple[int, int]) -> None:
    rank, world = shard
    if not 0 <= rank < world or batch_size % world:
        raise TrainingError(
            "mlcore:run:settings", f"batches of {batch_size} cannot be shared evenly: part {rank} of {world}"
        )


def _place(
    rng: Generator,
    side: int,
    extent: int,
    *,
    mirror: bool = False,
    upturn: bool = False,
    transpose: bool = False,
) -> Window:
    """A window anywhere inside, often at a border: some damage is found nowhere else."""
    reach = extent // 8
    left, top = (
        min(max(int(rng.integers(-reach, side - extent + reach + 1)), 0), side - extent) for _ in range(2)
    )
    return Window(left, top, extent, mirror, upturn, transpose)
