"""Files that are made while they are read, at whatever place."""

from __future__ import annotations

import io


class PlacedFile(io.RawIOBase):
    """Readable from any place up to `byte_size`; who inherits it reads from `_place` on in `readinto`."""

    def __init__(self, byte_size: int = 0) -> None:
        super().__init__()
        self.byte_size = byte_size
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.byte_size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning of the file")
        self._place = base + offset
        return self._place
