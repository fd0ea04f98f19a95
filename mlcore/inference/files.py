"""A whole file through the network: each page repaired, rendered, judged and described."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from mlcore.inference.hands import Hand
from mlcore.inference.honesty import check_numbers
from mlcore.inference.invention import SIDE, invention_map, mean_inside
from mlcore.inference.pictures import Floats, Page
from mlcore.inference.reducing import reduced_picture
from mlcore.inference.rendering import render_master
from mlcore.inference.reports import FileReport
from mlcore.masters import Marking, Master, RepairWriter, open_master, open_repair
from mlcore.masters.found import ResultFormat
from mlcore.process_memory import restart_peak

Steps = Callable[[int, int], None]
"""Called with the steps done and all steps."""

Sink = Callable[[int, Floats, Floats], None]
Repairer = Callable[[Page, Sink, Hand | None, Steps | None], object]
"""``Restorer.repair``: page, where its rows go, the hand, progress."""

SPREAD_SCALE = 4
"""Steps of the layer for one step of spread: a spread of 64 levels or more is white."""

ALL_STEPS = 1000
SHARE_OF_PASS = 0.3
"""How long a pass takes against a page, for the progress only."""


def restore_file(
    repair: Repairer,
    source: Path,
    target: Path,
    *,
    strength: float,
    marking: Marking,
    hand: Hand | None,
    format: ResultFormat | None,
    repair_path: Path | None,
    invention_passes: int,
    scratch: Path | None,
    on_progress: Steps | None,
) -> FileReport:
    """See ``Restorer.restore_file``."""
    started = time.monotonic()
    restart_peak()
    with open_master(source, scratch) as master, tempfile.TemporaryDirectory(dir=scratch) as folder:
        layer = repair_path or Path(folder) / "repair"
        progress = _Progress(len(master.pages), invention_passes, on_progress)
        write_repair(repair, master, layer, hand, progress)
        report, shown = render_master(
            master, open_repair(layer), target, strength=strength, marking=marking, format=format
        )
        if invention_passes:
            spread = invention_map(
                lambda page, sink, turned: repair(page, sink, turned, None),
                reduced_picture(master.pages[shown], SIDE),
                hand,
                passes=invention_passes,
                on_pass=progress.passed,
            )
            level = np.rint(spread * SPREAD_SCALE).clip(0, 255).astype(np.uint8)
            report = replace(
                report,
                invention=mean_inside(spread, report.layers["mask"]),
                layers={**report.layers, "invention": level},
            )
    return replace(report, seconds=time.monotonic() - started)


def write_repair(
    repair: Repairer, master: Master, path: Path, hand: Hand | None, progress: "_Progress"
) -> None:
    """Repair every page of ``master`` into a repair layer at ``path``, which appears whole or not at all.

    Raises HonestyError ``mlcore:honesty:not-a-number``.
    """
    with RepairWriter(path, master) as writer:
        for number, page in enumerate(master.pages):

            def keep(top: int, restored: Floats, share: Floats, number: int = number) -> None:
                check_numbers(restored)
                # Rounded up: whatever was changed at all has a share.
                steps = np.ceil(share * 255).astype(np.uint8)
                if steps.any():
                    page, bottom = master.pages[number], top + len(restored)
                    samples, seen = page.samples(top, bottom), page.seen(top, bottom)
                    writer.write_rows(number, top, page.applied(samples, seen, restored, steps), steps)

            repair(page, keep, hand, progress.of_page(number))


class _Progress:
    """One row of steps over all pages and passes."""

    def __init__(self, pages: int, passes: int, report: Steps | None) -> None:
        self._report = report
        self._pages, self._passes, self._passed = pages, passes, 0
        self._whole = pages + passes * SHARE_OF_PASS

    def of_page(self, number: int) -> Steps:
        """For the tiles of a page."""
        return lambda done, total: self._tell(number + done / max(total, 1))

    def passed(self) -> None:
        """Another pass is done."""
        self._passed += 1
        self._tell(self._pages + self._passed * SHARE_OF_PASS)

    def _tell(self, done: float) -> None:
        if self._report:
            self._report(int(ALL_STEPS * done / self._whole), ALL_STEPS)
