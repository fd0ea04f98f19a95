"""Is it a restoration? And is it one that the model was ever measured on?

The gate refuses what only a broken model or a broken computer makes; it judges against the original, so that
what was dark or burnt out already passes. Warnings let pass and say what is not known.
"""

from typing import Any

import numpy as np

from mlcore.errors import HonestyError
from mlcore.inference.pictures import Floats
from mlcore.inference.reports import FileReport, Tally

LEAST_PIXELS = 64
"""Smaller repairs are not judged by their exposure."""

BLACK_SHARE = 0.9
"""Refused: that share of what was repaired is black, half of it was not before, nor is half of the rest."""

MEAN_SHIFT = 64.0
"""Refused: the picture's mean level is that many steps of 255 away from the original's, and from that of the
original's undamaged part too, which a good repair moves it towards."""

CLIPPED_SHARE = 0.5
"""Refused: that share of what was repaired is pure black or white, a quarter of it was not so before, and
less than a quarter of the rest is."""

MEASURED_SIDE = 256
"""Pixels: models are trained and measured on squares of this side."""

LARGE_TIMES = 4
"""Warned: a side is this many times longer than what was measured."""

HEAVIEST_SHARE = 0.34
"""Warned: a larger share of the picture is damaged than in any picture of the benchmark's heavy level."""

STARK_SHARE = 0.6
"""Warned: this share of what is undamaged is pure black or white, as in print and line drawings, not in
photographs."""


def check_numbers(answer: Floats) -> None:
    """HonestyError ``mlcore:honesty:not-a-number`` unless all are finite; any shape."""
    if not np.isfinite(answer).all():
        raise HonestyError("mlcore:honesty:not-a-number", "the network's answer is not a number everywhere")


def check_exposure(tally: Tally) -> None:
    """HonestyError ``mlcore:honesty:black``, ``:mean-shift`` or ``:clipping`` by the module's limits."""
    if tally.inside < LEAST_PIXELS:
        return
    outside = tally.pixels - tally.inside
    rest = max(outside, 1)
    if (
        tally.black_after > BLACK_SHARE * tally.inside
        and tally.black_before < 0.5 * tally.inside
        and tally.black_outside <= 0.5 * rest
    ):
        raise HonestyError("mlcore:honesty:black", "what was repaired is black")
    before = tally.level_before / tally.samples
    after = before + (tally.level_inside_after - tally.level_inside_before) / tally.samples
    wanted = [before]
    if outside > 0.05 * tally.pixels:
        channels = tally.samples / tally.pixels
        wanted.append((tally.level_before - tally.level_inside_before) / (outside * channels))
    if min(abs(after - level) for level in wanted) > MEAN_SHIFT:
        raise HonestyError(
            "mlcore:honesty:mean-shift", f"the mean level went from {before:.0f} to {after:.0f} of 255"
        )
    if (
        tally.clipped_after > CLIPPED_SHARE * tally.inside
        and tally.clipped_after - tally.clipped_before > 0.25 * tally.inside
        and tally.clipped_outside < 0.25 * rest
    ):
        raise HonestyError("mlcore:honesty:clipping", "what was repaired is pure black or white")


def expected_ranges(record: dict[str, Any]) -> dict[str, Any]:
    """What a benchmark (the JSON beside the weights) lets expect, as JSON.

    "levels": by level "ssim_low" and "ssim_high", the 5th and 95th percentile of the model's SSIM over single
    pictures, and "pictures", how many. "data": what it was measured on. Empty where there are no scores.
    """
    values: dict[str, list[float]] = {}
    for score in record.get("scores", []):
        if score.get("method") == "model" and "ssim" in score:
            values.setdefault(score["level"], []).append(score["ssim"])
    if not values:
        return {}
    levels = {}
    for level, known in values.items():
        low, high = np.percentile(known, (5, 95))
        levels[level] = {"ssim_low": float(low), "ssim_high": float(high), "pictures": len(known)}
    return {"levels": levels, "data": sorted({score["group"] for score in record["scores"]})}


def warnings_for(
    report: FileReport, height: int, width: int, expected: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """What makes the measured quality say little of this picture, as JSON; none for one without damage.

    ``height``, ``width``: of the first page, in pixels. ``expected``: what ``expected_ranges`` gave. Each has
    a "code" and the values that its sentence needs: "larger-than-measured" (side, measured_side),
    "heavier-than-measured" (share, measured_share), "unlike-measured" (share: of what is undamaged, pure
    black or white), "not-measured" (level). All have level, ssim_low and ssim_high: the 5th and 95th
    percentile of SSIM at this level of damage on measured pictures; None where it was not measured.
    """
    if report.level == "none":
        return []
    measured = ((expected or {}).get("levels") or {}).get(report.level)
    about = {
        "level": report.level,
        "ssim_low": measured["ssim_low"] if measured else None,
        "ssim_high": measured["ssim_high"] if measured else None,
    }
    warnings: list[dict[str, Any]] = []
    if not measured:
        warnings.append({"code": "not-measured"})
    if max(height, width) > LARGE_TIMES * MEASURED_SIDE:
        warnings.append(
            {"code": "larger-than-measured", "side": max(height, width), "measured_side": MEASURED_SIDE}
        )
    if report.share_damaged > HEAVIEST_SHARE:
        warnings.append(
            {
                "code": "heavier-than-measured",
                "share": report.share_damaged,
                "measured_share": HEAVIEST_SHARE,
            }
        )
    if report.total.share_stark > STARK_SHARE:
        warnings.append({"code": "unlike-measured", "share": report.total.share_stark})
    return [warning | about for warning in warnings]
