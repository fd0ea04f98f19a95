"""Pairs on disk as training and evaluation samples.

Layout of a data set, written by ``dataset_writer`` and checked by ``pairing``::

    DIR/clean/STEM.png  DIR/degraded/LEVEL/STEM.png  DIR/mask/LEVEL/STEM.png  DIR/manifest.jsonl
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mlcore.images import Bytes, load_rgb, mask_to_tensor, to_network


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """One damaged picture, its clean original and, where kept, the mask of the damage."""

    stem: str
    level: str
    degraded: Path
    clean: Path
    mask: Path | None


LARGEST_ZOOM = 2.5


class Sample(NamedTuple):
    """``degraded``, ``clean``: (N, 3, H, W) float32 in [-1, 1]. ``mask``: (N, 1, H, W), 1 where damaged."""

    degraded: Tensor
    clean: Tensor
    mask: Tensor


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What varies in training. ``crop``: side in pixels, None for whole pictures; chances in [0, 1].

    ``zoom``: chance of a smaller square enlarged up to 2.5 times, so that the damage of larger scans, whose
    strokes are wider, is known too. ``grain``: chance of film grain on both halves, so that grain is not
    taken for damage.

    Only where the damage is laid on in training (``CleanSource``): ``looks``: chance of each look of
    ``mlcore.looks``. ``intact``: chance of no damage at all. ``second``: chance of two layers of damage.
    ``own``: chance of damage that was drawn for this very picture and lies where its level says, instead of
    any other's anywhere.
    """

    crop: int | None = None
    zoom: float = 0.0
    flip: float = 0.0
    grey: float = 0.0
    grain: float = 0.0
    looks: float = 0.0
    intact: float = 0.05
    second: float = 0.15
    own: float = 0.5


Loaded = tuple[Bytes, Bytes, Bytes]
"""Degraded and clean (H, W, 3) uint8 and the mask (H, W) uint8, 255 where damaged."""


def train_transform(
    pair: Pair,
    augmentation: Augmentation,
    rng: np.random.Generator,
    load: "Callable[[Pair], Loaded] | None" = None,
) -> Sample:
    """Load a pair and vary both halves alike; a picture smaller than the crop is padded by reflection."""
    degraded, clean, mask = (load or load_pair)(pair)
    if augmentation.crop is not None:
        side = augmentation.crop
        if rng.random() < augmentation.zoom:
            side = round(side / rng.uniform(1.0, LARGEST_ZOOM))
        degraded, clean, mask = _crop(degraded, clean, mask, side, rng)
        if side < augmentation.crop:
            degraded, clean, mask = _enlarge(degraded, clean, mask, augmentation.crop)
    if rng.random() < augmentation.flip:
        degraded, clean, mask = degraded[:, ::-1], clean[:, ::-1], mask[:, ::-1]
    if rng.random() < augmentation.grey:
        degraded, clean = _grey(degraded), _grey(clean)
    sample = _to_sample(degraded, clean, mask)
    if rng.random() < augmentation.grain:
        sigma = rng.uniform(0.01, 0.08)
        grain = torch.from_numpy(rng.standard_normal(sample.mask.shape, dtype=np.float32)) * sigma
        return Sample(
            (sample.degraded + grain).clamp(-1, 1), (sample.clean + grain).clamp(-1, 1), sample.mask
        )
    return sample


def eval_transform(pair: Pair) -> Sample:
    """Load a pair whole and unchanged."""
    return _to_sample(*load_pair(pair))


def load_pair(pair: Pair) -> Loaded:
    """Decode a pair; without a mask file it has its mask where the halves differ."""
    degraded, clean = load_rgb(pair.degraded), load_rgb(pair.clean)
    if pair.mask is not None:
        return degraded, clean, load_rgb(pair.mask)[..., 0]
    return degraded, clean, (degraded != clean).any(axis=2).astype(np.uint8) * np.uint8(255)


