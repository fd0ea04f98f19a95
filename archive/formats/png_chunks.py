"""A PNG's chunks with their places."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_SIGNATURE_LENGTH = 8


class BrokenPng(ValueError):
    """A chunk breaks off, or the last one is missing."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk from `start` to `stop`, with `size` bytes of content from `body` on."""

    kind: bytes
    start: int
    size: int

    @property
    def body(self) -> int:
        return self.start + 8

    @property
    def stop(self) -> int:
        return self.body + self.size + 4


def chunks(file: BinaryIO, length: int) -> Iterator[Chunk]:
    """Every chunk of `file`, `length` bytes long; the last one is IEND. Raises BrokenPng."""
    place = _SIGNATURE_LENGTH
    kind = b""
    while kind != b"IEND":
        file.seek(place)
        head = file.read(8)
        kind = head[4:]
        chunk = Chunk(kind, place, int.from_bytes(head[:4], "big"))
        if len(head) < 8 or chunk.stop > length:
            raise BrokenPng("a chunk breaks off")
        yield chunk
        place = chunk.stop
