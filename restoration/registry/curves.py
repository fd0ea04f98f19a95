"""Training curves as the geometry of small charts, drawn by a template as SVG, with the table behind each.

Pure arithmetic: the web process draws without any plotting library. All coordinates are text, because
templates would write numbers in the reader's language, and an SVG only knows English ones.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from restoration.presentation.numbers import rounded
from restoration.registry.figure_labels import level_label, measure_label, number, unit_of, with_unit

WIDTH, HEIGHT = 420, 240
LEFT, RIGHT, TOP, BOTTOM = 46, 308, 14, 206  # the plot inside; what is right of it holds the lines' names
LABEL_GAP = 14
MARKED_UP_TO = 15
"""Points: a line of no more has a mark at each, a longer one at its end only."""

MEAN = "mean"
LEVEL_ORDER = ("light", "medium", "heavy", "archive", "clean", "all", MEAN)
ADVERSARIAL = ("G_GAN", "D_real", "D_fake")
# A shape beside the colour and the dashes, so that lines can be told apart without seeing colours.
SHAPES = (
    "M-3.5,0a3.5,3.5 0 1,0 7,0a3.5,3.5 0 1,0 -7,0z",
    "M-3.2,-3.2h6.4v6.4h-6.4z",
    "M0,-4.2l4,7.2h-8z",
    "M0,-4.4l4.4,4.4l-4.4,4.4l-4.4,-4.4z",
)

Points = dict[int, float]


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: its coordinate and what is written there."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One curve. `style` numbers its colour and dashes, or is "mean"; `marks` are places of its `shape`."""

    name: str
    style: str
    points: str
    marks: list[tuple[str, str]]
    shape: str
    label_y: str
    summary: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A small chart, with everything that its template draws. `rows`: an epoch, then a text for each line."""

    key: str
    title: str
    lines: list[Line]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    phases: list[Tick]
    rows: list[tuple[int, list[str]]]


def charts_of(training_log: Sequence[dict[str, Any]]) -> list[Chart]:
    """One chart for each measure that was validated, by level, then one for the adversarial losses and one
    for each other loss. Epochs as ModelVersion.training_log has them; none give no charts.
    """
    phases = _phases(training_log)
    charts = [
        _chart(f"val-{measure}", _validation_title(measure), measure, series, phases)
        for measure, series in _validation(training_log).items()
    ]
    losses = _losses(training_log)
    adversarial = {name: losses.pop(name) for name in ADVERSARIAL if name in losses}
    if adversarial:
        charts.append(_chart("loss-adversarial", _("Adversarial losses"), "loss", adversarial, phases))
    charts += [
        _chart(f"loss-{name}", _("Loss %(name)s") % {"name": name}, "loss", {name: points}, phases)
        for name, points in losses.items()
    ]
    return charts


def _validation_title(measure: str) -> str:
    title = _("%(measure)s by epoch") % {"measure": measure_label(measure)}
    return f"{title} ({unit_of(measure)})" if unit_of(measure) else title


def _validation(log: Sequence[dict[str, Any]]) -> dict[str, dict[str, Points]]:
    """By measure and level: PSNR and SSIM first, then whatever else was validated."""
    found: dict[str, dict[str, Points]] = {"psnr": {}, "ssim": {}}
    for epoch in log:
        for level, measures in epoch.get("validation", {}).items():
            for measure, value in measures.items():
                if _is_number(value):
                    found.setdefault(measure, {}).setdefault(level, {})[epoch["epoch"]] = value
    return {
        measure: dict(sorted(series.items(), key=lambda item: _level_rank(item[0])))
        for measure, series in found.items()
        if series
    }


def _losses(log: Sequence[dict[str, Any]]) -> dict[str, Points]:
    found: dict[str, Points] = {}
    for epoch in log:
        for name, value in epoch.get("losses", {}).items():
            if _is_number(value):
                found.setdefault(name, {})[epoch["epoch"]] = value
    return found


def _phases(log: Sequence[dict[str, Any]]) -> list[tuple[float, str]]:
    """Where a phase begins, and its name."""
    return [
        ((before["epoch"] + after["epoch"]) / 2, after["phase"])
        for before, after in itertools.pairwise(log)
        if after.get("phase") and after["phase"] != before.get("phase")
    ]


def _chart(
    key: str, title: str, measure: str, series: dict[str, Points], phases: Iterable[tuple[float, str]]
) -> Chart:
    epochs = sorted({epoch for points in series.values() for epoch in points})
    values = [value for points in series.values() for value in points.values()]
    y_values = _ticks(min(values), max(values))
    low, high = min(y_values[0], *values), max(y_values[-1], *values)
    first, last = epochs[0], max(epochs[-1], epochs[0] + 1)

    def x(epoch: float) -> float:
        return LEFT + (RIGHT - LEFT) * (epoch - first) / (last - first)

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low)

    by_level = measure != "loss"
    names = {name: level_label(name) if by_level else name for name in series}
    label_ys = _apart({name: y(points[max(points)]) for name, points in series.items()})
    lines = []
    for index, (name, points) in enumerate(series.items()):
        places = [(_coordinate(x(epoch)), _coordinate(y(points[epoch]))) for epoch in sorted(points)]
        lines.append(
            Line(
                name=names[name],
                style=MEAN if name == MEAN else str(index % len(SHAPES)),
                points=" ".join(",".join(place) for place in places),
                marks=places if len(places) <= MARKED_UP_TO else places[-1:],
                shape=SHAPES[index % len(SHAPES)],
                label_y=_coordinate(label_ys[name]),
                summary=_summary(names[name], measure, points),
            )
        )
    return Chart(
        key=key,
        title=title,
        lines=lines,
        x_ticks=[
            Tick(_coordinate(x(epoch)), str(round(epoch)))
            for epoch in _ticks(first, last, whole=True)
            if first <= epoch <= last
        ],
        y_ticks=[Tick(_coordinate(y(value)), _tick_text(value, y_values)) for value in y_values],
        phases=[Tick(_coordinate(x(epoch)), name) for epoch, name in phases if first < epoch < last],
        rows=[
            (
                epoch,
                [number(measure, series[name][epoch]) if epoch in series[name] else "" for name in series],
            )
            for epoch in epochs
        ],
    )


def _summary(name: str, measure: str, points: Points) -> str:
    first, last = min(points), max(points)
    return _("%(name)s: %(first)s at epoch %(first_epoch)s, %(last)s at epoch %(last_epoch)s.") % {
        "name": name,
        "first": with_unit(measure, points[first]),
        "first_epoch": first,
        "last": with_unit(measure, points[last]),
        "last_epoch": last,
    }


def _ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Round numbers, three to six of them, that enclose `low` and `high`."""
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(factor * power for factor in (1, 2, 5, 10) if span / (factor * power) <= 5)
    step = max(1.0, round(step)) if whole else step
    first, last = math.floor(low / step), math.ceil(high / step)
    last = max(last, first + 1)
    return [number * step for number in range(first, last + 1)]


def _tick_text(value: float, ticks: Sequence[float]) -> str:
    """With as many decimals as the step between ticks needs."""
    step = ticks[1] - ticks[0]
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    return rounded(value, places)


def _apart(wanted: dict[str, float]) -> dict[str, float]:
    """The labels' heights, each as near to its line's end as the others leave room."""
    placed: dict[str, float] = {}
    lowest = float("-inf")
    for name, height in sorted(wanted.items(), key=lambda item: item[1]):
        lowest = max(height, lowest + LABEL_GAP)
        placed[name] = lowest
    below = max(0.0, lowest - BOTTOM)
    return {name: height - below for name, height in placed.items()}


def _level_rank(level: str) -> tuple[int, str]:
    return (LEVEL_ORDER.index(level) if level in LEVEL_ORDER else -1, level)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _coordinate(value: float) -> str:
    return f"{value:.1f}"
