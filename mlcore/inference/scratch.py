"""Numbers of every pixel of a picture, out of memory where there are many."""

import errno
import os
import tempfile
from pathlib import Path

import numpy as np
import torch

from mlcore.inference.pictures import Floats, Window
from mlcore.tiling import bands, rows_at_once

IN_MEMORY = 64 * 2**20
"""Bytes up to which nothing is written to disk."""

ROWS_READ = 4096
"""Rows read at a time."""


class ScratchPlane:
    """(height, width) shares in [0, 1], kept as float16 (0 and 1 exactly) and read and written by rows.

    In memory while small, then in a nameless file in ``folder`` (None: the system's place for such), read by
    plain reads, so that its pages do not count as memory of the process. PyTorch converts: ten times as fast.
    """

    def __init__(self, width: int, folder: Path | None) -> None:
        self._width = width
        place = None if folder is None else str(folder)
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=place)  # noqa: SIM115

    def write(self, top: int, rows: Floats) -> None:
        """Rows (h, width) from row ``top`` on."""
        self._file.seek(top * self._width * 2)
        self._file.write(torch.from_numpy(np.ascontiguousarray(rows)).half().numpy().data)

    def read(self, window: Window) -> Floats:
        """(h, w) float32 of a window whose rows have been written."""
        shares = np.empty(window.shape, np.float32)
        self._file.seek(window.top * self._width * 2)
        for rows in bands(len(shares), rows_at_once(self._width, ROWS_READ)):
            whole = torch.empty((rows.stop - rows.start, self._width), dtype=torch.half)
            self._file.readinto(whole.numpy().data)
            shares[rows] = whole[:, window.left : window.right].float().numpy()
        return shares

    def close(self) -> None:
        """Forget everything."""
        self._file.close()


class RowsInMemory:
    """(height, width, channels) float32 that tiles are added up in."""

    def __init__(self, width: int, channels: int) -> None:
        self._row = width, channels
        self._rows = np.empty((0, *self._row), np.float32)

    def begin(self, height: int) -> None:
        """Zeros, so many rows of them."""
        self._rows = np.empty((0, *self._row), np.float32)  # first, so that there are never both
        self._rows = np.zeros((height, *self._row), np.float32)

    def add(self, top: int, left: int, tile: Floats) -> None:
        """Add (h, w, up to all channels) at a place."""
        self._rows[top : top + len(tile), left : left + tile.shape[1], : tile.shape[2]] += tile

    def read(self, top: int, bottom: int) -> Floats:
        """(h, width, channels), as they are until the next ``begin``."""
        return self._rows[top:bottom]

    def close(self) -> None:
        """Forget everything."""
        self._rows = np.empty((0, *self._row), np.float32)


class ScratchRows:
    """The same in a nameless file in ``folder`` (None: the system's place for such), by plain reads."""

    def __init__(self, width: int, channels: int, folder: Path | None) -> None:
        self._row = width, channels
        self._row_bytes = width * channels * 4
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115

    def begin(self, height: int) -> None:
        """See ``RowsInMemory``; a file's holes are zeros."""
        self._file.truncate(0)
        self._file.truncate(height * self._row_bytes)

    def add(self, top: int, left: int, tile: Floats) -> None:
        """See ``RowsInMemory``."""
        shape = tile.shape[1], self._row[1]
        for number, row in enumerate(tile, top):
            offset = number * self._row_bytes + left * self._row[1] * 4
            there = np.empty(shape, np.float32)
            self._whole(os.preadv(self._file.fileno(), [there.data], offset), there.nbytes)
            there[:, : tile.shape[2]] += row
            self._whole(os.pwrite(self._file.fileno(), there.data, offset), there.nbytes)

    def read(self, top: int, bottom: int) -> Floats:
        """See ``RowsInMemory``; the array is the caller's own."""
        rows = np.empty((bottom - top, *self._row), np.float32)
        for number, row in enumerate(rows, top):
            self._whole(os.preadv(self._file.fileno(), [row.data], number * self._row_bytes), self._row_bytes)
        return rows

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    @staticmethod
    def _whole(done: int, asked: int) -> None:
        """OSError where a row was not read or written to its end, which only a full disk does."""
        if done != asked:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
