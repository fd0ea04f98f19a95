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

PORTRAITS = "faces"
"""Sets of a benchmark whose names begin so are of portraits; all others are of photographs in general."""

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


def expected_ranges(*records: dict[str, Any]) -> dict[str, Any]:
    """What benchmarks of one model (the JSON beside the weights) let expect, as JSON.

    "sets": by set of pictures and by level "ssim_low" and "ssim_high", the 5th and 95th percentile of the
    model's SSIM over single results, and "pictures", how many results. Empty where there are no scores.
    """
    values: dict[str, dict[str, list[float]]] = {}
    for record in records:
        for score in record.get("scores", []):
            if score.get("method") == "model" and "ssim" in score:
                values.setdefault(score["group"], {}).setdefault(score["level"], []).append(score["ssim"])
    sets = {
        name: {level: _range(known) for level, known in levels.items()} for name, levels in values.items()
    }
    return {"sets": sets} if sets else {}


def _range(known: list[float]) -> dict[str, float | int]:
    low, high = np.percentile(known, (5, 95))
    return {"ssim_low": float(low), "ssim_high": float(high), "pictures": len(known)}


def warnings_for(
    report: FileReport, height: int, width: int, expected: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """What makes the measured quality say little of this picture, as JSON; none for one without damage.

    ``height``, ``width``: of the first page, in pixels. ``expected``: what ``expected_ranges`` gave. Each has
    a "code" and the values that its sentence needs: "larger-than-measured" (side, measured_side),
    "heavier-than-measured" (share, measured_share), "unlike-measured" (share: of what is undamaged, pure
    black or white), "not-measured" (level), "portraits-measured" (nothing: no face was found, and the model
    was measured on portraits alone).

    All have level, and of the set of pictures that is most like this one ssim_set, its name, ssim_portraits,
    whether it is one of portraits, ssim_pictures, and ssim_low and ssim_high, the 5th and 95th percentile of
    SSIM at this level of damage; None where it was not measured. What no face was found in is compared with
    photographs in general.
    """
    if report.level == "none":
        return []
    sets = _sets(expected or {}, report.level)
    chosen = _most_like(sets, portrait=report.portrait)
    measured = sets.get(chosen or "", {})
    about = {
        "level": report.level,
        "ssim_set": chosen,
        "ssim_portraits": chosen is not None and _is_of_portraits(chosen),
        "ssim_pictures": measured.get("pictures"),
        "ssim_low": measured.get("ssim_low"),
        "ssim_high": measured.get("ssim_high"),
    }
    warnings: list[dict[str, Any]] = []
    if not sets:
        warnings.append({"code": "not-measured"})
    elif chosen is None:
        warnings.append({"code": "portraits-measured"})
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


def _sets(expected: dict[str, Any], level: str) -> dict[str, dict[str, Any]]:
    """By name, the sets that were measured at the level."""
    sets = expected.get("sets")
    if sets is None:
        # As models registered until 2026-11-23 have it: one range of all that was measured together.
        sets = {"+".join(expected.get("data", [])): expected.get("levels") or {}}
    return {name: levels[level] for name, levels in sets.items() if level in levels}


def _most_like(sets: dict[str, dict[str, Any]], *, portrait: bool | None) -> str | None:
    """The largest set of the kind; a portrait is a photograph, but not every photograph is a portrait."""
    general = [name for name in sets if not _is_of_portraits(name)]
    own = [name for name in sets if _is_of_portraits(name)] if portrait else []
    return max(own or general, key=lambda name: int(sets[name]["pictures"]), default=None)


def _is_of_portraits(name: str) -> bool:
    return name.startswith(PORTRAITS)
