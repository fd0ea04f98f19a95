"""A TIFF's directories with the places of everything in them; classic and BigTIFF, both byte orders."""

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

from archive.camera_privacy.splices import UnclearMetadata

_SIZES = {
    **dict.fromkeys((1, 2, 6, 7), 1),
    **dict.fromkeys((3, 8), 2),
    **dict.fromkeys((4, 9, 11, 13), 4),
    **dict.fromkeys((5, 10, 12, 16, 17, 18), 8),
}
_LETTERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_MOST_ENTRIES = 65_535


@dataclass(frozen=True, slots=True)
class Entry:
    """A tag: its type, number of values, its own bytes in the table. `place`: where the value lies, `size`
    bytes of it; None where it stands in the table, is of an unknown type, or outside of the file."""

    tag: int
    kind: int
    count: int
    raw: bytes
    place: int | None
    size: int


@dataclass(frozen=True, slots=True)
class Directory:
    """A table from `start` to `stop`; to `chained_stop` with the place of the next, `follows` (0: none)."""

    start: int
    stop: int
    chained_stop: int
    follows: int
    entries: list[Entry]

    def entry(self, tag: int) -> Entry | None:
        """The entry of `tag`."""
        return next((entry for entry in self.entries if entry.tag == tag), None)


class TiffReader:
    """Reads the header and directories of a seekable file. Raises UnclearMetadata wherever it is no TIFF."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.length = file.seek(0, os.SEEK_END)
        mark = self.bytes_at(0, 4)
        if mark[:2] not in {b"II", b"MM"}:
            raise UnclearMetadata("no byte order")
        self._order = "<" if mark[:2] == b"II" else ">"
        version = self._unpacked("H", mark[2:])
        if version not in {42, 43}:
            raise UnclearMetadata(f"TIFF version {version}")
        self._big = version == 43
        self._pointer = "Q" if self._big else "I"
        self.header_size = 16 if self._big else 8
        self.first = self._unpacked(self._pointer, self.bytes_at(*((8, 8) if self._big else (4, 4))))

    def bytes_at(self, place: int, size: int) -> bytes:
        """The bytes there. Raises UnclearMetadata where they are outside of the file."""
        if place < 0 or place + size > self.length:
            raise UnclearMetadata("something points outside of the file")
        self.file.seek(place)
        return self.file.read(size)

    def directory(self, start: int) -> Directory:
        """The directory at `start`."""
        letter, head, size = ("Q", 8, 20) if self._big else ("H", 2, 12)
        count = self._unpacked(letter, self.bytes_at(start, head))
        if count > _MOST_ENTRIES:
            raise UnclearMetadata(f"{count} tags")
        table = self.bytes_at(start + head, count * size)
        entries = [self._entry(table[at : at + size], start + head + at) for at in range(0, len(table), size)]
        stop = start + head + len(table)
        width = struct.calcsize(self._pointer)
        # A directory that nothing follows may end with the file.
        chained = stop + width <= self.length
        follows = self._unpacked(self._pointer, self.bytes_at(stop, width)) if chained else 0
        return Directory(start, stop, stop + width if chained else stop, follows, entries)

    def _entry(self, raw: bytes, at: int) -> Entry:
        tag, kind = struct.unpack(self._order + "HH", raw[:4])
        width = (len(raw) - 4) // 2
        count = self._unpacked(self._pointer, raw[4 : 4 + width])
        size = count * _SIZES.get(kind, 0)
        place = None
        if size > width:
            place = self._unpacked(self._pointer, raw[4 + width :])
            place = place if place + size <= self.length else None
        return Entry(tag, kind, count, raw, place, size)

    def numbers(self, entry: Entry | None) -> tuple[int, ...]:
        """The whole numbers of `entry`; none where it is missing, of another type or outside of the file."""
        if entry is None or entry.kind not in _LETTERS:
            return ()
        if entry.place is not None:
            raw = self.bytes_at(entry.place, entry.size)
        else:
            raw = entry.raw[4 + (len(entry.raw) - 4) // 2 :][: entry.size]
            if len(raw) < entry.size:
                return ()
        return struct.unpack(f"{self._order}{entry.count}{_LETTERS[entry.kind]}", raw)

    def table(self, entries: list[bytes], follows: int | None) -> bytes:
        """A directory's bytes, with the pointer to the next unless `follows` is None."""
        count = struct.pack(self._order + ("Q" if self._big else "H"), len(entries))
        pointer = b"" if follows is None else struct.pack(self._order + self._pointer, follows)
        return count + b"".join(entries) + pointer

    def _unpacked(self, letter: str, raw: bytes) -> int:
        number: int = struct.unpack(self._order + letter, raw)[0]
        return number
