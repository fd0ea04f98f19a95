"""An object of a bucket as a file that can be read."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from archive.files.placed_reading import PlacedFile
from archive.files.stores import StoreUnavailableError

# So much is asked for at first, and four times as much each time that reading goes straight on.
_FIRST_PIECE = 256 * 1024  # bytes
_LARGEST_PIECE = 8 * 1024**2

Fetch = Callable[[int, int], Any]
"""From the first byte to the last one, both included, to a body with read() and close()."""


class BucketFile(PlacedFile):
    """Seekable and `byte_size` long. Bytes are fetched when they are read, in pieces that grow.

    `body`: a body of all bytes that is on its way already. Raises as `fetch` and its body do, and
    StoreUnavailableError when the body ends too soon.
    """

    def __init__(self, fetch: Fetch, byte_size: int, body: Any = None) -> None:
        super().__init__(byte_size)
        self._fetch = fetch
        self._piece = _FIRST_PIECE
        self._body = body
        self._left = byte_size if body is not None else 0  # bytes that the body still has

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        before = self._place
        if super().seek(offset, whence) != before:
            self._let_go()
            self._piece = _FIRST_PIECE
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        wanted = min(len(buffer), self.byte_size - self._place)
        if wanted <= 0:
            return 0
        try:
            content = self._next(wanted)
        except StoreUnavailableError:
            # Servers close what is read too slowly: the rest is asked for once more.
            self._let_go()
            content = self._next(wanted)
        buffer[: len(content)] = content
        self._place += len(content)
        self._left -= len(content)
        if not self._left:
            self._let_go()
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._let_go()
        super().close()

    def _next(self, wanted: int) -> bytes:
        """Some of the next bytes, at most `wanted`."""
        if self._body is None:
            self._left = min(self._piece, self.byte_size - self._place)
            self._body = self._fetch(self._place, self._place + self._left - 1)
            self._piece = min(4 * self._piece, _LARGEST_PIECE)
        content: bytes = self._body.read(min(wanted, self._left))
        if not content:
            raise StoreUnavailableError("the bucket sent less than it said")
        return content

    def _let_go(self) -> None:
        if self._body is not None:
            self._body.close()
        self._body, self._left = None, 0
