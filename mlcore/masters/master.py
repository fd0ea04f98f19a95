"""An opened master: its pages, and the samples of the page that is at work."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Self

from mlcore.errors import MasterError
from mlcore.masters.decoding import unreadable
from mlcore.masters.found import Format, Found, ResultFormat
from mlcore.masters.jpeg_files import read_jpeg
from mlcore.masters.pages import Page, new_row_file
from mlcore.masters.png_chunks import SIGNATURE
from mlcore.masters.png_files import read_png
from mlcore.masters.row_files import RowFile
from mlcore.masters.small_files import read_bmp, read_webp
from mlcore.masters.tiff_files import read_tiff

_RESULTS: dict[Format, ResultFormat] = {"tiff": "tiff", "jpeg": "jpeg"}
_READERS: dict[Format, Callable[[Path], Found]] = {
    "jpeg": read_jpeg,
    "png": read_png,
    "tiff": read_tiff,
    "webp": read_webp,
    "bmp": read_bmp,
}


class Master:
    """An opened master file; a context manager.

    ``format``: "tiff", "png", "jpeg", "webp" or "bmp". ``result_format``: what its results are by default.
    ``pages``: all full-size pages. ``notes``: codes of what is converted or left out on the way to a result.
    """

    def __init__(self, path: Path, found: Found, scratch: Path | None) -> None:
        self.path, self.found, self.scratch = path, found, scratch
        self.format = found.format
        self.result_format: ResultFormat = _RESULTS.get(found.format, "png")
        self.notes = list(found.notes)
        self.pages = [Page(sheet, self._rows_of) for sheet in found.sheets]
        self._decoded: tuple[Page, RowFile] | None = None

    def close(self) -> None:
        """Remove temporary files."""
        if self._decoded:
            self._decoded[1].close()
        self._decoded = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def _rows_of(self, page: Page) -> RowFile:
        """The page's samples. Only those of one page are kept, so that a book costs no more than a leaf."""
        if self._decoded is None or self._decoded[0] is not page:
            self.close()
            rows = new_row_file(page.sheet, self.scratch)
            try:
                page.sheet.fill(rows)
            except BaseException:
                rows.close()
                raise
            self._decoded = page, rows
        return self._decoded[1]


def open_master(path: Path | str, scratch: Path | None = None) -> Master:
    """Open the picture at ``path``; what it is, its content tells.

    The first page is decoded at once, the others when they are asked for, each to a temporary file in
    ``scratch`` (default: the system's folder), as large as the page uncompressed.

    Raises MasterError: ``mlcore:master:missing``, ``mlcore:master:unreadable`` (not a picture),
    ``mlcore:master:truncated`` (it begins as one and breaks off, or is damaged), ``mlcore:master:too-large``,
    ``mlcore:master:too-long``, ``mlcore:master:unsupported`` (of a kind that cannot be read). MemoryError and
    a full disk's OSError stay what they are.
    """
    path = Path(path)
    found = _READERS[_format_of(path)](path)
    master = Master(path, found, scratch or Path(tempfile.gettempdir()))
    try:
        master.pages[0].samples(0, 1)
    except BaseException:
        master.close()
        raise
    return master


def result_format_of(path: Path | str) -> ResultFormat:
    """``Master.result_format`` of the file at ``path``, by its first bytes only.

    Raises MasterError ``mlcore:master:missing`` or ``mlcore:master:unreadable``.
    """
    return _RESULTS.get(_format_of(Path(path)), "png")


def _format_of(path: Path) -> Format:
    """What a file is that begins like this. Raises MasterError."""
    try:
        with path.open("rb") as file:
            beginning = file.read(16)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise MasterError("mlcore:master:missing", f"{path.name}: there is no such file") from error
    if beginning[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if beginning[:8] == SIGNATURE:
        return "png"
    if beginning[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}:
        return "tiff"
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "webp"
    if beginning[:2] == b"BM" and len(beginning) == 16:
        return "bmp"
    raise unreadable(path.name)
