"""What a benchmark measures, and how single scores become means with intervals.

Means come with a 95 % bootstrap interval whose unit is the picture. PSNR of a picture that was restored
without any error would be infinite and spoil every mean: it is counted as 100 dB.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.baselines import Method
from mlcore.images import Bytes, bytes_to_unit, mask_to_tensor
from mlcore.mask_scores import MaskCounts, pool
from mlcore.metrics import METRICS

ALL_LEVELS = "all"
INTACT, GREY = "intact", "grey"
"""Beside the levels: undamaged pictures, and damaged ones in grey."""

INSIDE = "_inside"
PERFECT_PSNR = 100.0
SUCCESSFUL_SSIM = 0.90
RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Measure:
    """How a measure is shown: its title, decimal places, and behind a figure its unit."""

    title: str
    places: int
    unit: str = ""


def _metrics(suffix: str, words: str) -> dict[str, Measure]:
    return {
        name + suffix: Measure(name.upper() + words, 2, " dB")
        if metric.unit == "dB"
        else Measure(name.upper() + words, 4)
        for name, metric in METRICS.items()
    }


QUALITY = {**_metrics("", ""), **_metrics(INSIDE, " inside"), "success": Measure("success", 3)}
"""Each metric on the whole picture, then inside the damage only; then the share of successes, see
``succeeded``.
"""
FOUND = {"iou": Measure("IoU", 3), "precision": Measure("precision", 3), "recall": Measure("recall", 3)}
"""How well the damage was found, see ``mlcore.mask_scores``."""
IDENTITY = {"identity": Measure("identity distance", 3)}
"""See ``mlcore.identity``."""
UNCHANGED = {
    "psnr": QUALITY["psnr"],
    "share_changed": Measure("share changed", 4),
    "max_change": Measure("largest change", 1),
}
"""An undamaged picture restored: what became of it, see ``mlcore.inference.change_report``."""
GREYNESS = {"channel_difference": Measure("channel difference", 1)}
"""A grey picture restored: the largest difference between channels at any pixel, in steps of 0 to 255."""
MEASURES = {**QUALITY, **FOUND, **IDENTITY, **UNCHANGED, **GREYNESS}


@dataclass(frozen=True, slots=True)
class Score:
    """One method on one damaged picture.

    ``group``: the data set, ``stem``: the picture in it, ``seed``: of its damage, if that was drawn here.
    ``values``: by measure, without those that have none. ``found``: pixels behind the found mask, if any.
    """

    method: str
    group: str
    stem: str
    level: str
    values: dict[str, float]
    seconds: float
    seed: int | None = None
    found: MaskCounts | None = None

    @property
    def picture(self) -> str:
        """The same for all damages of one picture, different for any two pictures."""
        return f"{self.group}/{self.stem}"


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over ``n`` values, its 95 % bootstrap interval, and the largest of the values."""

    mean: float
    low: float
    high: float
    n: int
    largest: float

    def words(self, places: int, sign: str = "") -> str:
        """For people, with so many decimals: "31.20 [30.90, 31.50]"; ``sign`` "+" shows it always."""
        mean, low, high = (f"{value:{sign}.{places}f}" for value in (self.mean, self.low, self.high))
        return f"{mean} [{low}, {high}]"


