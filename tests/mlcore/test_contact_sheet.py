"""Contact sheets: every picture in its place, at its proportions, with a label above it."""

from pathlib import Path

import numpy as np
import pytest

from mlcore.baselines import BASELINES
from mlcore.benchmark import model_method
from mlcore.benchmark_cases import paired_subjects
from mlcore.contact_sheet import GAP, LABEL_HEIGHT, SheetRow, draw_sheet, sheet_rows
from mlcore.images import Bytes
from mlcore.inference import Restorer
from mlcore.pairing import find_pairs
from tests.mlcore.paired_data import clean_picture, write_data_set
from tests.mlcore.toy_generators import Brighten

CELL = 40


def plain(height: int, width: int, colour: tuple[int, int, int]) -> Bytes:
    return np.full((height, width, 3), colour, np.uint8)


def cell(sheet: Bytes, row: int, column: int) -> Bytes:
    top = LABEL_HEIGHT + row * (LABEL_HEIGHT + CELL + GAP) + LABEL_HEIGHT
    left = GAP + column * (CELL + GAP)
    return sheet[top : top + CELL, left : left + CELL]


def test_pictures_stand_in_their_row_and_column() -> None:
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (90, 90, 0)]
    rows = [
        SheetRow("one", {"a": plain(CELL, CELL, colours[0]), "b": plain(CELL, CELL, colours[1])}),
        SheetRow("two", {"a": plain(CELL, CELL, colours[2]), "b": plain(CELL, CELL, colours[3])}),
    ]
    sheet = draw_sheet(rows, cell=CELL)
    for number, colour in enumerate(colours):
        np.testing.assert_array_equal(cell(sheet, number // 2, number % 2), plain(CELL, CELL, colour))


def test_a_picture_of_the_cell_s_size_is_not_resampled() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (CELL, CELL, 3), dtype=np.uint8)
    sheet = draw_sheet([SheetRow("r", {"a": picture})], cell=CELL)
    np.testing.assert_array_equal(cell(sheet, 0, 0), picture)


def test_a_wide_picture_keeps_its_proportions_in_the_middle_of_its_cell() -> None:
    sheet = draw_sheet([SheetRow("r", {"a": plain(50, 100, (0, 0, 0))})], cell=CELL)
    dark = (cell(sheet, 0, 0) == 0).all(axis=2)
    assert dark.sum() == 20 * CELL
    assert dark[10:30].all()


def test_titles_and_labels_are_written() -> None:
    def ink(title: str, label: str) -> tuple[int, int]:
        sheet = draw_sheet([SheetRow(label, {title: plain(CELL, CELL, (255, 255, 255))})], cell=CELL)
        return int((sheet[:LABEL_HEIGHT] < 128).sum()), int((sheet[LABEL_HEIGHT:] < 128).sum())

    assert ink("", "") == (0, 0)
    title_only, label_only = ink("MMM", ""), ink("", "MMM")
    assert title_only[0] > 50
    assert title_only[1] == 0
    assert label_only[0] == 0
    assert label_only[1] > 50


def test_an_absent_picture_leaves_its_cell_empty() -> None:
    sheet = draw_sheet([SheetRow("r", {"a": None, "b": plain(CELL, CELL, (0, 0, 0))})], cell=CELL)
    assert (cell(sheet, 0, 0) == 255).all()
    assert (cell(sheet, 0, 1) == 0).all()


def test_sheets_without_rows_or_with_uneven_ones_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        draw_sheet([])
    with pytest.raises(ValueError, match="row 'two' has other columns than the first"):
        draw_sheet([SheetRow("one", {"a": None}), SheetRow("two", {"b": None})])


def test_rows_hold_clean_degraded_and_each_method_level_by_level(tmp_path: Path) -> None:
    subjects = paired_subjects(find_pairs(write_data_set(tmp_path, stems=2)), "faces")
    rows = sheet_rows(subjects, [BASELINES["median"], BASELINES["telea"]])
    assert [row.label for row in rows] == ["light: p0", "light: p1", "heavy: p0", "heavy: p1"]
    assert list(rows[0].pictures) == ["clean", "degraded", "median filter", "Telea"]
    assert rows[0].pictures["clean"] is not None
    np.testing.assert_array_equal(rows[0].pictures["clean"], clean_picture(0))


def test_behind_a_method_that_finds_the_damage_stands_what_it_found(tmp_path: Path) -> None:
    subjects = paired_subjects(find_pairs(write_data_set(tmp_path, stems=1, levels=("light",))), "faces")
    row = sheet_rows(subjects, [model_method(Restorer(Brighten()), title="toy")])[0]
    assert list(row.pictures) == ["clean", "degraded", "toy", "found by toy"]
    degraded, found = row.pictures["degraded"], row.pictures["found by toy"]
    assert degraded is not None
    assert found is not None
    np.testing.assert_array_equal(found, np.where(degraded[..., :1] < 128, 255, 0).repeat(3, axis=2))


def test_methods_that_need_a_mask_stay_empty_without_one(tmp_path: Path) -> None:
    subjects = paired_subjects(find_pairs(write_data_set(tmp_path, stems=1, masks=False)), "faces")
    row = sheet_rows(subjects, [BASELINES["median"], BASELINES["telea"]])[0]
    assert row.pictures["Telea"] is None
    assert row.pictures["median filter"] is not None
