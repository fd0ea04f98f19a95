"""A file read as if some places of it were others."""

import io
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from archive.files.placed_reading import PlacedFile

_ZEROS = bytes(1 << 16)


class UnclearMetadata(ValueError):
    """The container is not what its format asks for, so nobody can say what it tells."""


@dataclass(frozen=True, slots=True)
class Splice:
    """Bytes `start` to `stop` of a file are `replacement` instead, then `zeros` times zero."""

    start: int
    stop: int
    replacement: bytes = b""
    zeros: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    """Where a piece begins in the spliced file, its length, and what it shows: bytes, a place in the source,
    or zeros."""

    start: int
    length: int
    shown: bytes | int | None


class SplicedFile(PlacedFile):
    """`source`, seekable, with splices. Only what is asked for is read; nothing is held but the replacements.

    Closing it closes `source`. Raises UnclearMetadata for splices that overlap.
    """

    def __init__(self, source: BinaryIO, splices: Iterable[Splice]) -> None:
        super().__init__()
        self._source = source
        self._pieces: list[_Piece] = []
        done = 0
        for splice in sorted(splices, key=lambda splice: splice.start):
            if splice.start < done:
                raise UnclearMetadata("two values share their place")
            self._add(splice.start - done, done)
            self._add(len(splice.replacement), splice.replacement)
            self._add(splice.zeros, None)
            done = splice.stop
        self._add(source.seek(0, io.SEEK_END) - done, done)
        self._starts = [piece.start for piece in self._pieces]

    def _add(self, length: int, shown: bytes | int | None) -> None:
        if length > 0:
            self._pieces.append(_Piece(self.byte_size, length, shown))
            self.byte_size += length

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # any writable buffer
        """Fill `buffer`, wholly unless the file ends."""
        target = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(target) and self._place < self.byte_size:
            piece = self._pieces[bisect_right(self._starts, self._place) - 1]
            inside = self._place - piece.start
            data = self._shown(piece, inside, min(piece.length - inside, len(target) - filled))
            if not data:
                raise OSError("the file became shorter while it was read")
            target[filled : filled + len(data)] = data
            filled += len(data)
            self._place += len(data)
        return filled

    def _shown(self, piece: _Piece, inside: int, length: int) -> bytes:
        if piece.shown is None:
            return _ZEROS[:length]
        if isinstance(piece.shown, bytes):
            return piece.shown[inside : inside + length]
        self._source.seek(piece.shown + inside)
        return self._source.read(length)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()


def spliced(content: bytes, splices: Iterable[Splice]) -> bytes:
    """`content` with `splices`. Raises UnclearMetadata where they overlap."""
    return SplicedFile(io.BytesIO(content), splices).readall() or b""
