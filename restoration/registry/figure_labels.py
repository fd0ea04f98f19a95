"""Levels, measures and figures in words, for people."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from restoration.presentation.numbers import rounded
from restoration.registry.figures import Difference, Figure

LEVELS = {
    "light": gettext_noop("Light damage"),
    "medium": gettext_noop("Medium damage"),
    "heavy": gettext_noop("Heavy damage"),
    "archive": gettext_noop("Damage of every kind"),
    "intact": gettext_noop("Undamaged pictures"),
    "grey": gettext_noop("Grey pictures"),
    "all": gettext_noop("All levels"),
    "mean": gettext_noop("Mean of the levels"),
}
MEASURES = {
    "psnr": gettext_noop("PSNR"),
    "ssim": gettext_noop("SSIM"),
    "psnr_inside": gettext_noop("PSNR inside the damage"),
    "ssim_inside": gettext_noop("SSIM inside the damage"),
    "iou": gettext_noop("Damage found (IoU)"),
    "precision": gettext_noop("Marked rightly (precision)"),
    "recall": gettext_noop("Damage found (recall)"),
    "success": gettext_noop("Share restored"),
    "identity": gettext_noop("Distance of faces"),
    "share_changed": gettext_noop("Share of pixels changed"),
    "max_change": gettext_noop("Greatest change"),
    "channel_difference": gettext_noop("Difference between channels"),
}
METHODS = {
    "nothing": gettext_noop("Do nothing"),
    "bilinear": gettext_noop("Bilinear across the mask"),
    "median": gettext_noop("Median filter"),
    "nlm": gettext_noop("Non-local means"),
    "telea": gettext_noop("Telea"),
    "navier-stokes": gettext_noop("Navier-Stokes"),
    "biharmonic": gettext_noop("Biharmonic"),
    "fsr-fast": gettext_noop("FSR fast"),
}
IN_STEPS = frozenset({"max_change", "channel_difference"})
"""Measures in steps of 0 to 255."""

MINUS = "\N{MINUS SIGN}"


def level_label(level: str) -> str:
    """A level's name; one that is not known here by its own word."""
    return gettext(LEVELS[level]) if level in LEVELS else level


def measure_label(measure: str) -> str:
    """A measure's name; one that is not known here by its own word."""
    return gettext(MEASURES[measure]) if measure in MEASURES else measure


def method_label(method: str, title: str) -> str:
    """The name of a way to restore; one that is not known here by the `title` that its benchmark gave it."""
    return gettext(METHODS[method]) if method in METHODS else title


def unit_of(measure: str) -> str:
    """dB for PSNR in any of its forms, nothing for shares."""
    return "dB" if measure.startswith("psnr") else ""


def number(measure: str, value: float, *, signed: bool = False) -> str:
    """A value of the measure without its unit: two decimals for dB, one for steps, else four."""
    places = 2 if unit_of(measure) else 1 if measure in IN_STEPS else 4
    sign = MINUS if value < 0 else "+" if signed else ""
    return sign + rounded(abs(value), places)


def with_unit(measure: str, value: float, *, signed: bool = False) -> str:
    """A value of the measure with its unit."""
    return f"{number(measure, value, signed=signed)} {unit_of(measure)}".rstrip()


def interval(measure: str, figure: Figure) -> str:
    """The interval in brackets, or nothing where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    return f"[{number(measure, figure.low)}; {number(measure, figure.high)}]"


def shortfalls(worse: Iterable[Difference]) -> list[str]:
    """By how much a candidate is worse, at which level and measure."""
    return [
        _("%(level)s: %(measure)s %(candidate)s, the default %(present)s (%(difference)s)")
        % {
            "level": level_label(each.level),
            "measure": measure_label(each.measure),
            "candidate": with_unit(each.measure, each.candidate.mean),
            "present": with_unit(each.measure, each.present.mean),
            "difference": with_unit(each.measure, each.value or 0.0, signed=True),
        }
        for each in worse
        if each.candidate is not None and each.present is not None
    ]