class PairLoader:
    """``load_pair`` that remembers what it decoded, up to ``memory`` bytes."""

    def __init__(self, memory: int) -> None:
        self.left = memory
        self.kept: dict[Pair, Loaded] = {}
        self.clean: dict[Path, Bytes] = {}

    def __call__(self, pair: Pair) -> Loaded:
        if pair in self.kept:
            return self.kept[pair]
        degraded, clean, mask = load_pair(pair)
        # Several levels share one clean picture, and memory.
        known = self.clean.get(pair.clean)
        needed = degraded.nbytes + mask.nbytes + (clean.nbytes if known is None else 0)
        loaded = (degraded, clean if known is None else known, mask)
        if needed <= self.left:
            self.left -= needed
            self.clean[pair.clean] = loaded[1]
            self.kept[pair] = loaded
        return loaded


class Walk:
    """Which of ``count`` pictures comes at a position of an epoch of ``length``: across epochs, all in a
    shuffled order, then all in another. Depends on the arguments alone."""

    def __init__(self, count: int, length: int, seed: int, epoch: int) -> None:
        self.count = count
        self.seed = seed
        self.before = (epoch - 1) * length

    def __getitem__(self, position: int) -> int:
        lap, offset = divmod(self.before + position, self.count)
        return int(_order(self.seed, lap, self.count)[offset])


@lru_cache(maxsize=2)
def _order(seed: int, lap: int, count: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, lap)).permutation(count)


class Batches(Sequence[Sample]):
    """Batches of one epoch: order and variation depend on (seed, epoch, position) alone, so a run that is
    resumed at an epoch sees what an uninterrupted one would have seen.

    ``limit``: pictures an epoch, None for all. The last, smaller batch is dropped. ``shard``: (rank, world),
    of every batch only every world-th position. ``load``: decodes a pair. Items: ``Sample``.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        augmentation: Augmentation,
        *,
        batch_size: int,
        seed: int,
        epoch: int,
        limit: int | None = None,
        shard: tuple[int, int] = (0, 1),
        load: Callable[[Pair], Loaded] = load_pair,
    ) -> None:
        self.pairs = pairs
        self.augmentation = augmentation
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch
        self.shard = shard
        self.load = load
        total = len(pairs) if limit is None else limit
        self.length = max(1, total // batch_size)
        self.walk = Walk(len(pairs), self.length * batch_size, seed, epoch)

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Sample:  # type: ignore[override]  # no slices
        if not 0 <= index < self.length:
            raise IndexError(index)
        first = index * self.batch_size
        rank, world = self.shard
        samples = [
            train_transform(
                self.pairs[self.walk[position]],
                self.augmentation,
                np.random.default_rng((self.seed, self.epoch, position)),
                self.load,
            )
            for position in range(first + rank, first + self.batch_size, world)
        ]
        return collate(samples)


def collate(samples: Sequence[Sample]) -> Sample:
    """Stack samples of one size along N."""
    return Sample(*(torch.cat(parts) for parts in zip(*samples, strict=True)))


def _to_sample(degraded: Bytes, clean: Bytes, mask: Bytes) -> Sample:
    return Sample(to_network(degraded), to_network(clean), mask_to_tensor(mask))


def _crop(
    degraded: Bytes, clean: Bytes, mask: Bytes, side: int, rng: np.random.Generator
) -> tuple[Bytes, Bytes, Bytes]:
    """The same square of all three."""
    height, width = mask.shape
    down, right = max(0, side - height), max(0, side - width)
    if down or right:
        edges = ((0, down), (0, right))
        degraded, clean = (np.pad(image, (*edges, (0, 0)), mode="symmetric") for image in (degraded, clean))
        mask = np.pad(mask, edges, mode="symmetric")
    top = int(rng.integers(mask.shape[0] - side + 1))
    left = int(rng.integers(mask.shape[1] - side + 1))
    window = np.s_[top : top + side, left : left + side]
    return degraded[window], clean[window], mask[window]


def _enlarge(degraded: Bytes, clean: Bytes, mask: Bytes, side: int) -> tuple[Bytes, Bytes, Bytes]:
    """All three to ``side`` pixels; damage is where at least a quarter of a pixel comes from damage."""
    degraded, clean, mask = (
        np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
        for image in (degraded, clean, mask)
    )
    return degraded, clean, (mask > 63).astype(np.uint8) * np.uint8(255)


def _grey(image: Bytes) -> Bytes:
    """ITU-R BT.601 luma on three equal channels."""
    luma = image.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return luma.round().astype(np.uint8)[..., None].repeat(3, axis=2)
