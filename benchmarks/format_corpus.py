"""The corpus of format samples through the archive: is each accepted, and how right is its thumbnail?

    python benchmarks/format_corpus.py FOLDER

Writes to FOLDER every sample, its thumbnail, `figures.csv`, and contact sheets: of each pair, the left one is
how it must look, the right one the thumbnail.
"""

import argparse
import csv
import os
import re
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
PER_SHEET, ACROSS = 60, 4
CELL = (2 * 244 + 6, 72 + 26)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="samples with this in their names")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    os.environ.setdefault("PULIH_VAR_DIR", str(options.folder / "var"))
    import django

    django.setup()
    rows, cells = _measured(options.folder, options.only)
    with (options.folder / "figures.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sample", "mean dE2000", "95 %", "largest", "seconds"])
        writer.writerows(rows)
    for number in range(0, len(cells), PER_SHEET):
        _sheet(cells[number : number + PER_SHEET]).save(
            options.folder / f"sheet-{number // PER_SHEET + 1}.png"
        )
    worst = max(row[1] for row in rows)
    print(f"{len(rows)} samples, worst mean dE2000 {worst:.3f}")
    return 0 if worst <= 1 else 1


def _measured(folder: Path, only: str) -> tuple[list[list], list]:
    from archive.files.renditions import draft_renditions
    from archive.formats.sniffing import sniff_image
    from archive.models import Rendition
    from tests.archive.corpus import SAMPLES
    from tests.archive.corpus.judging import difference, scaled

    rows, cells = [], []
    for name, sample in SAMPLES.items():
        if only not in name:
            continue
        content = sample.make()
        safe = re.sub("[^a-zA-Z0-9]+", "-", name)
        path = folder / f"{safe}.{sample.media_type.partition('/')[2]}"
        path.write_bytes(content)
        shown = sample.shown(content)
        started = time.perf_counter()
        try:
            sniffed = sniff_image(path)
            with draft_renditions(path) as drafts:
                thumbnail = next(
                    draft.path.read_bytes() for draft in drafts if draft.spec.kind == Rendition.Kind.THUMBNAIL
                )
        except Exception as error:  # noqa: BLE001  # every failure is a line of the report
            print(f"{name:45} {type(error).__name__}: {error}")
            rows.append([name, float("inf"), "", "", ""])
            continue
        seconds = time.perf_counter() - started
        assert (sniffed.media_type, sniffed.height, sniffed.width) == (sample.media_type, *shown.shape[:2]), (
            name
        )
        path.with_name(path.name + "-thumbnail.jpg").write_bytes(thumbnail)
        away = difference(thumbnail, shown)
        figures = [float(away.mean()), float(np.percentile(away, 95)), float(away.max())]
        rows.append([name, *(round(figure, 3) for figure in figures), round(seconds, 3)])
        print(
            f"{name:45} {figures[0]:7.3f} {figures[1]:7.2f} {figures[2]:7.1f}  {seconds:6.3f} s", flush=True
        )
        small = scaled(shown, 240, round(240 * shown.shape[0] / shown.shape[1]))
        expected = Image.fromarray(np.rint(small * 255).astype(np.uint8))
        with Image.open(path.with_name(path.name + "-thumbnail.webp")) as image:
            cells.append((f"{name}: {figures[0]:.2f}", expected, image.convert("RGB").resize(expected.size)))
    return rows, cells


def _sheet(cells: list) -> Image.Image:
    sheet = Image.new("RGB", (ACROSS * CELL[0], -(-len(cells) // ACROSS) * CELL[1]), (90, 90, 90))
    draw = ImageDraw.Draw(sheet)
    for number, (title, expected, seen) in enumerate(cells):
        left, top = number % ACROSS * CELL[0], number // ACROSS * CELL[1]
        draw.text((left + 4, top + 4), title, fill="white")
        for offset, image in ((0, expected), (242, seen)):
            image.thumbnail((240, 72))
            sheet.paste(image, (left + offset, top + 20))
    return sheet


if __name__ == "__main__":
    sys.exit(main())
