"""A whole file through the network: each page repaired, rendered, judged and described."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from mlcore.degradation.zones import DETECTION_SIDE, find_faces
from mlcore.inference.hands import Hand
from mlcore.inference.honesty import check_numbers
from mlcore.inference.invention import SIDE, invention_map, mean_inside
from mlcore.inference.pictures import Floats, Page
from mlcore.inference.progress import FileProgress, Progress
from mlcore.inference.reducing import reduced_picture
from mlcore.inference.rendering import DamagedPage, render_master
from mlcore.inference.reports import FileReport
from mlcore.masters import Marking, Master, RepairWriter, open_master, open_repair
from mlcore.masters.found import ResultFormat
from mlcore.process_memory import restart_peak

Sink = Callable[[int, Floats, Floats], None]
Repairer = Callable[[Page, Sink, Hand | None, Progress | None], object]
"""``Restorer.repair``: page, where its rows go, the hand, progress."""

SPREAD_SCALE = 4
"""Steps of the layer for one step of spread: a spread of 64 levels or more is white."""


def restore_file(
    repair: Repairer,
    source: Path,
    target: Path,
    *,
    glance: Repairer,
    strength: float,
    marking: Marking,
    hand: Hand | None,
    format: ResultFormat | None,
    repair_path: Path | None,
    invention_passes: int,
    scratch: Path | None,
    on_progress: Progress | None,
) -> FileReport:
    """See ``Restorer.restore_file``. ``glance``: the same with one look at each tile, for what is invented.

    Several looks agree on what single ones would disagree about, which is what the passes are to show.
    """
    started = time.monotonic()
    restart_peak()
    with open_master(source, scratch) as master, tempfile.TemporaryDirectory(dir=scratch) as folder:
        layer = repair_path or Path(folder) / "repair"
        progress = FileProgress(len(master.pages), invention_passes, on_progress)
        write_repair(repair, master, layer, hand, progress)
        report, damaged = render_master(
            master,
            open_repair(layer),
            target,
            strength=strength,
            marking=marking,
            format=format,
            on_progress=progress.of_rendering,
        )
        if invention_passes:
            report = _with_invention(
                report,
                damaged,
                repair=glance,
                master=master,
                hand=hand,
                passes=invention_passes,
                progress=progress,
            )
        if report.level != "none":
            report = replace(report, portrait=_is_portrait(master.pages[0]))
    return replace(report, seconds=time.monotonic() - started)


def _is_portrait(page: Page) -> bool:
    """Whether a face is found on the page as it came."""
    return bool(find_faces(reduced_picture(page, DETECTION_SIDE)))


def _with_invention(
    report: FileReport,
    damaged: DamagedPage | None,
    *,
    repair: Repairer,
    master: Master,
    hand: Hand | None,
    passes: int,
    progress: FileProgress,
) -> FileReport:
    """The report with what was invented on the first ``damaged`` page; the layer is of the first page."""
    invention, layer = 0.0, np.zeros_like(report.layers["mask"])
    if damaged is None:
        progress.of_pass(passes - 1)(1, 1)
    else:
        spread = invention_map(
            repair,
            reduced_picture(master.pages[damaged.number], SIDE, partial(progress.of_rendering, 1, 1)),
            _hand_on(damaged.number, hand),
            passes=passes,
            progress_of=progress.of_pass,
        )
        invention = mean_inside(spread, damaged.mask)
        if damaged.number == 0:
            layer = np.rint(spread * SPREAD_SCALE).clip(0, 255).astype(np.uint8)
    return replace(report, invention=invention, layers={**report.layers, "invention": layer})


def _hand_on(number: int, hand: Hand | None) -> Hand | None:
    """It was drawn on the first page, and says nothing of the others."""
    return hand if number == 0 else None


def write_repair(
    repair: Repairer, master: Master, path: Path, hand: Hand | None, progress: FileProgress
) -> None:
    """Repair every page of ``master`` into a repair layer at ``path``, which appears whole or not at all.

    Raises HonestyError ``mlcore:honesty:not-a-number``.
    """
    with RepairWriter(path, master) as writer:
        for number, page in enumerate(master.pages):

            def keep(top: int, restored: Floats, share: Floats, number: int = number) -> None:
                check_numbers(restored)
                check_numbers(share)
                # Rounded up: whatever was changed at all has a share.
                steps = np.ceil(share * 255).astype(np.uint8)
                if steps.any():
                    page, bottom = master.pages[number], top + len(restored)
                    samples, seen = page.samples(top, bottom), page.seen(top, bottom)
                    writer.write_rows(number, top, page.applied(samples, seen, restored, steps), steps)

            repair(page, keep, _hand_on(number, hand), progress.of_page(number))
