"""Pictures side by side, with labels: the part of a benchmark that figures do not tell."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mlcore.baselines import Method
from mlcore.benchmark_cases import Case, Subject, levels_of
from mlcore.images import Bytes

CELL = 256
GAP = 6
LABEL_HEIGHT = 26
FONT_SIZE = 15
PAPER = (255, 255, 255)
INK = (20, 20, 20)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line of a sheet: its label, and pictures, (H, W, 3) uint8 of any size, by column title; None stays
    empty.
    """

    label: str
    pictures: dict[str, Bytes | None]


def sheet_rows(subjects: Sequence[Subject], methods: Sequence[Method]) -> list[SheetRow]:
    """Clean, degraded and each method's answer for each picture and level, level by level, of one seed each.

    Behind a method that finds the damage stands what it found, white where it is sure. Methods that need a
    mask stay empty without one.
    """
    levels = levels_of(subjects)
    cases = [(case, subject.stem) for subject in subjects for case in subject.cases(one_seed=True)]
    cases.sort(key=lambda shown: levels.index(shown[0].level))
    return [_row_of(f"{case.level}: {stem}", case, methods) for case, stem in cases]


def draw_sheet(rows: Sequence[SheetRow], *, cell: int = CELL) -> Bytes:
    """Lay the rows out under each other, each picture scaled into a square of ``cell`` pixels: (H, W, 3)
    uint8.

    Columns are those of the first row, in its order. ValueError for no rows, or rows of different columns.
    """
    if not rows:
        raise ValueError("a sheet needs at least one row")
    titles = list(rows[0].pictures)
    for row in rows:
        if list(row.pictures) != titles:
            raise ValueError(f"row {row.label!r} has other columns than the first")
    step = cell + GAP
    block = LABEL_HEIGHT + step
    sheet = Image.new("RGB", (GAP + step * len(titles), LABEL_HEIGHT + block * len(rows)), PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(FONT_SIZE)
    for column, title in enumerate(titles):
        pen.text((GAP + column * step + cell // 2, LABEL_HEIGHT // 2), title, INK, font, anchor="mm")
    for number, row in enumerate(rows):
        top = LABEL_HEIGHT + number * block
        pen.text((GAP, top + LABEL_HEIGHT // 2), row.label, INK, font, anchor="lm")
        for column, title in enumerate(titles):
            picture = row.pictures[title]
            if picture is not None:
                fitted = _fit(picture, cell)
                left = GAP + column * step + (cell - fitted.width) // 2
                sheet.paste(fitted, (left, top + LABEL_HEIGHT + (cell - fitted.height) // 2))
    return np.asarray(sheet)


def _row_of(label: str, case: Case, methods: Sequence[Method]) -> SheetRow:
    pictures: dict[str, Bytes | None] = {"clean": case.clean, "degraded": case.degraded}
    for method in methods:
        if case.mask is None and method.needs_mask:
            pictures[method.title] = None
            continue
        answer = method.restore(case.degraded, case.mask)
        pictures[method.title] = answer.image
        if answer.mask is not None:
            found = (answer.mask * 255).round().clip(0, 255).astype(np.uint8)
            pictures[f"found by {method.title}"] = found[..., None].repeat(3, axis=2)
    return SheetRow(label, pictures)


def _fit(picture: Bytes, side: int) -> Image.Image:
    """Scale so that the longer side is ``side`` pixels."""
    image = Image.fromarray(picture)
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)
