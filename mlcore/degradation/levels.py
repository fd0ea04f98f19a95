"""The levels: which marks, how many, and where they may lie."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from mlcore.degradation.layers import DamageLayer
from mlcore.degradation.marks import MARKS
from mlcore.degradation.zones import Zones, find_zones
from mlcore.images import Bytes

RECIPES_VERSION = 2
"""Counts up whenever the same seed no longer gives the same damage."""
LEVELS = ("light", "medium", "heavy")
ARCHIVE = "archive"
"""A fourth recipe, none of the paper's levels: every kind of damage, anywhere, for pictures of any sort."""
LOSSES = "losses"
"""A fifth: parts of up to half of the picture that are gone, as a large scan shows them at a reduced size."""


@dataclass(frozen=True, slots=True)
class Degraded:
    """``image``: (H, W, 3) uint8. ``mask``: (H, W) uint8, 255 exactly where a pixel was changed, else 0."""

    image: Bytes
    mask: Bytes
    faces_found: bool


@dataclass(frozen=True, slots=True)
class Group:
    """``kinds`` to draw from, how many (least, most), the zone to aim at, the zones left clear, and how
    large against a kind's usual size."""

    kinds: tuple[str, ...]
    count: tuple[int, int]
    aim: str
    spare: tuple[str, ...]
    size: float = 1.0


_FINE = Group(
    ("scribble", "scratch", "scratch", "specks", "hair", "noise_patch"),
    (5, 12),
    aim="outside",
    spare=("vital", "skin"),
)
_COARSE = Group(
    ("blotch", "marker", "marker", "scribble", "crease", "cracks"),
    (6, 13),
    aim="outside",
    spare=("vital", "skin"),
    size=0.7,
)
_STROKES = ("scribble", "marker", "scratch", "specks", "noise_patch", "crease")
_SKIN = (
    Group(("missing_patch", "torn_surface", "blotch"), (1, 2), aim="skin", spare=("vital",), size=0.7),
    Group(_STROKES, (2, 5), aim="skin", spare=("vital",), size=0.8),
)
_VITAL = (
    Group(("missing_patch", "torn_surface", "blotch"), (2, 3), aim="vital", spare=(), size=0.7),
    Group(_STROKES, (4, 8), aim="vital", spare=(), size=0.8),
    Group(("marker", "marker", "scribble", "cracks"), (9, 16), aim="anywhere", spare=(), size=0.8),
)
_ANYWHERE = (
    Group(("worn_edges", "torn_corner", "tear", "burn", "veil"), (0, 1), aim="anywhere", spare=()),
    Group(("stain", "stain", "tape", "foxing", "drops", "fingerprint"), (0, 2), aim="anywhere", spare=()),
    Group(("flaking", "flaking", "chips", "torn_surface", "missing_patch", "blotch"), (0, 2), "anywhere", ()),
    Group(("mould", "pits", "pits", "dust", "dust", "specks", "noise_patch"), (0, 2), "anywhere", ()),
    Group(
        ("crease", "crease", "cracks", "cracks", "craquelure", "fold_grid", "tear"), (0, 2), "anywhere", ()
    ),
    Group(
        ("scratch", "scratch", "abrasion", "hair", "scribble", "marker", "writing", "scan_lines"),
        (1, 4),
        aim="anywhere",
        spare=(),
    ),
)
_LARGE = Group(
    ("missing_patch", "missing_patch", "missing_patch", "torn_surface", "blotch"),
    (1, 2),
    aim="anywhere",
    spare=(),
    size=2.3,
)
RECIPES: dict[str, tuple[Group, ...]] = {
    "light": (_FINE,),
    "medium": (_FINE, _COARSE, *_SKIN),
    "heavy": (_FINE, _COARSE, *_SKIN, *_VITAL),
    ARCHIVE: _ANYWHERE,
    LOSSES: (_LARGE, _ANYWHERE[-1]),
}


def seed_for(source_sha256: str, run_seed: int, level: str) -> int:
    """The damage's seed: a file is damaged alike on every machine and in any order. In [0, 2**63)."""
    text = f"{source_sha256}:{run_seed}:{level}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def degrade(clean: Bytes, level: str, seed: int, zones: Zones | None = None) -> Degraded:
    """Damage (H, W, 3) uint8 by a recipe of ``RECIPES``; the same seed gives the same damage.

    ``zones`` may be given where they are known already. Raises ``ValueError`` for an unknown level.
    """
    zones = zones or find_zones(clean)
    image = draw_layer(zones, level, seed).over(clean)
    changed = (image != clean).any(axis=2)
    return Degraded(image, changed.astype(np.uint8) * np.uint8(255), zones.faces_found)


def draw_layer(zones: Zones, level: str, seed: int | Sequence[int]) -> DamageLayer:
    """The damage of a level for a picture with these zones. Raises ``ValueError`` for an unknown level."""
    if level not in RECIPES:
        raise ValueError(f"unknown level {level!r}; known: {', '.join(RECIPES)}")
    rng = np.random.default_rng(seed)
    height, width = zones.outside.shape
    scale = max(0.25, min(height, width) / 256)
    layer = DamageLayer.blank(height, width)
    for group in RECIPES[level]:
        _draw_group(layer, group, zones, rng, scale)
    return layer


def _draw_group(layer: DamageLayer, group: Group, zones: Zones, rng: Generator, scale: float) -> None:
    layer.spared[:] = False
    for name in group.spare:
        layer.spared |= getattr(zones, name)
    zone = getattr(zones, group.aim)
    least, most = group.count
    for _ in range(int(rng.integers(least, most + 1))):
        MARKS[group.kinds[int(rng.integers(len(group.kinds)))]](layer, rng, zone, scale * group.size)
