"""A folder of clean pictures to a paired data set: degraded, clean, mask, manifest."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mlcore.degradation import LEVELS, RECIPES_VERSION, degrade, find_zones, seed_for
from mlcore.errors import ImageError, PairingError
from mlcore.images import Bytes, find_images, load_rgb, save_png
from mlcore.pairing import SMALLEST_SIDE

MANIFEST = "manifest.jsonl"


@dataclass(slots=True)
class WriteReport:
    """What was done: sources ``written``, ``kept`` from an earlier run, and ``bad`` with reasons."""

    written: int = 0
    kept: int = 0
    bad: list[tuple[str, str]] = field(default_factory=list)


def write_pairs(
    source: Path,
    destination: Path,
    *,
    levels: Sequence[str] = LEVELS,
    seed: int = 0,
    size: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> WriteReport:
    """Damage every picture below ``source`` at every level; what an earlier run finished is kept.

    ``size``: side in pixels to which pictures are centre-cropped and scaled; None keeps their own. A file
    that is not a picture, breaks off or is smaller than 32 pixels goes to ``bad`` and the rest go on.
    ``levels`` may be any of ``RECIPES``. Raises ``PairingError`` when ``destination`` was made otherwise:
    ``mlcore:dataset:other-seed``, or ``mlcore:dataset:other-recipe`` by a Pulih that damaged otherwise.
    """
    files = find_images(source)
    stems = _stems(source, files)
    for level in levels:
        for kind in ("degraded", "mask"):
            (destination / kind / level).mkdir(parents=True, exist_ok=True)
    (destination / "clean").mkdir(exist_ok=True)
    recorded = _read_manifest(destination, seed, size)
    report = WriteReport()
    with (destination / MANIFEST).open("a", encoding="utf-8") as manifest:
        for number, path in enumerate(files, start=1):
            missing = [level for level in levels if not _finished(destination, recorded, stems[path], level)]
            if missing:
                try:
                    lines = _write_one(path, stems[path], destination, levels=missing, seed=seed, size=size)
                except ImageError as error:
                    report.bad.append((str(path.relative_to(source)), f"{error.message} [{error.code}]"))
                else:
                    manifest.writelines(
                        json.dumps({**line, "source": path.relative_to(source).as_posix()}) + "\n"
                        for line in lines
                    )
                    manifest.flush()
                    report.written += 1
            else:
                report.kept += 1
            if on_progress:
                on_progress(number, len(files))
    return report


def _write_one(
    path: Path, stem: str, destination: Path, *, levels: Sequence[str], seed: int, size: int | None
) -> list[dict[str, Any]]:
    """Write one source's pictures and return its lines for the manifest."""
    clean = load_rgb(path)
    if min(clean.shape[:2]) < SMALLEST_SIDE:
        raise ImageError(
            "mlcore:image:tiny",
            f"{path.name}: {clean.shape[1]}x{clean.shape[0]}, needs {SMALLEST_SIDE} pixels",
        )
    if size is not None:
        clean = centre_square(clean, size)
    source_sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    zones = find_zones(clean)
    save_png(destination / "clean" / f"{stem}.png", clean)
    lines: list[dict[str, Any]] = []
    for level in levels:
        file_seed = seed_for(source_sha256, seed, level)
        damaged = degrade(clean, level, file_seed, zones)
        save_png(destination / "mask" / level / f"{stem}.png", damaged.mask)
        save_png(destination / "degraded" / level / f"{stem}.png", damaged.image)
        lines.append(
            {
                "stem": stem,
                "level": level,
                "source_sha256": source_sha256,
                "run_seed": seed,
                "recipes": RECIPES_VERSION,
                "seed": file_seed,
                "fitted": size,
                "size": [clean.shape[1], clean.shape[0]],
                "faces_found": damaged.faces_found,
            }
        )
    return lines


def _read_manifest(destination: Path, seed: int, size: int | None) -> set[tuple[str, str]]:
    """(stem, level) that are on record. A line torn by a crash is cut off, its work done again."""
    path = destination / MANIFEST
    if not path.is_file():
        return set()
    recorded: set[tuple[str, str]] = set()
    whole = ""
    for text in path.read_text(encoding="utf-8").splitlines(keepends=True):
        try:
            line = json.loads(text)
        except json.JSONDecodeError:
            continue
        if (line["run_seed"], line["fitted"]) != (seed, size):
            raise PairingError(
                "mlcore:dataset:other-seed",
                f"{destination} was made with seed {line['run_seed']} and size {line['fitted']}; "
                "use those or another folder",
            )
        if line.get("recipes", 1) != RECIPES_VERSION:
            raise PairingError(
                "mlcore:dataset:other-recipe",
                f"{destination} was damaged by an earlier version's recipes; use another folder",
            )
        recorded.add((line["stem"], line["level"]))
        whole += text if text.endswith("\n") else text + "\n"
    path.write_text(whole, encoding="utf-8")
    return recorded


def _finished(destination: Path, recorded: set[tuple[str, str]], stem: str, level: str) -> bool:
    return (stem, level) in recorded and all(
        (destination / folder / f"{stem}.png").is_file()
        for folder in ("clean", f"degraded/{level}", f"mask/{level}")
    )


def _stems(source: Path, files: Sequence[Path]) -> dict[Path, str]:
    """A name for each file that no other has: its path, with its ending only where that alone differs."""
    plain = {path: "__".join(path.relative_to(source).with_suffix("").parts) for path in files}
    taken = Counter(plain.values())
    return {
        path: stem if taken[stem] == 1 else f"{stem}-{path.suffix[1:].lower()}"
        for path, stem in plain.items()
    }


def centre_square(image: Bytes, side: int) -> Bytes:
    """The centre square of (H, W, 3) uint8, scaled to ``side`` pixels: (side, side, 3) uint8."""
    height, width = image.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    method = cv2.INTER_AREA if edge >= side else cv2.INTER_CUBIC
    square = image[top : top + edge, left : left + edge]
    return (
        square
        if edge == side
        else np.asarray(cv2.resize(square, (side, side), interpolation=method), np.uint8)
    )
