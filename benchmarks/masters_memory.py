"""Memory and time of reading a master and of rendering a result from it, at 12 and at 139 megapixels.

Each measurement has a process of its own; what counts is how far its memory peak (VmHWM) rises above what the
interpreter and its libraries need before the file is opened. Read the ratios.

    python -m benchmarks.masters_memory
    python -m benchmarks.masters_memory --kinds tiff-lzw jpeg --steps read --folder DIR
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.masters import Marking, RepairWriter, open_master, open_repair, render_result
from mlcore.masters.row_files import RowFile
from mlcore.masters.vips import libvips

SIZES = {12: (3000, 4000), 139: (9930, 14000)}
"""Megapixels: height and width."""

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "tiff-lzw": (".tif", {"compression": "lzw", "predictor": "horizontal"}),
    "tiff-one-strip": (".tif", {"rows_per_strip": 9930}),
    "tiff-one-strip-lzw": (".tif", {"rows_per_strip": 9930, "compression": "lzw"}),
    "tiff-tiles": (".tif", {"compression": "deflate", "tile": True, "tile_width": 256, "tile_height": 256}),
    "png": (".png", {"compression": 1}),
    "png-interlaced": (".png", {"compression": 1, "interlace": True}),
    "jpeg": (".jpg", {"Q": 92}),
    "jpeg-progressive": (".jpg", {"Q": 92, "interlace": True}),
    "webp": (".webp", {"lossless": True, "effort": 0}),
}
MARKING = Marking("Pulih", "benchmark", "0" * 64, datetime(2026, 1, 1, tzinfo=UTC))


def make_source(path: Path, kind: str, megapixels: int) -> None:
    """A photograph-like RGB file of the kind: soft shapes and grain."""
    height, width = SIZES[megapixels]
    rng = np.random.default_rng(0)
    across = np.linspace(0, 200, width, dtype=np.float32)[None, :, None] + np.array([0, 10, 20], np.float32)
    with RowFile(height, width, 3, np.uint8, path.parent) as rows:
        for top in range(0, height, 250):
            grain = rng.standard_normal((min(250, height - top), width, 3), np.float32) * 4
            rows.write(top, (across + grain + 20 * np.sin(top / 400)).clip(0, 255).astype(np.uint8))
        options = dict(KINDS[kind][1])
        if options.pop("rows_per_strip", None):
            _one_strip(rows, path, **options)
        else:
            rows.as_vips().write_to_file(str(path), keep="none", **options)


def _one_strip(rows: RowFile, path: Path, **options: Any) -> None:
    import tifffile

    array = rows.read(0, rows.shape[0])
    tifffile.imwrite(path, array, photometric="rgb", rowsperstrip=len(array), **options)


def read(path: Path, _layer: Path) -> None:
    """Open a master and see all of it."""
    with open_master(path, path.parent) as master:
        for page in master.pages:
            for top in range(0, page.height, 64):
                page.seen(top, min(page.height, top + 64))


def repair(path: Path, layer: Path) -> None:
    """Write a repair layer with a scratch every 500 rows."""
    with open_master(path, path.parent) as master, RepairWriter(layer, master) as writer:
        for number, page in enumerate(master.pages):
            for top in range(0, page.height - 20, 500):
                samples, seen = page.samples(top, top + 20), page.seen(top, top + 20)
                share = np.full(samples.shape[:2], 255, np.uint8)
                writer.write_rows(number, top, page.applied(samples, seen, -seen, share), share)


def render(path: Path, layer: Path) -> None:
    """Make the result."""
    with open_master(path, path.parent) as master:
        target = path.with_name(f"result{path.suffix}")
        render_result(master, open_repair(layer), target, strength=0.7, marking=MARKING)


STEPS: dict[str, Callable[[Path, Path], None]] = {"read": read, "repair": repair, "render": render}


def measure_here(step: str, path: Path) -> dict[str, float]:
    """Run one step in this process: megabytes that its peak rises, and seconds."""
    libvips()
    before, started = peak_megabytes(), time.monotonic()
    STEPS[step](path, path.with_suffix(".repair"))
    return {"megabytes": peak_megabytes() - before, "seconds": time.monotonic() - started}


def peak_megabytes() -> float:
    """VmHWM of this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    parser.add_argument(
        "--folder", type=Path, help="where the files lie meanwhile (default: a temporary folder)"
    )
    parser.add_argument("--measure", nargs=2, metavar=("STEP", "FILE"), help=argparse.SUPPRESS)
    parser.add_argument("--make", nargs=3, metavar=("FILE", "KIND", "MEGAPIXELS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make_source(Path(options.make[0]), options.make[1], int(options.make[2]))
    elif options.measure:
        print(json.dumps(measure_here(options.measure[0], Path(options.measure[1]))))
    else:
        compare(options.kinds, options.steps, options.folder)


def compare(kinds: list[str], steps: list[str], folder: Path | None) -> None:
    """Print a table of the steps for the kinds."""
    print(f"{'kind':20}{'step':8}{'12 MP':>10}{'139 MP':>10}{'ratio':>8}{'seconds':>16}")
    for kind in kinds:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            figures: dict[tuple[str, int], dict[str, float]] = {}
            for megapixels in SIZES:
                path = Path(place) / f"{megapixels}{KINDS[kind][0]}"
                _in_own_process("--make", str(path), kind, str(megapixels))
                for step in steps:
                    told = _in_own_process("--measure", step, str(path))
                    figures[step, megapixels] = json.loads(told)
            for step in steps:
                small, large = figures[step, 12], figures[step, 139]
                ratio = large["megabytes"] / max(1.0, small["megabytes"])
                print(
                    f"{kind:20}{step:8}{small['megabytes']:7.0f} MB{large['megabytes']:7.0f} MB{ratio:8.2f}"
                    f"{small['seconds']:8.1f}{large['seconds']:8.1f}",
                    flush=True,
                )


def _in_own_process(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.masters_memory", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
