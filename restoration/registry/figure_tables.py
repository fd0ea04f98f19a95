"""Figures as tables for pages: every cell a text in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from restoration.registry.figure_labels import (
    MEASURES,
    interval,
    level_label,
    measure_label,
    method_label,
    with_unit,
)
from restoration.registry.figures import (
    DECISIVE,
    LOWER_IS_BETTER,
    MODEL,
    Comparison,
    Difference,
    Figure,
    Row,
    rows_of,
)

NONE = "\N{EN DASH}"
APART = ("intact", "grey")
"""Levels that are none: measured otherwise, and so in tables of their own."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A mean, and below it its interval."""

    text: str
    interval: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """`n`: the number of pictures behind it. `is_model`: the model's own row among other methods."""

    heading: str
    n: str
    cells: list[Cell]
    told_mask: bool = False
    is_model: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are the headings of `cells`."""

    heading: str
    columns: list[str]
    rows: list[TableRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One measure of two models; `verdict`: better, worse, equal, or empty where one was not measured."""

    measure: str
    first: Cell
    second: Cell
    difference: str
    verdict: str


def own_tables(benchmark: dict[str, Any], *, only: Sequence[str] = ()) -> list[Table]:
    """The model's own figures, a row for each level; tables of their own for each group of pictures, if there
    are several, and for undamaged and grey pictures. `only`: the measures to show, over all pictures.
    """
    rows = [row for row in rows_of(benchmark) if row.method == MODEL]
    if only:
        rows = [row for row in rows if not row.group and all(name in row.measures for name in only)]
    tables = []
    for group in dict.fromkeys(row.group for row in sorted(rows, key=lambda row: row.group)):
        of_group = [row for row in rows if row.group == group]
        ordinary = [row for row in of_group if row.level not in APART]
        tables.append(_table(group or _("All pictures"), ordinary, _levels(ordinary), only))
        tables += [
            _table(" · ".join(filter(None, [group, level_label(row.level)])), [row], _levels([row]), only)
            for row in of_group
            if row.level in APART
        ]
    return [table for table in tables if table.rows]


def method_tables(benchmark: dict[str, Any], *, model_name: str) -> list[Table]:
    """For each level the model beside every other method that was measured with it, over all pictures."""
    rows = [row for row in rows_of(benchmark) if not row.group]
    levels = list(dict.fromkeys(row.level for row in rows))
    tables = []
    for level in levels:
        of_level = [row for row in rows if row.level == level]
        if len(of_level) > 1:
            tables.append(
                _table(
                    level_label(level),
                    of_level,
                    [
                        model_name if row.method == MODEL else method_label(row.method, row.title)
                        for row in of_level
                    ],
                )
            )
    return tables


def difference_tables(comparison: Comparison, *, decisive: bool) -> list[tuple[str, list[DifferenceRow]]]:
    """By level: measures of the first model (the present one) and of the second, either those that promotions
    are decided by or all others.
    """
    comparable = comparison.refusal in {"", "restoration:model:not-better"}
    tables: dict[str, list[DifferenceRow]] = {}
    for each in comparison.differences:
        if (each.measure in DECISIVE) is not decisive:
            continue
        tables.setdefault(level_label(each.level), []).append(_difference_row(each, comparable))
    return list(tables.items())


def cell(measure: str, figure: Figure | None) -> Cell:
    """A figure with its unit, or a dash."""
    if figure is None:
        return Cell(NONE)
    return Cell(with_unit(measure, figure.mean), interval(measure, figure))


def _levels(rows: list[Row]) -> list[str]:
    return [level_label(row.level) for row in rows]


def _table(heading: str, rows: list[Row], headings: list[str], only: Sequence[str] = ()) -> Table:
    present = set(only) or {measure for row in rows for measure in row.measures}
    known = list(MEASURES)
    measures = sorted(present, key=lambda name: (known.index(name) if name in known else len(known), name))
    return Table(
        heading,
        [measure_label(measure) for measure in measures],
        [
            TableRow(
                heading=text,
                n=_pictures(row),
                cells=[cell(measure, row.measures.get(measure)) for measure in measures],
                told_mask=row.told_mask,
                is_model=row.method == MODEL,
            )
            for text, row in zip(headings, rows, strict=True)
        ],
    )


def _pictures(row: Row) -> str:
    numbers = [row.pictures, *(figure.n for figure in row.measures.values())]
    return next((str(number) for number in numbers if number is not None), NONE)


def _difference_row(each: Difference, comparable: bool) -> DifferenceRow:
    value = each.value if comparable else None
    if value is None:
        text, verdict = NONE, ""
    else:
        text = with_unit(each.measure, value, signed=True)
        # What is equal as written is called so, however the last digits differ.
        shown_as_zero = not any(digit in text for digit in "123456789")
        better = value < 0 if each.measure in LOWER_IS_BETTER else value > 0
        verdict = "equal" if shown_as_zero else "better" if better else "worse"
    return DifferenceRow(
        measure=measure_label(each.measure),
        first=cell(each.measure, each.present),
        second=cell(each.measure, each.candidate),
        difference=text,
        verdict=verdict,
    )
