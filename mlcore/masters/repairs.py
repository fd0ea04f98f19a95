"""The repair layer: of each page only what changes, lossless, with the share by which it was damaged.

The file is a tiled, deflated TIFF of the master's own channels and depth, with the share as one more channel,
so that any imaging program can look into it. It is zero wherever the share is zero; empty tiles are stored
once. The same content gives the same bytes.
"""

import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mlcore.errors import MasterError
from mlcore.masters.master import Master
from mlcore.masters.pages import COLOUR_COUNTS, Page
from mlcore.masters.row_files import Samples
from mlcore.masters.tiff_structure import (
    ASCII,
    LONG,
    LONG8,
    SHORT,
    BrokenTiff,
    Directory,
    TiffWriter,
    read_structure,
)

TILE = 256
_SIGN = b"Pulih repair layer 1\0"
_PHOTOMETRIC = {"grey": 1, "rgb": 2, "cmyk": 5}
_LEVEL = 6

Share = NDArray[np.uint8]


class RepairWriter:
    """Writes a repair layer; it appears as ``path`` when closed, and not at all if closing fails.

    Pages in order, and of each page rows from top to bottom; what is left out stays unchanged. As a context
    manager it closes, or after an error leaves nothing.
    """

    def __init__(self, path: Path, master: Master) -> None:
        self._path = path
        self._pages = master.pages
        self._temporary = path.with_name(f".{path.name}.part")
        self._stream = self._temporary.open("w+b")
        self._tiff = TiffWriter(self._stream, order="<", big=_bound(self._pages) > 0xFFFF0000)
        self._current: _PageWriter | None = None
        self._number = 0
        self._begin()

    def write_rows(self, page_number: int, top: int, samples: Samples, share: NDArray[Any]) -> None:
        """Take the rows from ``top`` of the page, counted from 0.

        ``samples``: (rows, width, channels) as ``Page.applied`` gives them. ``share``: (rows, width) uint8 in
        0..255, how far a pixel was taken for damaged; where it is 0 the master's own samples stay. ValueError
        for rows or pages out of order, or of another shape.
        """
        if page_number < self._number or page_number >= len(self._pages):
            raise ValueError(f"page {page_number} is over, or does not exist")
        while self._number < page_number:
            self._end_page()
            self._begin()
        assert self._current is not None
        self._current.write(top, samples, share)

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._stream.closed:
            return
        try:
            while self._number < len(self._pages):
                self._end_page()
                self._begin()
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            self._temporary.replace(self._path)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Leave no file behind, unless it has been closed well."""
        self._stream.close()
        self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    def _begin(self) -> None:
        done = self._number >= len(self._pages)
        self._current = None if done else _PageWriter(self._tiff, self._pages[self._number])

    def _end_page(self) -> None:
        assert self._current is not None
        self._current.finish()
        self._number += 1


class _PageWriter:
    """Collects one row of tiles at a time."""

    def __init__(self, tiff: TiffWriter, page: Page) -> None:
        self._tiff, self._page = tiff, page
        self._channels = page.sample_count + 1
        self._across = -(-page.width // TILE)
        self._band = np.zeros((TILE, self._across * TILE, self._channels), page.dtype)
        self._band_top, self._next = 0, 0
        self._offsets: list[int] = []
        self._sizes: list[int] = []
        self._empty: tuple[int, int] | None = None

    def write(self, top: int, samples: Samples, share: NDArray[Any]) -> None:
        page = self._page
        rows = len(samples)
        if top < self._next or top + rows > page.height:
            raise ValueError(f"rows {top} to {top + rows} are out of order or of the page")
        wanted = (rows, page.width, page.sample_count)
        if samples.shape != wanted or samples.dtype != page.dtype or share.shape != wanted[:2]:
            raise ValueError(f"expected {wanted} {page.dtype}, got {samples.shape} {samples.dtype}")
        self._next = top + rows
        start = 0
        while start < rows:
            while top + start >= self._band_top + TILE:
                self._flush()
            stop = min(rows, self._band_top + TILE - top)
            there = slice(top + start - self._band_top, top + stop - self._band_top)
            share_here = np.asarray(share[start:stop], np.uint8)
            target = self._band[there, : page.width]
            target[..., :-1] = samples[start:stop] * (share_here > 0)[..., None]
            target[..., -1] = share_here.astype(page.dtype) * (257 if page.dtype.itemsize == 2 else 1)
            start = stop

    def finish(self) -> None:
        while self._band_top < self._page.height:
            self._flush()
        page = self._page
        directory = Directory("<")
        bits = 8 * page.dtype.itemsize
        alpha = [2 if index == page.sheet.alpha else 0 for index in range(page.sheet.extras)]
        for tag, kind, values in (
            (256, LONG, [page.width]),
            (257, LONG, [page.height]),
            (258, SHORT, [bits] * self._channels),
            (259, SHORT, [8]),
            (262, SHORT, [_PHOTOMETRIC[page.channels]]),
            (277, SHORT, [self._channels]),
            (317, SHORT, [1]),
            (322, LONG, [TILE]),
            (323, LONG, [TILE]),
            (324, LONG8 if self._tiff.big else LONG, self._offsets),
            (325, LONG8 if self._tiff.big else LONG, self._sizes),
            (338, SHORT, [*alpha, 0]),
        ):
            directory.put(tag, kind, values)
        directory.put(270, ASCII, _SIGN)
        self._tiff.add_directory(directory)

    def _flush(self) -> None:
        for column in range(self._across):
            tile = self._band[:, column * TILE : (column + 1) * TILE]
            if not tile[..., -1].any():
                offset, size = self._empty_tile()
            else:
                data = zlib.compress(tile.astype(tile.dtype.newbyteorder("<")).tobytes(), _LEVEL)
                offset, size = self._tiff.append(data), len(data)
            self._offsets.append(offset)
            self._sizes.append(size)
        self._band[:] = 0
        self._band_top += TILE

    def _empty_tile(self) -> tuple[int, int]:
        if self._empty is None:
            data = zlib.compress(bytes(TILE * TILE * self._channels * self._page.dtype.itemsize), _LEVEL)
            self._empty = self._tiff.append(data), len(data)
        return self._empty


class RepairPage:
    """One page of a repair layer, read by rows."""

    def __init__(self, path: Path, directory: Directory) -> None:
        self._path, self._directory = path, directory
        self.height, self.width = directory.number(257, 0), directory.number(256, 0)
        self.channels = directory.number(277, 0) - 1
        """Channels of the samples, without the share."""
        self.dtype = np.dtype(np.uint16 if directory.number(258, 8) == 16 else np.uint8)
        self._offsets, self._sizes = directory.numbers(324), directory.numbers(325)
        self._across = -(-self.width // TILE)
        if len(self._offsets) != len(self._sizes) or len(self._sizes) != self._across * -(
            -self.height // TILE
        ):
            raise MasterError("mlcore:repair:unreadable", f"{path.name}: its tiles do not make a page")
        self._cached: tuple[int, Samples] | None = None

    def rows(self, top: int, bottom: int) -> tuple[Samples, Share]:
        """Rows ``top`` to ``bottom``: samples (rows, width, channels) and share (rows, width) uint8.

        Both are zero where nothing changes. Raises MasterError ``mlcore:repair:unreadable``.
        """
        parts = []
        for number in range(top // TILE, -(-bottom // TILE)):
            start = number * TILE
            parts.append(self._band(number)[max(top, start) - start : bottom - start])
        rows = np.concatenate(parts) if len(parts) != 1 else parts[0]
        share = rows[..., -1]
        return rows[..., :-1], (share // 257 if share.dtype.itemsize == 2 else share).astype(np.uint8)

    def _band(self, number: int) -> Samples:
        """One row of tiles, (TILE, width, channels + 1)."""
        if self._cached is None or self._cached[0] != number:
            band = np.zeros((TILE, self._across * TILE, self.channels + 1), self.dtype)
            with self._path.open("rb") as file:
                for column in range(self._across):
                    index = number * self._across + column
                    file.seek(self._offsets[index])
                    self._unpack(file.read(self._sizes[index]), band[:, column * TILE : (column + 1) * TILE])
            self._cached = number, band[:, : self.width]
        return self._cached[1]

    def _unpack(self, data: bytes, tile: Samples) -> None:
        try:
            raw = zlib.decompress(data)
            tile[:] = np.frombuffer(raw, self.dtype.newbyteorder("<")).reshape(tile.shape)
        except (zlib.error, ValueError) as error:
            raise MasterError("mlcore:repair:unreadable", f"{self._path.name}: damaged ({error})") from error


class Repair:
    """An opened repair layer; ``pages`` are those of the master, in order."""

    def __init__(self, pages: list[RepairPage]) -> None:
        self.pages = pages

    def check(self, master: Master) -> None:
        """Raise MasterError ``mlcore:repair:mismatch`` unless this was made for a master of this shape."""
        shapes = [(page.height, page.width, page.channels, page.dtype) for page in self.pages]
        if shapes != [(page.height, page.width, page.sample_count, page.dtype) for page in master.pages]:
            raise MasterError("mlcore:repair:mismatch", "the repair layer was made for another picture")


def open_repair(path: Path) -> Repair:
    """Open a repair layer. Raises MasterError ``mlcore:repair:missing`` or ``mlcore:repair:unreadable``."""
    try:
        with path.open("rb") as file:
            structure = read_structure(file)
    except FileNotFoundError as error:
        raise MasterError("mlcore:repair:missing", f"{path.name}: there is no such file") from error
    except BrokenTiff as error:
        raise MasterError("mlcore:repair:unreadable", f"{path.name}: {error}") from error
    if any(directory.bytes_of(270) != _SIGN for directory in structure.directories):
        raise MasterError("mlcore:repair:unreadable", f"{path.name}: not a repair layer")
    return Repair([RepairPage(path, directory) for directory in structure.directories])


def _bound(pages: list[Page]) -> int:
    """Bytes that the file can have at most."""
    return sum(
        (page.height + TILE)
        * (page.width + TILE)
        * (COLOUR_COUNTS[page.channels] + page.sheet.extras + 2)
        * page.dtype.itemsize
        for page in pages
    )
