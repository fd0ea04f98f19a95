"""Finding and checking the pairs of a data set before anyone trains on them.

Pairs meet by name in alphanumeric order, as in Abdillah and Mulyono (2025): every picture in
``degraded/LEVEL`` needs one of the same stem in ``clean``, of the same size; both must decode whole.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from mlcore.dataset import Pair
from mlcore.errors import ImageError, PairingError
from mlcore.images import find_images, load_rgb

SMALLEST_SIDE = 32
"""Pixels. Smaller pictures have nothing to learn from and do not fit the networks."""

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
    corrupt or mis-sized one in ``problems``."""
    problems: list[str] = []
    clean_sizes: dict[Path, tuple[int, int] | None] = {}
    for number, pair in enumerate(pairs, start=1):
        if pair.clean not in clean_sizes:
            clean_sizes[pair.clean] = _size(pair.clean, f"clean/{pair.clean.name}", problems)
        expected = clean_sizes[pair.clean]
        for path, label in (
            (pair.degraded, f"degraded/{pair.level}/{pair.degraded.name}"),
            (pair.mask, f"mask/{pair.level}/{pair.stem}.png"),
        ):
            size = None if path is None else _size(path, label, problems)
            if size and expected and size != expected:
                problems.append(
                    f"{label}: {size[0]}x{size[1]}, its clean picture {expected[0]}x{expected[1]}"
                )
        if on_progress:
            on_progress(number, len(pairs))
    if problems:
        raise PairingError("mlcore:pairing:broken", f"{len(problems)} files cannot be used", problems)


def _size(path: Path, label: str, problems: list[str]) -> tuple[int, int] | None:
    """(width, height) of a picture that decodes whole; else a line in ``problems`` and None."""
    try:
        height, width = load_rgb(path).shape[:2]
    except ImageError as error:
        problems.append(f"{label}: {error.code} {error.message}")
        return None
    if min(height, width) < SMALLEST_SIDE:
        problems.append(f"{label}: {width}x{height}, smaller than {SMALLEST_SIDE} pixels")
        return None
    return width, height


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
