"""Finding and checking the pairs of a data set before anyone trains on them.

Pairs meet by name in alphanumeric order, as in Abdillah and Mulyono (2025): every picture in
``degraded/LEVEL`` needs one of the same stem in ``clean``, of the same size and the same subject; both must
decode whole.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mlcore.dataset import Pair
from mlcore.errors import ImageError, PairingError
from mlcore.images import find_images, load_rgb

SMALLEST_SIDE = 32
"""Pixels. Smaller pictures have nothing to learn from and do not fit the networks."""

ALIKE = 12
"""Grey levels, between thumbnails."""
AKIN = 0.6
"""Correlation of thumbnails."""

Progress = Callable[[int, int], None]


def find_pairs(folder: Path, levels: Sequence[str] | None = None) -> list[Pair]:
    """Pairs of a data set by name, without opening a picture; see ``check_pairs`` for that.

    ``levels`` keeps some of them; all by default. Raises ``PairingError`` (``mlcore:pairing:no-data-set``,
    ``:missing``) naming every degraded picture without a clean one and the other way round.
    """
    degraded_root, clean_root = folder / "degraded", folder / "clean"
    if not degraded_root.is_dir() or not clean_root.is_dir():
        raise PairingError(
            "mlcore:pairing:no-data-set",
            f"{folder} has no folders 'degraded' and 'clean'; degrade_dataset writes them",
        )
    clean = {path.stem: path for path in find_images(clean_root)}
    found = levels or sorted(path.name for path in degraded_root.iterdir() if path.is_dir())
    pairs: list[Pair] = []
    problems: list[str] = []
    paired: set[str] = set()
    for level in found:
        for degraded in find_images(degraded_root / level):
            partner = clean.get(degraded.stem)
            if partner is None:
                problems.append(f"degraded/{level}/{degraded.name}: no clean picture of that name")
                continue
            paired.add(degraded.stem)
            mask = folder / "mask" / level / f"{degraded.stem}.png"
            pairs.append(Pair(degraded.stem, level, degraded, partner, mask if mask.is_file() else None))
    problems += [
        f"clean/{path.name}: no degraded picture of that name"
        for stem, path in sorted(clean.items())
        if stem not in paired
    ]
    if problems:
        raise PairingError("mlcore:pairing:missing", f"{len(problems)} pictures lack a partner", problems)
    if not pairs:
        raise PairingError("mlcore:pairing:empty", f"{folder}: no pair of level {', '.join(found)}")
    return sorted(pairs)


def check_pairs(pairs: Sequence[Pair], on_progress: Progress | None = None) -> None:
    """Decode every file of every pair. Raises ``PairingError`` (``mlcore:pairing:broken``) with every
    corrupt or mis-sized file, and with every pair whose halves show two different pictures, in
    ``problems``."""
    problems: list[str] = []
    seen: dict[Path, _Glimpse | None] = {}
    for number, pair in enumerate(pairs, start=1):
        if pair.clean not in seen:
            seen[pair.clean] = _look_at(pair.clean, f"clean/{pair.clean.name}", problems)
        expected = seen[pair.clean]
        for path, label in (
            (pair.degraded, f"degraded/{pair.level}/{pair.degraded.name}"),
            (pair.mask, f"mask/{pair.level}/{pair.stem}.png"),
        ):
            found = None if path is None else _look_at(path, label, problems)
            if not found or not expected:
                continue
            if (found.width, found.height) != (expected.width, expected.height):
                problems.append(
                    f"{label}: {found.width}x{found.height}, "
                    f"its clean picture {expected.width}x{expected.height}"
                )
            elif path == pair.degraded and _strangers(found.thumbnail, expected.thumbnail):
                problems.append(f"{label}: shows another picture than clean/{pair.clean.name}")
        if on_progress:
            on_progress(number, len(pairs))
    if problems:
        raise PairingError("mlcore:pairing:broken", f"{len(problems)} files cannot be used", problems)


@dataclass(frozen=True, slots=True)
class _Glimpse:
    """``thumbnail``: (32, 32) float32 luma in [0, 255]."""

    width: int
    height: int
    thumbnail: NDArray[np.float32]


def _look_at(path: Path, label: str, problems: list[str]) -> _Glimpse | None:
    """A picture that decodes whole; else a line in ``problems`` and None."""
    try:
        image = load_rgb(path)
    except ImageError as error:
        problems.append(f"{label}: {error.code} {error.message}")
        return None
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        problems.append(f"{label}: {width}x{height}, smaller than {SMALLEST_SIDE} pixels")
        return None
    small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (32, 32), interpolation=cv2.INTER_AREA)
    return _Glimpse(width, height, small.astype(np.float32))


def _strangers(degraded: NDArray[np.float32], clean: NDArray[np.float32]) -> bool:
    """Whether two thumbnails show different pictures: not even their most alike quarter is alike, and light
    and dark lie elsewhere. Damage leaves some of a picture alone, and fading leaves its drawing."""
    if np.percentile(np.abs(degraded - clean), 25) <= ALIKE:
        return False
    spread = float(degraded.std() * clean.std())
    together = float(((degraded - degraded.mean()) * (clean - clean.mean())).mean())
    return spread > 0 and together / spread < AKIN


def split_pairs(pairs: Sequence[Pair], held_out: float = 0.02) -> tuple[list[Pair], list[Pair]]:
    """Pairs to train on and pairs to validate on, by source: all levels of one picture stay together.

    ``held_out``: share in (0, 1). The choice depends on names alone, so it is the same in every run; at least
    one source is held out.
    """
    stems = sorted({pair.stem for pair in pairs}, key=lambda stem: hashlib.sha256(stem.encode()).digest())
    chosen = set(stems[: max(1, round(len(stems) * held_out))])
    return [pair for pair in pairs if pair.stem not in chosen], [
        pair for pair in pairs if pair.stem in chosen
    ]
