"""A model's figures: what a benchmark.json says of one model, and whether it is at least as good as another.

A record is what `benchmark_metrics` writes: `model.sha256`, `data`, `scores`, and `results`, one row for each
method, level and group of pictures (null for all), whose measures are {"mean", "low", "high", "n"}. Fields
that are not named here are none of our business.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from restoration import messages

MODEL, NOTHING = "model", "nothing"
"""Methods in a record's rows: the model itself, and leaving the damaged picture as it is."""

DECISIVE = ("psnr", "ssim")
"""What a promotion is decided by; of both, higher is better."""

LOWER_IS_BETTER = frozenset({"identity", "share_changed", "max_change", "channel_difference"})

SAME_DAMAGE = 0.01
"""dB: where leaving pictures as they are measures the same to within this, they were damaged alike."""

_KEPT = ("schema", "created", "command", "versions", "confidence", "levels", "data")


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over `n` pictures and its interval; None where the record does not say."""

    mean: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


Measures = dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Row:
    """One method at one level of one group of pictures, or of all ("").

    `told_mask`: it was told where the damage is. `pictures`: their number, None if the record does not say.
    """

    method: str
    title: str
    told_mask: bool
    group: str
    level: str
    pictures: int | None
    measures: Measures


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of two models at one level; None where one of them was not measured."""

    level: str
    measure: str
    candidate: Figure | None
    present: Figure | None

    @property
    def value(self) -> float | None:
        """How much higher the candidate is; negative where it is lower."""
        if self.candidate is None or self.present is None:
            return None
        return self.candidate.mean - self.present.mean


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models' figures. `refusal`: the code of why the candidate may not take over, or empty."""

    differences: list[Difference]
    refusal: str

    @property
    def worse(self) -> list[Difference]:
        """The decisive measures in which the candidate is lower."""
        return [each for each in self.differences if each.measure in DECISIVE and (each.value or 0) < 0]

    @property
    def incomplete(self) -> bool:
        """Whether the candidate lacks a decisive measure that the present model has."""
        return any(
            each.measure in DECISIVE and each.present is not None and each.candidate is None
            for each in self.differences
        )


def read_benchmark(text: str, *, weights_sha256: str) -> dict[str, Any]:
    """The part of a benchmark.json that the registry keeps: everything but single scores.

    Instead of these it keeps `pictures_sha256`, a hash that names the damaged pictures that were measured.
    Raises InputError `restoration:benchmark:unreadable`, `:empty` (no PSNR and SSIM of the model) or
    `:foreign` (about other weights).
    """
    try:
        record = json.loads(text)
        about = record["model"]["sha256"]
        rows = [_checked_row(row) for row in record["results"]]
        pictures = _pictures(record.get("scores", []))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise messages.input_error("restoration:benchmark:unreadable") from error
    if about != weights_sha256:
        raise messages.input_error("restoration:benchmark:foreign")
    kept = {key: record[key] for key in _KEPT if key in record}
    kept |= {"model": {"sha256": about}, "results": rows, "pictures_sha256": pictures}
    if not is_measured(kept):
        raise messages.input_error("restoration:benchmark:empty")
    return kept


def rows_of(benchmark: dict[str, Any]) -> list[Row]:
    """Every row of a kept record, in its order; none where nothing was measured."""
    return [
        Row(**{**row, "measures": {name: Figure(**figure) for name, figure in row["measures"].items()}})
        for row in benchmark.get("results", [])
    ]


def figures_of(benchmark: dict[str, Any], method: str = MODEL) -> dict[str, Measures]:
    """The figures of the model, or of another method, over all pictures: by level, in the record's order."""
    return {row.level: row.measures for row in rows_of(benchmark) if (row.method, row.group) == (method, "")}


def is_measured(benchmark: dict[str, Any]) -> bool:
    """Whether some level has all that promotions are decided by."""
    return any(all(name in measures for name in DECISIVE) for measures in figures_of(benchmark).values())


