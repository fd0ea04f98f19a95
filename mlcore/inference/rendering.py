"""From a master and its repair layer to the result file, judged and described on the way; no network runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.images import Bytes
from mlcore.inference.honesty import check_exposure
from mlcore.inference.pictures import Floats, upright
from mlcore.inference.progress import Counter, Progress
from mlcore.inference.reports import FileReport, PageReport, Reduced, Tally
from mlcore.masters import (
    Marking,
    Master,
    Page,
    Repair,
    RepairPage,
    open_master,
    open_repair,
    render_result,
)
from mlcore.masters.found import ResultFormat
from mlcore.masters.rendering import blended
from mlcore.process_memory import peak_bytes
from mlcore.tiling import bands

LAYER_SIDE = 1600
"""Pixels: the longest side of layers that are shown over a picture."""


@dataclass(frozen=True, slots=True)
class DamagedPage:
    """A page's ``number``, counted from 0, and its ``mask``: (h, w) uint8, upright, as the layer's."""

    number: int
    mask: Bytes


def render_file(
    source: Path | str,
    repair_path: Path | str,
    target: Path | str,
    *,
    strength: float = 1.0,
    marking: Marking,
    format: ResultFormat | None = None,
    scratch: Path | None = None,
    on_progress: Progress | None = None,
) -> FileReport:
    """Write the master ``source`` with its repair at ``strength`` (0 to 1) to ``target``.

    ``format``: of the result, by default as ``Master.result_format`` says; the target's name does not matter.
    ``scratch``: folder for temporary files as large as the pictures, uncompressed. The report's "mask" layer
    and shares of damage come from the repair and are the same at any strength. ``on_progress``: in rows gone
    through, twice those of the pages. Raises MasterError, and HonestyError (see ``mlcore.inference.honesty``)
    before the target appears.
    """
    with open_master(source, scratch) as master:
        repair = open_repair(Path(repair_path))
        report, _ = render_master(
            master,
            repair,
            Path(target),
            strength=strength,
            marking=marking,
            format=format,
            on_progress=on_progress,
        )
        return report


def render_master(
    master: Master,
    repair: Repair,
    target: Path,
    *,
    strength: float,
    marking: Marking,
    format: ResultFormat | None,
    on_progress: Progress | None = None,
) -> tuple[FileReport, DamagedPage | None]:
    """``render_file`` for an opened master and repair; also the first page with damage."""
    started = time.monotonic()
    on_rows = Counter(on_progress).of(2 * sum(page.height for page in master.pages))
    described = describe(master, repair, strength, on_rows)
    render_result(master, repair, target, strength=strength, marking=marking, format=format, on_rows=on_rows)
    chosen = format or master.result_format
    report = FileReport(
        total=described.total,
        pages=described.pages,
        format=chosen,
        seconds=time.monotonic() - started,
        peak_memory_bytes=peak_bytes(),
        notes=[*(["jpeg-encoded-anew"] if chosen == "jpeg" else []), *master.notes],
        layers=described.layers,
        height=master.pages[0].height,
        width=master.pages[0].width,
    )
    return report, described.damaged


@dataclass(frozen=True, slots=True)
class Described:
    """What a repair does to a master. ``layers``: of the first page. ``damaged``: the first page that is."""

    total: PageReport
    pages: list[PageReport]
    layers: dict[str, Bytes]
    damaged: DamagedPage | None


def describe(master: Master, repair: Repair, strength: float, on_rows: Callable[[int], None]) -> Described:
    """Go through all pages as they would be rendered; ``on_rows`` is told of how many rows at a time.

    Raises HonestyError and MasterError.
    """
    repair.check(master)
    total, tallies = Tally(), []
    damaged: DamagedPage | None = None
    layers: dict[str, Bytes] = {}
    for number, (page, repaired) in enumerate(zip(master.pages, repair.pages, strict=True)):
        tally = Tally()
        mask, change = (Reduced(page.height, page.width, LAYER_SIDE) for _ in range(2))
        for rows in bands(page.height, page.rows_at_once):
            share, largest = _add(tally, page, repaired, strength, rows)
            mask.add(rows.start, share)
            change.add(rows.start, largest)
            on_rows(rows.stop - rows.start)
        check_exposure(tally)
        tallies.append(tally)
        planes = {
            name: np.ascontiguousarray(upright(reduced.as_bytes(), page.orientation))
            for name, reduced in (("mask", mask), ("change", change))
        }
        layers = layers or planes
        if tally.inside and damaged is None:
            damaged = DamagedPage(number, planes["mask"])
    for tally in tallies:
        total.merge(tally)
    return Described(total.page_report(), [tally.page_report() for tally in tallies], layers, damaged)


def _add(
    tally: Tally, page: Page, repaired: RepairPage, strength: float, rows: slice
) -> tuple[Bytes, Floats]:
    """Count rows of a page; share of damage and largest change of each pixel, (h, width)."""
    samples = page.samples(rows.start, rows.stop)
    new, share = repaired.rows(rows.start, rows.stop)
    rendered = blended(samples, new, share, strength)
    return share, tally.add(_levels(page, samples), _levels(page, rendered), share)


def _levels(page: Page, samples: NDArray[Any]) -> Floats:
    """Colours in steps of 0 to 255, light above: (h, w, 1 or 3); inks as they cover white paper."""
    levels = samples.astype(np.float32)
    if page.dtype.itemsize == 2:
        levels /= np.float32(257)
    if page.channels == "cmyk":
        light = 255 - levels[..., :4]
        return light[..., :3] * light[..., 3:] / np.float32(255)
    return levels[..., : 1 if page.channels == "grey" else 3]