@dataclass(frozen=True, slots=True)
class Row:
    """One method at one level (or all) of one group (None: all): ``measures`` maps a measure to its interval.

    ``n`` counts the results, ``pictures`` the pictures behind them. ``pooled``: ``FOUND`` over the pixels
    of all pictures together.
    """

    method: Method
    group: str | None
    level: str
    n: int
    pictures: int
    measures: dict[str, Interval]
    seconds: float
    pooled: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What was measured: rows by group and level, "all" last, and each single score behind them."""

    levels: list[str]
    groups: list[str]
    methods: list[Method]
    rows: list[Row]
    scores: list[Score]

    def table(self, level: str, group: str | None = None) -> list[Row]:
        """The rows of one level, in the order in which the methods were given; ``group`` None: all data
        sets.
        """
        return [row for row in self.rows if (row.level, row.group) == (level, group)]


def measure(restored: Bytes, clean: Bytes, mask: Bytes | None) -> dict[str, float]:
    """Every metric of one restored picture, (H, W, 3) uint8, whole and inside ``mask``, (H, W) uint8.

    Those without a value are left out.
    """
    ours, theirs = bytes_to_unit(restored), bytes_to_unit(clean)
    names, masks = [""], None
    if mask is not None:
        inside = mask_to_tensor(mask)
        names, masks = ["", INSIDE], torch.cat((torch.ones_like(inside), inside))
    with torch.inference_mode():
        values = {
            name + where: min(value, PERFECT_PSNR)
            for name, metric in METRICS.items()
            for where, value in zip(names, metric.function(ours, theirs, masks).tolist(), strict=True)
            if not math.isnan(value)
        }
    return {name: values[name] for name in QUALITY if name in values}


def succeeded(values: dict[str, float], of_degraded: dict[str, float]) -> bool:
    """Is a picture restored? Our definition: better than its degraded self in PSNR and in SSIM, and SSIM at
    least 0.90.

    Abdillah and Mulyono (2025) count pictures that were judged restored and do not say by what.
    """
    better = all(values[name] > of_degraded[name] for name in ("psnr", "ssim"))
    return better and values["ssim"] >= SUCCESSFUL_SSIM


def summarise(
    scores: Sequence[Score],
    methods: Sequence[Method],
    levels: Sequence[str],
    groups: Sequence[str],
    *,
    seed: int,
) -> Benchmark:
    """Means and intervals of each method by group and level and over all; methods without a score have no
    row.
    """
    choices: list[str | None] = [*(groups if len(groups) > 1 else ()), None]
    rows = []
    for group in choices:
        for level in (*levels, ALL_LEVELS, INTACT, GREY):
            wanted = levels if level == ALL_LEVELS else [level]
            for method in methods:
                of_row = [
                    score
                    for score in scores
                    if score.method == method.name and score.level in wanted and group in (None, score.group)
                ]
                if of_row:
                    rows.append(_row(method, group, level, of_row, seed))
    return Benchmark(list(levels), list(groups), list(methods), rows, list(scores))


def bootstrap_mean(values: Sequence[float], pictures: Sequence[str], *, seed: int) -> Interval:
    """Mean of ``values`` with its percentile bootstrap interval.

    What is drawn with replacement are pictures, not values: the same picture at three levels and with five
    damages is one observation of the world and not fifteen.
    """
    names, numbers = np.unique(np.asarray(pictures), return_inverse=True)
    sums = np.bincount(numbers, weights=np.asarray(values, np.float64))
    counts = np.bincount(numbers).astype(np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(names), (RESAMPLES, len(names)))
    means: NDArray[np.float64] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(np.mean(values)), float(low), float(high), len(values), float(max(values)))


def paired_difference(
    ours: Sequence[Score],
    theirs: Sequence[Score],
    name: str,
    *,
    seed: int,
) -> Interval | None:
    """Mean of ours minus theirs in one measure, over the damaged pictures on which both have it; None
    without any.

    A method that was measured on fewer pictures is so compared on these alone.
    """
    known = {(s.picture, s.level, s.seed): s.values[name] for s in theirs if name in s.values}
    pairs = [
        (score.values[name] - known[key], score.picture)
        for score in ours
        if name in score.values and (key := (score.picture, score.level, score.seed)) in known
    ]
    if not pairs:
        return None
    differences, pictures = zip(*pairs, strict=True)
    return bootstrap_mean(differences, pictures, seed=seed)


def _row(method: Method, group: str | None, level: str, scores: Sequence[Score], seed: int) -> Row:
    measures = {}
    for name in MEASURES:
        known = [(score.values[name], score.picture) for score in scores if name in score.values]
        if known:
            values, pictures = zip(*known, strict=True)
            measures[name] = bootstrap_mean(values, pictures, seed=seed)
    counts = [score.found for score in scores if score.found is not None]
    return Row(
        method,
        group,
        level,
        n=len(scores),
        pictures=len({score.picture for score in scores}),
        measures=measures,
        seconds=sum(score.seconds for score in scores) / len(scores),
        pooled=pool(counts).figures() if counts else {},
    )
