"""Synthetic damage in the paper's three levels, placed by where the face is, repeatable by seed.

Abdillah and Mulyono (2025): light lies on hair and background, medium also takes part of cheek or forehead,
heavy also covers eyes, nose and mouth.
"""

from mlcore.degradation.levels import LEVELS, Degraded, degrade, seed_for
from mlcore.degradation.zones import Zones, find_zones

__all__ = ["LEVELS", "Degraded", "Zones", "degrade", "find_zones", "seed_for"]
