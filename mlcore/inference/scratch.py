"""Numbers of every pixel of a picture, out of memory where there are many."""

import tempfile
from pathlib import Path

import numpy as np
import torch

from mlcore.inference.pictures import Floats, Window

IN_MEMORY = 64 * 2**20
"""Bytes up to which nothing is written to disk."""


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
        self._file.seek(window.top * self._width * 2)
        rows = torch.empty((window.bottom - window.top, self._width), dtype=torch.half)
        self._file.readinto(rows.numpy().data)
        return rows[:, window.left : window.right].float().numpy()

    def close(self) -> None:
        """Forget everything."""
        self._file.close()