def data_name(benchmark: dict[str, Any]) -> str:
    """What the figures were measured on, in a word or a few; empty where the record does not say."""
    return ", ".join(PurePath(path).name for path in _named("path", benchmark.get("data")))


def same_pictures(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two kept records are about the same pictures, damaged alike; False if either does not say."""
    if not one.get("pictures_sha256") or one["pictures_sha256"] != other.get("pictures_sha256"):
        return False
    hashes = [sorted(_named("sha256", record.get("data"))) for record in (one, other)]
    untouched = [figures_of(record, NOTHING) for record in (one, other)]
    return (
        hashes[0] == hashes[1]
        and bool(hashes[0] or untouched[0])
        and untouched[0].keys() == untouched[1].keys()
        and all(
            _agree(ours.get("psnr"), untouched[1][level].get("psnr")) for level, ours in untouched[0].items()
        )
    )


def compare(candidate: dict[str, Any], present: dict[str, Any]) -> Comparison:
    """Lay two kept records side by side, level by level and measure by measure.

    The refusal is `restoration:model:not-measured` where either lacks its PSNR or SSIM,
    `:not-comparable` where they were measured on other pictures or levels, `:not-better` where the candidate
    is lower in PSNR or SSIM at any level.
    """
    comparison = Comparison(list(_differences(figures_of(candidate), figures_of(present))), "")
    if not (is_measured(candidate) and is_measured(present)):
        refusal = "restoration:model:not-measured"
    elif not same_pictures(candidate, present) or comparison.incomplete:
        refusal = "restoration:model:not-comparable"
    elif comparison.worse:
        refusal = "restoration:model:not-better"
    else:
        refusal = ""
    return Comparison(comparison.differences, refusal)


def _differences(candidate: dict[str, Measures], present: dict[str, Measures]) -> Iterator[Difference]:
    for level in {**present, **candidate}:
        ours, theirs = candidate.get(level, {}), present.get(level, {})
        for measure in {**theirs, **ours}:
            yield Difference(level, measure, ours.get(measure), theirs.get(measure))


def _agree(one: Figure | None, other: Figure | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one.mean - other.mean) <= SAME_DAMAGE


def _named(ending: str, data: Any) -> list[str]:
    """Every text below a key with this ending, wherever in the description of the data."""
    if isinstance(data, list):
        return [found for part in data for found in _named(ending, part)]
    if isinstance(data, dict):
        own = [value for key, value in data.items() if key.endswith(ending) and isinstance(value, str)]
        return own + [found for value in data.values() for found in _named(ending, value)]
    return []


def _pictures(scores: list[dict[str, Any]]) -> str:
    """A hash of what names each damaged picture that the model was measured on; empty where there is none."""
    names = sorted(
        {
            tuple(str(score.get(key, "")) for key in ("group", "stem", "level", "seed"))
            for score in scores
            if score["method"] == MODEL
        }
    )
    return hashlib.sha256(json.dumps(names).encode()).hexdigest() if names else ""


def _checked_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it is kept. Raises ValueError, TypeError or KeyError where it is none."""
    measures = row.get("measures", row)
    return {
        "method": str(row["method"]),
        "title": str(row.get("title") or row["method"]),
        "told_mask": bool(row.get("told_mask")),
        "group": str(row.get("group") or ""),
        "level": str(row["level"]),
        "pictures": int(row["pictures"]) if row.get("pictures") is not None else None,
        "measures": {
            str(name): _checked_figure(figure)
            for name, figure in measures.items()
            if isinstance(figure, dict) and "mean" in figure
        },
    }


def _checked_figure(figure: dict[str, Any]) -> dict[str, Any]:
    checked = {key: float(figure[key]) for key in ("mean", "low", "high") if figure.get(key) is not None}
    if not all(map(math.isfinite, checked.values())):
        raise ValueError(f"not a finite figure: {figure}")
    return checked | ({"n": int(figure["n"])} if figure.get("n") is not None else {})
