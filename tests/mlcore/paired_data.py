"""A tiny paired data set on disk, as degrade_dataset lays it out."""

from pathlib import Path

import numpy as np

from mlcore.images import Bytes, save_png


def clean_picture(seed: int, side: int = 24) -> Bytes:
    """A smooth gradient with a little noise, different for each seed."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[:side, :side]
    base = np.stack([60 + 3 * down, 200 - 2 * across, 90 + down + across], axis=2)
    return (base + rng.integers(0, 12, base.shape)).astype(np.uint8)


def scratch_mask(side: int = 24) -> Bytes:
    mask = np.zeros((side, side), np.uint8)
    mask[8:12, 3 : side - 3] = 255
    return mask


def write_data_set(
    folder: Path,
    *,
    stems: int = 4,
    levels: tuple[str, ...] = ("light", "heavy"),
    masks: bool = True,
    side: int = 24,
) -> Path:
    """``clean/``, ``degraded/LEVEL/`` and ``mask/LEVEL/``: a black scratch, at "heavy" on all three sides
    wider.
    """
    for stem in range(stems):
        clean = clean_picture(stem, side)
        _save(folder / "clean" / f"p{stem}.png", clean)
        for level in levels:
            mask = scratch_mask(side)
            if level == "heavy":
                mask[6:18, 3:9] = 255
            degraded = clean.copy()
            degraded[mask > 0] = 0
            _save(folder / "degraded" / level / f"p{stem}.png", degraded)
            if masks:
                _save(folder / "mask" / level / f"p{stem}.png", mask)
    return folder


def _save(path: Path, image: Bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_png(path, image)
