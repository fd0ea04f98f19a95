"""What a restoration did to its photo, in words and numbers for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from restoration.models import Restoration
from restoration.presentation.file_notes import note_sentences
from restoration.presentation.numbers import rounded
from restoration.presentation.photo_orders import DAMAGE, INVENTION

LEVELS: dict[str, Promise] = {
    "none": gettext_lazy("No damage was found"),
    "light": gettext_lazy("Light damage"),
    "medium": gettext_lazy("Medium damage"),
    "heavy": gettext_lazy("Heavy damage"),
}
INVENTION_BOUNDS = (2.5, 6.0)
"""Grey levels of 255: below the first, passes hardly differ; from the second on, they draw different things.
On the demo's pictures the number lies between 2 and 7.
"""

INVENTION_WORDS: tuple[Promise, ...] = (
    gettext_lazy("little"),
    gettext_lazy("some"),
    gettext_lazy("much"),
)

ROUNDING = frozenset({"lab-to-rgb", "numbers-to-16-bit", "ycbcr-to-rgb"})
"""Notes of mlcore: the result's numbers are nearly the original's, everywhere."""


@dataclass(frozen=True, slots=True)
class Area:
    """One row of the table of changes, in grey levels of 255."""

    name: str
    mean: str
    greatest: str


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """`lead` is the sentence to begin with, `pages` one about the pages of a file that has several, `page`
    the number of the one that `level`, `lead`, `areas` and `outside` are about, 0 where they are about all of
    them; `outside` is about pixels that were not repaired, `notes` is what became of the file; what is not
    known is empty.
    """

    level: str
    lead: str
    pages: str
    page: int
    areas: list[Area]
    outside: str
    invention: str
    invention_word: str
    invention_share: float
    notes: list[str]
    cost: str


def report_of(restoration: Restoration, *, page: int | None = None) -> ChangeReport | None:
    """The report of a finished restoration; None while there is none to speak of.

    `page`: the one of a file that has several whose figures are wanted, where they are known; otherwise those
    of all pages together.
    """
    report = restoration.change_report
    if not restoration.is_reviewable or not report:
        return None
    measured = _of_page(report, page) if page else None
    figures = report if measured is None else report | measured
    invention = restoration.invention
    return ChangeReport(
        level=figures.get("level", ""),
        lead=_lead(figures),
        pages=_pages(report, of_one=measured is not None),
        page=page if page and measured is not None else 0,
        areas=_areas(figures),
        outside=_outside(figures),
        invention="" if invention is None else rounded(invention, 1),
        invention_word="" if invention is None else str(INVENTION_WORDS[_step(invention)]),
        invention_share=0.0 if invention is None else min(1.0, invention / (2 * INVENTION_BOUNDS[1])),
        notes=note_sentences(report.get("notes", ())),
        cost=_cost(report, restoration.peak_memory_bytes),
    )


def in_numbers(restoration: Restoration, order: str) -> str:
    """What a gallery in this order (see `photo_orders`) goes by; empty where it was not measured."""
    if order == DAMAGE and restoration.share_damaged is not None:
        return _("%(share)s damaged") % {"share": per_cent(restoration.share_damaged)}
    if order == INVENTION and restoration.invention is not None:
        return _("Invention: %(number)s") % {"number": rounded(restoration.invention, 1)}
    return ""


def per_cent(share: float) -> str:
    """A share from 0 to 1 for people; what is there but tiny does not read as nothing."""
    if 0 < share < 0.001:
        return _("less than %(limit)s %%") % {"limit": rounded(0.1, 1)}
    return f"{rounded(100 * share, 1)} %"


def _lead(report: dict[str, Any]) -> str:
    changed = per_cent(report["share_changed"])
    if "level" not in report or report["level"] not in LEVELS:
        return _("%(changed)s of the picture was changed.") % {"changed": changed}
    if report["level"] == "none" and report["share_changed"] == 0:
        return _("No damage was found, and nothing was changed.")
    return _("%(level)s on %(damaged)s of the picture; %(changed)s of its pixels were changed.") % {
        "level": LEVELS[report["level"]],
        "damaged": per_cent(report.get("share_damaged", 0.0)),
        "changed": changed,
    }


def _of_page(report: dict[str, Any], page: int) -> dict[str, Any] | None:
    """The figures of one of several pages; None where there are none of its own."""
    pages = report.get("pages", ())
    return pages[page - 1] if 1 < len(pages) >= page else None


def _pages(report: dict[str, Any], *, of_one: bool) -> str:
    count, repaired = report.get("page_count", 1), report.get("pages_repaired", 0)
    if count < 2:
        return ""
    told = ngettext(
        "%(repaired)s of the file's %(count)s pages was repaired.",
        "%(repaired)s of the file's %(count)s pages were repaired.",
        repaired,
    ) % {"repaired": repaired, "count": count}
    if not of_one:
        return told + " " + _("The figures are of all pages together.")
    changed = per_cent(report["share_changed"])
    together = _("Of all pages together, %(changed)s of the pixels were changed.")
    return told + " " + together % {"changed": changed}


def _areas(report: dict[str, Any]) -> list[Area]:
    names = {
        "_inside": _("Inside the repaired area"),
        "_outside": _("Outside it"),
        "": _("The whole picture"),
    }
    return [
        Area(name, _steps(report[f"mean_change{part}"]), _steps(report[f"max_change{part}"]))
        for part, name in names.items()
        if report.get(f"mean_change{part}") is not None
    ]


def _outside(report: dict[str, Any]) -> str:
    """Changes are measured before the result is encoded, and after its numbers were converted."""
    notes = set(report.get("notes", ()))
    if "jpeg-encoded-anew" in notes:
        return _("The figures were taken before the result was encoded anew as a JPEG.")
    if report.get("max_change_outside") == 0 and not notes & ROUNDING:
        return _("Outside the repaired area every pixel is the original's.")
    return ""


def _steps(value: float) -> str:
    """A change in grey levels, with as many decimals as say something."""
    return rounded(value, 0 if value >= 10 or value == 0 else 2)


def _step(invention: float) -> int:
    return sum(invention >= bound for bound in INVENTION_BOUNDS)


def _cost(report: dict[str, Any], peak_memory_bytes: int | None) -> str:
    parts = []
    if report.get("seconds") is not None:
        parts.append(_("%(seconds)s s") % {"seconds": rounded(report["seconds"], 1)})
    if peak_memory_bytes:
        parts.append(_("%(size)s of memory") % {"size": filesizeformat(peak_memory_bytes)})
    return ", ".join(parts)
