"""The project's own goals for a restorer, checked against what a benchmark has measured.

Only goals whose figures were measured are judged. A comparison with another method is made on the pictures
that both were measured on. Means decide; their intervals stand beside them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlcore.benchmark_scores import (
    ALL_LEVELS,
    GREY,
    INTACT,
    MEASURES,
    Benchmark,
    Interval,
    Row,
    Score,
    paired_difference,
)
from mlcore.degradation import LEVELS

LEAST_PSNR = 36.0
LEAST_SSIM = 0.965
LEAST_PSNR_HEAVY = 30.0
LEAD_INSIDE = 1.0
LED_INSIDE_AT = ("medium", "heavy")
LEAST_INTACT_PSNR = 45.0
LEAST_IOU = 0.85
MOST_CHANNEL_DIFFERENCE = 0.0
RECOGNISED_BETTER_THAN = ("telea", "fsr-fast")


@dataclass(frozen=True, slots=True)
class Bar:
    """One goal on one data set (None: all): what was ``asked`` and ``reached``, in words, and whether
    ``met``.
    """

    group: str | None
    title: str
    asked: str
    reached: str
    met: bool


def judge(benchmark: Benchmark, *, method: str, seed: int = 0) -> list[Bar]:
    """Every goal that was measured for ``method``, for each data set. ``seed`` resamples differences."""
    groups: list[str | None] = list(benchmark.groups) if len(benchmark.groups) > 1 else [None]
    bars = []
    for group in groups:
        judged = _Judged(benchmark, group, method, seed)
        bars += [
            *judged.quality(),
            *judged.against_others(),
            *judged.inside(),
            *judged.left_alone(),
            *judged.found(),
            *judged.recognised(),
        ]
    return bars


@dataclass(frozen=True, slots=True)
class _Judged:
    """One method on one data set."""

    benchmark: Benchmark
    group: str | None
    method: str
    seed: int

    def quality(self) -> Iterator[Bar]:
        if set(LEVELS) <= set(self.benchmark.levels):
            yield from self._at_least("PSNR over the levels", ALL_LEVELS, "psnr", LEAST_PSNR)
            yield from self._at_least("SSIM over the levels", ALL_LEVELS, "ssim", LEAST_SSIM)
        yield from self._at_least("PSNR at heavy", "heavy", "psnr", LEAST_PSNR_HEAVY)

    def against_others(self) -> Iterator[Bar]:
        others = [other.name for other in self.benchmark.methods if other.name != self.method]
        for level in self.benchmark.levels:
            for name in ("psnr", "ssim"):
                title = f"{MEASURES[name].title} at {level} above every other method"
                yield from self._leads(title, level, name, others=others)

    def inside(self) -> Iterator[Bar]:
        told = [other.name for other in self.benchmark.methods if other.needs_mask]
        for level in LED_INSIDE_AT:
            title = f"PSNR inside the damage at {level} above methods told where it is"
            yield from self._leads(title, level, "psnr_inside", others=told, least=LEAD_INSIDE)

    def left_alone(self) -> Iterator[Bar]:
        yield from self._at_least("undamaged picture in: PSNR out", INTACT, "psnr", LEAST_INTACT_PSNR)
        row = self._row(GREY)
        if row and "channel_difference" in row.measures:
            worst = row.measures["channel_difference"].largest
            yield Bar(
                self.group,
                "grey in: largest difference between channels out",
                f"{MOST_CHANNEL_DIFFERENCE:.0f} of 255",
                f"{worst:.0f}",
                worst <= MOST_CHANNEL_DIFFERENCE,
            )

    def found(self) -> Iterator[Bar]:
        yield from self._at_least("damage found: IoU", ALL_LEVELS, "iou", LEAST_IOU)

    def recognised(self) -> Iterator[Bar]:
        for level in self.benchmark.levels:
            for other in RECOGNISED_BETTER_THAN:
                difference = self._difference(other, level, "identity")
                if difference:
                    yield Bar(
                        self.group,
                        f"identity distance at {level} below {self._title(other)}",
                        "< 0",
                        difference.words(MEASURES["identity"].places, "+"),
                        difference.mean < 0,
                    )

    def _at_least(self, title: str, level: str, name: str, least: float) -> Iterator[Bar]:
        row = self._row(level)
        if row and name in row.measures:
            value, shown = row.measures[name], MEASURES[name]
            reached = value.words(shown.places) + shown.unit
            yield Bar(self.group, title, f">= {least:g}{shown.unit}", reached, value.mean >= least)

    def _leads(
        self, title: str, level: str, name: str, *, others: Sequence[str], least: float = 0.0
    ) -> Iterator[Bar]:
        """Ahead of all ``others`` by ``least``, of 0 by anything: the smallest lead counts."""
        leads = {other: lead for other in others if (lead := self._difference(other, level, name))}
        if leads:
            closest = min(leads, key=lambda other: leads[other].mean)
            lead, shown = leads[closest], MEASURES[name]
            yield Bar(
                self.group,
                title,
                f">= +{least:g}{shown.unit}" if least else "> 0",
                f"{lead.words(shown.places, '+')}{shown.unit} to {self._title(closest)}",
                lead.mean >= least if least else lead.mean > 0,
            )

    def _difference(self, other: str, level: str, name: str) -> Interval | None:
        ours, theirs = (self._scores(method, level) for method in (self.method, other))
        return paired_difference(ours, theirs, name, seed=self.seed)

    def _scores(self, method: str, level: str) -> list[Score]:
        return [
            score
            for score in self.benchmark.scores
            if (score.method, score.level) == (method, level) and self.group in (None, score.group)
        ]

    def _title(self, method: str) -> str:
        return next(other.title for other in self.benchmark.methods if other.name == method)

    def _row(self, level: str) -> Row | None:
        rows = self.benchmark.table(level, self.group)
        return next((row for row in rows if row.method.name == self.method), None)
