"""From a master and its repair layer to the file that people get."""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mlcore.atomic_files import replacing
from mlcore.masters import tiff_results
from mlcore.masters.decoding import unsupported
from mlcore.masters.found import ResultFormat
from mlcore.masters.jpeg_files import write_jpeg
from mlcore.masters.master import Master
from mlcore.masters.pages import Page, new_row_file
from mlcore.masters.png_files import write_png
from mlcore.masters.repairs import Repair, RepairPage
from mlcore.masters.row_files import RowFile, Samples
from mlcore.masters.xmp import Marking


def render_result(
    master: Master,
    repair: Repair,
    target: Path,
    *,
    strength: float = 1.0,
    marking: Marking,
    format: ResultFormat | None = None,
    on_rows: Callable[[int], None] = lambda _rows: None,
) -> None:
    """Write ``master`` with ``repair`` at ``strength`` (0 nothing, 1 all of it) to ``target``.

    The file appears whole or not at all, carries the master's metadata and the ``marking``, and depends on
    nothing but the arguments. Where the repair's share is 0, samples are bit for bit the master's (in a TIFF
    or PNG). ``format``: "tiff", "png" or "jpeg" (quality 95, 4:4:4), by default ``master.result_format``.
    ``on_rows`` is called with the number of rows that were blended, and with 0 now and then while they are
    encoded; what it raises ends the work.

    Raises MasterError ``mlcore:repair:mismatch`` where the repair is not for this master,
    ``mlcore:repair:unreadable``, and ``mlcore:master:unsupported`` where ``format`` cannot hold it;
    ValueError for a strength outside of 0..1.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength {strength} is not between 0 and 1")
    repair.check(master)
    chosen = format or master.result_format
    _check_fits(master, chosen)
    with replacing(target) as stream:
        if chosen == "tiff":
            _write_tiff(stream, master, repair, strength, marking, on_rows=on_rows)
        else:
            write = write_png if chosen == "png" else write_jpeg
            with (
                tempfile.TemporaryDirectory(dir=master.scratch) as folder,
                _row_file(master, repair, strength, on_rows) as rows,
            ):
                write(stream, rows, master.found, marking, Path(folder), on_rows=partial(on_rows, 0))


def blended(samples: Samples, repaired: Samples, share: Samples, strength: float) -> Samples:
    """``samples`` where ``share`` is 0; elsewhere the way to ``repaired`` as far as ``strength`` goes."""
    changed = share > 0
    result = samples.copy()
    if changed.any():
        there = repaired[changed]
        if strength < 1:
            before = samples[changed]
            there = np.rint(before + (there.astype(np.float32) - before) * np.float32(strength))
        result[changed] = there
    return result


def _write_tiff(
    stream: BinaryIO,
    master: Master,
    repair: Repair,
    strength: float,
    marking: Marking,
    *,
    on_rows: Callable[[int], None],
) -> None:
    tiff = tiff_results.begin(stream, master.pages, master.found)
    for page, repaired in zip(master.pages, repair.pages, strict=True):
        writer = tiff_results.TiffPageWriter(tiff, page, master.found, marking)
        for rows in _rendered(page, repaired, strength, writer.rows_at_once):
            writer.write(rows)
            on_rows(len(rows))
        writer.finish()


def _row_file(master: Master, repair: Repair, strength: float, on_rows: Callable[[int], None]) -> RowFile:
    """The only page's result, for encoders that read it by themselves."""
    page, repaired = master.pages[0], repair.pages[0]
    rows = new_row_file(page.sheet, master.scratch)
    try:
        top = 0
        for band in _rendered(page, repaired, strength, page.rows_at_once):
            rows.write(top, band)
            top += len(band)
            on_rows(len(band))
    except BaseException:
        rows.close()
        raise
    return rows


def _rendered(page: Page, repaired: RepairPage, strength: float, step: int) -> Iterator[Samples]:
    for top in range(0, page.height, step):
        bottom = min(page.height, top + step)
        yield blended(page.samples(top, bottom), *repaired.rows(top, bottom), strength)


def _check_fits(master: Master, format: ResultFormat) -> None:
    """Raise MasterError where ``format`` has no place for the master's samples."""
    if format == "tiff":
        return
    page = master.pages[0]
    inks, deep = page.channels == "cmyk", page.dtype.itemsize == 2
    reasons = {
        "has several pages, which only TIFF holds": len(master.pages) > 1,
        "has inks, which PNG does not hold": inks and format == "png",
        "has further channels, which only TIFF holds": page.sheet.extras > int(page.alpha),
        "has 16 bits, which JPEG does not hold": deep and format == "jpeg",
        "is transparent, which JPEG cannot be": page.alpha and format == "jpeg",
    }
    for reason, holds in reasons.items():
        if holds:
            raise unsupported(master.path.name, reason)
