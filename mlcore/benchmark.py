"""Measuring methods on pairs of degraded and clean pictures.

Each method is scored picture by picture, on the whole picture and inside the damage mask only; means come
with a 95 % bootstrap interval. PSNR of a picture that was restored without any error would be infinite and
spoil every mean: it is counted as 100 dB.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mlcore.baselines import Method
from mlcore.dataset import Pair
from mlcore.degradation import LEVELS
from mlcore.images import Bytes, bytes_to_unit, load_rgb, mask_to_tensor
from mlcore.inference import Restorer
from mlcore.metrics import METRICS

ALL_LEVELS = "all"
INSIDE = "_inside"
MEASURES = tuple(name + where for where in ("", INSIDE) for name in METRICS)
"""What is measured: each metric on the whole picture, then each inside the mask."""

PERFECT_PSNR = 100.0
RESAMPLES = 2000
CONFIDENCE = 0.95

Progress = Callable[[int, int], None]
"""Called with the number of results measured and the number of all."""


@dataclass(frozen=True, slots=True)
class Score:
    """One method on one picture. ``values``: by measure, without those that have none (an empty mask)."""

    method: str
    level: str
    stem: str
    values: dict[str, float]
    seconds: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over ``n`` pictures and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Row:
    """One method at one level (or all): ``measures`` maps a measure to its interval; ``n`` counts the
    pictures.
    """

    method: Method
    level: str
    n: int
    measures: dict[str, Interval]
    seconds: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What was measured: a table by level, "all" last, and each single score behind it."""

    levels: list[str]
    rows: list[Row]
    scores: list[Score]

    def table(self, level: str) -> list[Row]:
        """The rows of one level, in the order in which the methods were given."""
        return [row for row in self.rows if row.level == level]


def model_method(restorer: Restorer, *, title: str, name: str = "model") -> Method:
    """The trained model as one method among the others; it is not told the mask."""
    return Method(
        name,
        title,
        lambda degraded, mask: restorer.restore(degraded, keep_mask=False).image,
        needs_mask=False,
    )


def choose_pairs(pairs: Sequence[Pair], *, limit: int | None, seed: int) -> list[Pair]:
    """At most ``limit`` pictures of each level, the same ones at every level, drawn by ``seed``.

    Pictures come in the drawn order, so that the first few of the result are a fair sample too.
    """
    stems = sorted({pair.stem for pair in pairs})
    rank = dict(zip(np.random.default_rng(seed).permutation(stems), range(len(stems)), strict=True))
    chosen: list[Pair] = []
    for level in levels_of(pairs):
        of_level = sorted((pair for pair in pairs if pair.level == level), key=lambda pair: rank[pair.stem])
        chosen.extend(of_level[:limit])
    return chosen


def levels_of(pairs: Iterable[Pair]) -> list[str]:
    """The levels that occur, from light to heavy, and behind them any that have other names."""
    present = {pair.level for pair in pairs}
    return [*(level for level in LEVELS if level in present), *sorted(present.difference(LEVELS))]


def run(
    pairs: Sequence[Pair],
    methods: Sequence[Method],
    *,
    limit: int | None = None,
    slow_limit: int | None = None,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> Benchmark:
    """Score every method on every pair and sum up.

    ``limit``: pictures a level (None: all). ``slow_limit``: pictures a level for methods that are slow, the
    first of the same drawn order; their rows then say so with their own ``n``. ``seed`` draws pictures and
    resamples. Methods that need a mask skip pairs without one. ValueError where there are no pairs.
    """
    chosen = choose_pairs(pairs, limit=limit, seed=seed)
    if not chosen:
        raise ValueError("no pairs to measure on")
    work = [(pair, _applicable(methods, pair, place, slow_limit)) for pair, place in _with_place(chosen)]
    total = sum(len(applicable) for _, applicable in work)
    scores: list[Score] = []
    for pair, applicable in work:
        degraded, clean, mask = load_pair(pair)
        for method in applicable:
            started = time.perf_counter()
            restored = method.restore(degraded, mask)
            seconds = time.perf_counter() - started
            scores.append(Score(method.name, pair.level, pair.stem, measure(restored, clean, mask), seconds))
            if on_progress:
                on_progress(len(scores), total)
    return summarise(scores, methods, levels_of(chosen), seed=seed)


def load_pair(pair: Pair) -> tuple[Bytes, Bytes, Bytes | None]:
    """Degraded and clean picture, (H, W, 3) uint8, and the mask, (H, W) uint8, if there is one."""
    mask = load_rgb(pair.mask)[..., 0] if pair.mask else None
    return load_rgb(pair.degraded), load_rgb(pair.clean), mask


def measure(restored: Bytes, clean: Bytes, mask: Bytes | None) -> dict[str, float]:
    """Every measure of one restored picture, (H, W, 3) uint8; those without a value are left out."""
    ours, theirs = bytes_to_unit(restored), bytes_to_unit(clean)
    inside = None if mask is None else mask_to_tensor(mask)
    values: dict[str, float] = {}
    with torch.inference_mode():
        for name, metric in METRICS.items():
            values[name] = float(metric.function(ours, theirs, None))
            if inside is not None:
                values[name + INSIDE] = float(metric.function(ours, theirs, inside))
    finite = {name: min(value, PERFECT_PSNR) for name, value in values.items() if not math.isnan(value)}
    return {name: finite[name] for name in MEASURES if name in finite}


def summarise(
    scores: Sequence[Score], methods: Sequence[Method], levels: Sequence[str], *, seed: int
) -> Benchmark:
    """Means and intervals of each method at each level and over all; methods without a score have no row."""
    rows = []
    for level in (*levels, ALL_LEVELS):
        for method in methods:
            of_row = [
                score
                for score in scores
                if score.method == method.name and level in (score.level, ALL_LEVELS)
            ]
            if of_row:
                rows.append(_row(method, level, of_row, seed))
    return Benchmark(list(levels), rows, list(scores))


def bootstrap_mean(values: Sequence[float], pictures: Sequence[str], *, seed: int) -> Interval:
    """Mean of ``values`` with its percentile bootstrap interval.

    What is drawn with replacement are pictures, not values: the same picture at three levels is one
    observation of the world and not three.
    """
    names, numbers = np.unique(np.asarray(pictures), return_inverse=True)
    sums = np.bincount(numbers, weights=np.asarray(values, np.float64))
    counts = np.bincount(numbers).astype(np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(names), (RESAMPLES, len(names)))
    means: NDArray[np.float64] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(np.mean(values)), float(low), float(high), len(values))


def _row(method: Method, level: str, scores: Sequence[Score], seed: int) -> Row:
    measures = {}
    for name in MEASURES:
        known = [(score.values[name], score.stem) for score in scores if name in score.values]
        if known:
            values, stems = zip(*known, strict=True)
            measures[name] = bootstrap_mean(values, stems, seed=seed)
    seconds = sum(score.seconds for score in scores) / len(scores)
    return Row(method, level, len(scores), measures, seconds)


def _with_place(pairs: Sequence[Pair]) -> list[tuple[Pair, int]]:
    """Each pair with its place among those of its level, counted from 0."""
    seen: dict[str, int] = {}
    places = []
    for pair in pairs:
        places.append((pair, seen.setdefault(pair.level, 0)))
        seen[pair.level] += 1
    return places


def _applicable(methods: Sequence[Method], pair: Pair, place: int, slow_limit: int | None) -> list[Method]:
    return [
        method
        for method in methods
        if (pair.mask or not method.needs_mask)
        and (slow_limit is None or not method.slow or place < slow_limit)
    ]
