"""How long the tiles of a picture take, how much memory they need, and how large they are.

    python benchmarks/zoom_tiles.py FOLDER [--megapixels 12 150]

Each picture is a JPEG with grain, made here, as it is and turned by its EXIF orientation; its tiles are made
in a process of its own, whose greatest resident memory is what is said.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
UPRIGHT, TURNED = 1, 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megapixels", type=int, nargs="+", default=[12, 150])
    parser.add_argument("--tile", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.tile:
        _tile(options.tile)
        return
    print("| picture | megapixels | file, MB | seconds | peak memory, MB | tiles, MB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for megapixels in options.megapixels:
        for orientation in (UPRIGHT, TURNED):
            path = _picture(options.folder, megapixels, orientation)
            command = [sys.executable, __file__, str(options.folder), "--tile", str(path)]
            settings = {
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "PULIH_VAR_DIR": str(options.folder / "var"),
            }
            told = subprocess.run(
                command, check=True, capture_output=True, text=True, env=os.environ | settings
            ).stdout.split()
            name = "turned" if orientation == TURNED else "upright"
            file = path.stat().st_size / 1_000_000
            print(f"| {name} | {megapixels} | {file:.0f} | {told[0]} | {told[1]} | {told[2]} |", flush=True)


def _picture(folder: Path, megapixels: int, orientation: int) -> Path:
    from archive.formats.decoding import libvips

    path = folder / f"{megapixels}-{orientation}.jpg"
    if path.exists():
        return path
    pyvips = libvips()
    height = round((megapixels * 1_000_000 * 3 / 4) ** 0.5)
    width = round(megapixels * 1_000_000 / height)
    shapes = pyvips.Image.gaussnoise(width // 8 + 1, height // 8 + 1, sigma=40, mean=128, seed=1)
    shapes = shapes.gaussblur(3).linear([6], [-640]).resize(8).crop(0, 0, width, height)
    grain = pyvips.Image.gaussnoise(width, height, sigma=6, mean=0, seed=2)
    grey = shapes + grain
    image = grey.bandjoin([grey * 0.9 + 10, grey * 0.75 + 15]).cast("uchar").copy(interpretation="srgb")
    image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    image.jpegsave(str(path), Q=92)
    return path


def _tile(path: Path) -> None:
    import django

    django.setup()
    from archive.zooming.pyramids import write_tiles

    started = time.perf_counter()
    tiles = write_tiles(path, "ab" * 32)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:.1f} {peak:.0f} {tiles.stat().st_size / 1_000_000:.1f}")


if __name__ == "__main__":
    main()
