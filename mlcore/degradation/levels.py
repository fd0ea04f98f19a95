"""The three levels: which marks, how many, and where they may lie."""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mlcore.degradation.marks import MARKS
from mlcore.degradation.zones import Zones, find_zones
from mlcore.images import Bytes

LEVELS = ("light", "medium", "heavy")


@dataclass(frozen=True, slots=True)
class Degraded:
    """``image``: (H, W, 3) uint8. ``mask``: (H, W) uint8, 255 exactly where a pixel was changed, else 0."""

    image: Bytes
    mask: Bytes
    faces_found: bool


@dataclass(frozen=True, slots=True)
class Layer:
    """``kinds`` to draw from, how many (least, most), the zone to aim at and the zones left clear."""

    kinds: tuple[str, ...]
    count: tuple[int, int]
    aim: str
    spare: tuple[str, ...]


_OUTSIDE = Layer(
    ("scribble", "scratch", "specks", "noise_patch", "blotch", "stain", "crease"),
    (3, 8),
    aim="outside",
    spare=("vital", "skin"),
)
_SKIN = (
    Layer(("missing_patch", "blotch", "missing_patch"), (1, 2), aim="skin", spare=("vital",)),
    Layer(("scribble", "scratch", "specks", "noise_patch", "crease", "stain"), (1, 3), "skin", ("vital",)),
)
_VITAL = (
    Layer(("missing_patch", "blotch"), (1, 2), aim="vital", spare=()),
    Layer(("scribble", "scratch", "noise_patch", "crease", "specks"), (1, 4), aim="vital", spare=()),
)
RECIPES: dict[str, tuple[Layer, ...]] = {
    "light": (_OUTSIDE,),
    "medium": (_OUTSIDE, *_SKIN),
    "heavy": (_OUTSIDE, *_SKIN, *_VITAL),
}


def seed_for(source_sha256: str, run_seed: int, level: str) -> int:
    """The damage's seed: a file is damaged alike on every machine and in any order. In [0, 2**63)."""
    text = f"{source_sha256}:{run_seed}:{level}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def degrade(clean: Bytes, level: str, seed: int, zones: Zones | None = None) -> Degraded:
    """Damage (H, W, 3) uint8 at a level of ``LEVELS``; the same seed gives the same damage.

    ``zones`` may be given where they are known already. Raises ``ValueError`` for an unknown level.
    """
    if level not in RECIPES:
        raise ValueError(f"unknown level {level!r}; known: {', '.join(LEVELS)}")
    zones = zones or find_zones(clean)
    rng = np.random.default_rng(seed)
    scale = max(0.25, min(clean.shape[:2]) / 256)
    canvas = clean.astype(np.float32)
    for layer in RECIPES[level]:
        _apply(canvas, layer, zones, rng, scale)
    image = canvas.round().clip(0, 255).astype(np.uint8)
    changed = (image != clean).any(axis=2)
    return Degraded(image, changed.astype(np.uint8) * np.uint8(255), zones.faces_found)


def _apply(canvas: NDArray[np.float32], layer: Layer, zones: Zones, rng: Generator, scale: float) -> None:
    """Draw one layer's marks onto (H, W, 3) float32 in [0, 255], in place."""
    spared = np.zeros(canvas.shape[:2], bool)
    for name in layer.spare:
        spared |= getattr(zones, name)
    least, most = layer.count
    for _ in range(int(rng.integers(least, most + 1))):
        kind = layer.kinds[int(rng.integers(len(layer.kinds)))]
        mark = MARKS[kind](rng, getattr(zones, layer.aim), scale)
        cover = np.where(spared, np.float32(0), mark.cover)
        left, top, width, height = cv2.boundingRect((cover > 0).astype(np.uint8))
        window = np.s_[top : top + height, left : left + width]
        colour = mark.colour[window] if mark.colour.ndim == 3 else mark.colour
        canvas[window] += (colour - canvas[window]) * cover[window][..., None]
