"""Pairs on disk as training and evaluation samples.

Layout of a data set, written by ``dataset_writer`` and checked by ``pairing``::

    DIR/clean/STEM.png  DIR/degraded/LEVEL/STEM.png  DIR/mask/LEVEL/STEM.png  DIR/manifest.jsonl
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
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
    """

    crop: int | None = None
    zoom: float = 0.0
    flip: float = 0.0
    grey: float = 0.0
    grain: float = 0.0


def train_transform(pair: Pair, augmentation: Augmentation, rng: np.random.Generator) -> Sample:
    """Load a pair and vary both halves alike; a picture smaller than the crop is padded by reflection."""
    degraded, clean, mask = load_pair(pair)
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


def load_pair(pair: Pair) -> tuple[Bytes, Bytes, Bytes]:
    """Degraded and clean (H, W, 3) uint8 and the mask (H, W) uint8, 255 where damaged.

    A pair without a mask file has its mask where the halves differ.
    """
    degraded, clean = load_rgb(pair.degraded), load_rgb(pair.clean)
    if pair.mask is not None:
        return degraded, clean, load_rgb(pair.mask)[..., 0]
    return degraded, clean, (degraded != clean).any(axis=2).astype(np.uint8) * np.uint8(255)


class Batches:
    """Batches of one epoch: order and variation depend on (seed, epoch, position) alone, so a run that is
    resumed at an epoch sees what an uninterrupted one would have seen.

    ``limit``: pictures an epoch, None for all. The last, smaller batch is dropped. Items: ``Sample``.
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
    ) -> None:
        self.pairs = pairs
        self.augmentation = augmentation
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch
        total = len(pairs) if limit is None else limit
        self.count = max(1, total // batch_size)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < self.count:
            raise IndexError(index)
        samples = [
            train_transform(
                self.pairs[self._place(position)],
                self.augmentation,
                np.random.default_rng((self.seed, self.epoch, position)),
            )
            for position in range(index * self.batch_size, (index + 1) * self.batch_size)
        ]
        return collate(samples)

    def _place(self, position: int) -> int:
        """Walk through all pairs in a shuffled order, then in another, across epochs."""
        overall = (self.epoch - 1) * self.count * self.batch_size + position
        lap, offset = divmod(overall, len(self.pairs))
        return int(_order(self.seed, lap, len(self.pairs))[offset])


_orders: dict[tuple[int, int, int], np.ndarray] = {}


def _order(seed: int, lap: int, count: int) -> np.ndarray:
    key = (seed, lap, count)
    if key not in _orders:
        _orders.clear()
        _orders[key] = np.random.default_rng((seed, lap)).permutation(count)
    return _orders[key]


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
