"""TIFF as a container: directories of tags, classic and BigTIFF, both byte orders, read and written.

Values stay the bytes that they are in the file, so that what is only carried over is carried over exactly.
An EXIF block is the same container, and is read with the same code.
"""

import io
import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

SHORT, LONG, UNDEFINED, BYTE, ASCII, RATIONAL, LONG8 = 3, 4, 7, 1, 2, 5, 16
EXIF, GPS, INTEROPERABILITY = 34665, 34853, 40965
LAYERS = 37724
"""Photoshop's layers, often larger than the picture. They are known to be there, and never read."""

_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_LETTERS = {
    1: "B",
    3: "H",
    4: "I",
    6: "b",
    8: "h",
    9: "i",
    11: "f",
    12: "d",
    13: "I",
    16: "Q",
    17: "q",
    18: "Q",
}
_SUB_DIRECTORIES = frozenset({EXIF, GPS, INTEROPERABILITY})
_MOST_DIRECTORIES = 10_000
_MOST_ENTRIES = 65_535


class BrokenTiff(ValueError):
    """The bytes are no TIFF, or directories or values lie outside of the file."""


Order = Literal["<", ">"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A tag's value: its TIFF type, number of values, and their bytes in the file's order."""

    kind: int
    count: int
    raw: bytes


@dataclass(slots=True)
class Directory:
    """One page's (or the EXIF block's) tags, in byte ``order`` "<" or ">"; ``inner`` are directories that
    tags point to.
    """

    order: Order
    entries: dict[int, Entry] = field(default_factory=dict)
    inner: dict[int, "Directory"] = field(default_factory=dict)

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Whole numbers of ``tag``; nothing where it is missing or of another kind."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _LETTERS or entry.kind in {11, 12}:
            return ()
        return struct.unpack(f"{self.order}{entry.count}{_LETTERS[entry.kind]}", entry.raw)

    def number(self, tag: int, default: int) -> int:
        """The first whole number of ``tag``."""
        return next(iter(self.numbers(tag)), default)

    def fractions(self, tag: int) -> tuple[tuple[int, int], ...]:
        """Rational values of ``tag`` as (numerator, denominator)."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind != RATIONAL:
            return ()
        flat = struct.unpack(f"{self.order}{2 * entry.count}I", entry.raw)
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    def bytes_of(self, tag: int) -> bytes | None:
        """The raw value of ``tag``."""
        entry = self.entries.get(tag)
        return entry.raw if entry else None

    def put(self, tag: int, kind: int, values: Sequence[int] | bytes) -> None:
        """Set ``tag``, numbers or bytes."""
        if isinstance(values, bytes):
            self.entries[tag] = Entry(kind, len(values), values)
        else:
            raw = struct.pack(f"{self.order}{len(values)}{_LETTERS[kind]}", *values)
            self.entries[tag] = Entry(kind, len(values), raw)

    def put_fraction(self, tag: int, numerator: int, denominator: int) -> None:
        """Set ``tag`` to one rational value."""
        self.entries[tag] = Entry(RATIONAL, 1, struct.pack(self.order + "II", numerator, denominator))

    def drop(self, tags: Iterable[int]) -> None:
        """Remove what there is of ``tags``."""
        for tag in tags:
            self.entries.pop(tag, None)
            self.inner.pop(tag, None)

    def copy(self) -> "Directory":
        """One whose entries may be changed."""
        return Directory(self.order, dict(self.entries), dict(self.inner))


@dataclass(frozen=True, slots=True)
class TiffStructure:
    """A file's byte ``order``, whether it is a BigTIFF, and its pages' directories in order."""

    order: Order
    big: bool
    directories: list[Directory]


def read_structure(file: BinaryIO) -> TiffStructure:
    """Read every page's directory. Raises ``BrokenTiff``."""
    reader = _Reader(file)
    return TiffStructure(reader.order, reader.big, list(reader.chain()))


def read_exif(block: bytes) -> Directory | None:
    """The first directory of an EXIF block (which begins as a TIFF does), None where it is broken."""
    try:
        return next(_Reader(io.BytesIO(block)).chain(), None)
    except BrokenTiff:
        return None


def pointer_to_second(block: bytes) -> slice:
    """The bytes in which an EXIF block says where its second directory lies. Raises ``BrokenTiff``."""
    return _Reader(io.BytesIO(block)).pointer_behind_first()


