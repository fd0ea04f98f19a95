"""Samples of one page in an unnamed temporary file, read and written by rows."""

import os
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mlcore.masters.vips import libvips

Samples = NDArray[Any]
"""(rows, width, channels), uint8 or uint16."""

_ROWS_A_STRIP = 16
_SHORT, _LONG = 3, 4
_PHOTOMETRIC = {1: 1, 2: 1, 3: 2, 4: 2}
_SEPARATED = 5


class RowFile:
    """(height, width, channels) of uint8 or uint16 on disk, zeros where nothing was written.

    Plain reads and writes, no memory map: a page of 139 megapixels costs a process no more memory than the
    rows that it asks for. The rows lie behind the header of an uncompressed TIFF, so that libvips can read
    the file too.
    """

    def __init__(
        self, height: int, width: int, channels: int, dtype: Any, folder: Path | None, *, inks: bool = False
    ) -> None:
        """An empty file in ``folder`` (None: the system's), gone when closed. ``inks``: the channels are
        CMYK. Raises OSError where there is no space for it."""
        self.shape = (height, width, channels)
        self.dtype = np.dtype(dtype)
        self._row_bytes = width * channels * self.dtype.itemsize
        self._file = tempfile.TemporaryFile(dir=folder, prefix="pulih-rows-")  # noqa: SIM115
        header = self._header(inks)
        self._start = len(header)
        os.pwrite(self._file.fileno(), header, 0)
        # All of the space at once: a decoder's own words for a full disk are those for a broken picture.
        try:
            os.posix_fallocate(self._file.fileno(), 0, self._start + height * self._row_bytes)
        except BaseException:
            self._file.close()
            raise

    def read(self, top: int, bottom: int) -> Samples:
        """Rows ``top`` to ``bottom``, (rows, width, channels); the array is the caller's own."""
        rows = np.empty((bottom - top, *self.shape[1:]), self.dtype)
        view = rows.view(np.uint8).reshape(-1).data
        offset = self._start + top * self._row_bytes
        done = 0
        while done < len(view):
            count = os.preadv(self._file.fileno(), [view[done:]], offset + done)
            if not count:
                raise OSError("a temporary file has become shorter")
            done += count
        return rows

    def write(self, top: int, rows: Samples) -> None:
        """Put (rows, width, channels) at row ``top``."""
        self._put(
            np.ascontiguousarray(rows, self.dtype).view(np.uint8).reshape(-1).data, top * self._row_bytes
        )

    def write_block(self, top: int, left: int, channel: int, block: Samples) -> None:
        """Put a block (h, w, c) at a place; what reaches beyond the page is cut off."""
        height, width, channels = self.shape
        block = block[: height - top, : width - left]
        if left == 0 and block.shape[1:] == (width, channels):
            self.write(top, block)
            return
        rows = self.read(top, top + len(block))
        rows[:, left : left + block.shape[1], channel : channel + block.shape[2]] = block
        self.write(top, rows)

    def take_in(self, image: Any) -> None:
        """Write a libvips image of the same geometry here, row by row as it is computed.

        Raises ``pyvips.Error`` where its file breaks off.
        """
        os.lseek(self._file.fileno(), self._start, os.SEEK_SET)
        image.rawsave_target(libvips().Target.new_to_descriptor(self._file.fileno()))

    def as_vips(self) -> Any:
        """The page as a libvips image, to be read once from top to bottom."""
        os.lseek(self._file.fileno(), 0, os.SEEK_SET)
        pyvips = libvips()
        source = pyvips.Source.new_from_descriptor(self._file.fileno())
        return pyvips.Image.tiffload_source(source, access="sequential", fail_on="error")

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def _put(self, view: memoryview, offset: int) -> None:
        done = 0
        while done < len(view):
            done += os.pwrite(self._file.fileno(), view[done:], self._start + offset + done)

    def _header(self, inks: bool) -> bytes:
        """An uncompressed little TIFF's header and directory, as long as the rows' place in the file."""
        height, width, channels = self.shape
        colours = 4 if inks else {1: 1, 2: 1}.get(channels, 3)
        extras = max(0, channels - colours)
        strips = -(-height // _ROWS_A_STRIP)
        arrays = {258: (_SHORT, [8 * self.dtype.itemsize] * channels), 338: (_SHORT, [2] * extras)}
        start = 8 + 2 + 10 * 12 + 4 + 2 * channels + 2 * extras + 8 * strips + 16
        start = -(-start // 16) * 16
        sizes = [
            min(_ROWS_A_STRIP, height - row) * self._row_bytes for row in range(0, height, _ROWS_A_STRIP)
        ]
        offsets = [start + row * self._row_bytes for row in range(0, height, _ROWS_A_STRIP)]
        entries: dict[int, tuple[int, list[int]]] = {
            256: (_LONG, [width]),
            257: (_LONG, [height]),
            **arrays,
            259: (_SHORT, [1]),
            262: (_SHORT, [_SEPARATED if inks else _PHOTOMETRIC[min(channels, 4)]]),
            273: (_LONG, offsets),
            277: (_SHORT, [channels]),
            278: (_LONG, [_ROWS_A_STRIP]),
            279: (_LONG, sizes),
        }
        present = {tag: entry for tag, entry in sorted(entries.items()) if entry[1]}
        order = "<" if sys.byteorder == "little" else ">"
        directory = struct.pack(order + "H", len(present))
        behind = b""
        place = 8 + 2 + 12 * len(present) + 4
        for tag, (kind, values) in present.items():
            packed = struct.pack(f"{order}{len(values)}{'H' if kind == _SHORT else 'I'}", *values)
            if len(packed) > 4:
                field = struct.pack(order + "I", place + len(behind))
                behind += packed
            else:
                field = packed.ljust(4, b"\0")
            directory += struct.pack(order + "HHI", tag, kind, len(values)) + field
        magic = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
        return (magic + directory + bytes(4) + behind).ljust(start, b"\0")
