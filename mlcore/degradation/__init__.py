"""Synthetic damage: the paper's three levels, placed by where the face is, and two more recipes; by seed.

Abdillah and Mulyono (2025): light lies on hair and background, medium also takes part of cheek or forehead,
heavy also covers eyes, nose and mouth.
"""

from mlcore.degradation.layers import VISIBLE, DamageLayer
from mlcore.degradation.levels import (
    ARCHIVE,
    LEVELS,
    LOSSES,
    RECIPES,
    RECIPES_VERSION,
    Degraded,
    degrade,
    draw_layer,
    seed_for,
)
from mlcore.degradation.zones import Box, Zones, find_faces, find_zones, zones_of

__all__ = [
    "ARCHIVE",
    "LEVELS",
    "LOSSES",
    "RECIPES",
    "RECIPES_VERSION",
    "VISIBLE",
    "Box",
    "DamageLayer",
    "Degraded",
    "Zones",
    "degrade",
    "draw_layer",
    "find_faces",
    "find_zones",
    "seed_for",
    "zones_of",
]