class _Reader:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._length = file.seek(0, os.SEEK_END)
        mark = self._at(0, 4)
        if mark[:2] not in {b"II", b"MM"}:
            raise BrokenTiff("no byte order")
        self.order: Order = "<" if mark[:2] == b"II" else ">"
        version = struct.unpack(self.order + "H", mark[2:])[0]
        if version not in {42, 43}:
            raise BrokenTiff(f"version {version}")
        self.big = version == 43
        self._form = ("Q", 8, 20) if self.big else ("H", 2, 12)  # of a directory's head and entries
        self._first = self._integer(8, "Q") if self.big else self._integer(4, "I")

    def chain(self) -> Iterator[Directory]:
        offset, seen = self._first, set[int]()
        while offset:
            if offset in seen or len(seen) >= _MOST_DIRECTORIES:
                raise BrokenTiff("directories go round in a circle")
            seen.add(offset)
            directory, offset = self._directory(offset)
            yield directory

    def pointer_behind_first(self) -> slice:
        letter, head, size = self._form
        end = self._first + head + size * self._integer(self._first, letter)
        return slice(end, end + (8 if self.big else 4))

    def _directory(self, offset: int, depth: int = 0) -> tuple[Directory, int]:
        letter, head, size = self._form
        count = self._integer(offset, letter)
        if count > _MOST_ENTRIES:
            raise BrokenTiff(f"{count} tags")
        table = self._at(offset + head, count * size)
        directory = Directory(self.order)
        for start in range(0, len(table), size):
            tag, kind = struct.unpack(self.order + "HH", table[start : start + 4])
            if kind in _SIZES:
                rest = table[start + 4 : start + size]
                entry = Entry(kind, 0, b"") if tag == LAYERS else self._entry(kind, rest)
                directory.entries[tag] = entry
                if tag in _SUB_DIRECTORIES and depth < 2 and entry.count == 1:
                    self._go_into(directory, tag, depth)
        follows = self._integer(offset + head + len(table), "Q" if self.big else "I") if depth == 0 else 0
        return directory, follows

    def _go_into(self, directory: Directory, tag: int, depth: int) -> None:
        """A broken inner directory is left out; the picture does not depend on it."""
        entry = directory.entries.pop(tag)
        holder = Directory(self.order, {tag: entry})
        try:
            directory.inner[tag], _ = self._directory(holder.number(tag, 0), depth + 1)
        except BrokenTiff:
            return

    def _entry(self, kind: int, rest: bytes) -> Entry:
        letter = "Q" if self.big else "I"
        width = len(rest) // 2
        count = struct.unpack(self.order + letter, rest[:width])[0]
        size = count * _SIZES[kind]
        if size <= width:
            return Entry(kind, count, rest[width : width + size])
        return Entry(kind, count, self._at(struct.unpack(self.order + letter, rest[width:])[0], size))

    def _integer(self, offset: int, letter: str) -> int:
        value: int = struct.unpack(self.order + letter, self._at(offset, struct.calcsize(letter)))[0]
        return value

    def _at(self, offset: int, size: int) -> bytes:
        if offset + size > self._length:
            raise BrokenTiff("points outside of the file")
        self._file.seek(offset)
        return self._file.read(size)


class TiffWriter:
    """Writes a TIFF from its header on: first ``append`` data, then ``add_directory``, page by page."""

    def __init__(self, stream: BinaryIO, *, order: Order, big: bool) -> None:
        """``stream``: empty and seekable."""
        self._stream = stream
        self.order, self.big = order, big
        mark = b"II" if order == "<" else b"MM"
        stream.write(
            mark + (struct.pack(order + "HHHQ", 43, 8, 0, 0) if big else struct.pack(order + "HI", 42, 0))
        )
        self._pointer = 8 if big else 4

    def append(self, data: bytes) -> int:
        """Write ``data`` at an even place; returns where."""
        offset = self._stream.tell()
        if offset % 2:
            self._stream.write(b"\0")
            offset += 1
        self._stream.write(data)
        return offset

    def add_directory(self, directory: Directory) -> None:
        """Write the next page's tags and all that they point to."""
        offset, end = self._write(directory)
        here = self._stream.tell()
        self._stream.seek(self._pointer)
        self._stream.write(struct.pack(self.order + ("Q" if self.big else "I"), offset))
        self._stream.seek(here)
        self._pointer = end

    def _write(self, directory: Directory) -> tuple[int, int]:
        """Where the directory lies, and where its pointer to the next one does."""
        entries = dict(directory.entries)
        for tag, inner in directory.inner.items():
            place, _ = self._write(inner)
            kind, letter = (LONG8, "Q") if self.big else (LONG, "I")
            entries[tag] = Entry(kind, 1, struct.pack(self.order + letter, place))
        letter, width = ("Q", 8) if self.big else ("I", 4)
        table = struct.pack(self.order + ("Q" if self.big else "H"), len(entries))
        for tag, entry in sorted(entries.items()):
            raw = (
                entry.raw
                if len(entry.raw) <= width
                else struct.pack(self.order + letter, self.append(entry.raw))
            )
            table += struct.pack(f"{self.order}HH{letter}", tag, entry.kind, entry.count) + raw.ljust(
                width, b"\0"
            )
        offset = self.append(table)
        end = offset + len(table)
        self._stream.write(bytes(width))
        return offset, end
