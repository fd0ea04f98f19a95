"""The files of a ZIP, which may have been made to do harm. Nothing is ever written where a name in it says.

Numbers that a ZIP tells about itself only lead to a refusal, never to trust: what counts are the bytes that
come out of it.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from django.conf import settings

from archive.errors import InputError
from archive.importing.entries import Entry, Source, is_hidden
from archive.messages import input_error, plain_size

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1 | 0x40

# "End of central directory", as it stands in the file's last bytes, and its larger brother.
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_LONGEST_COMMENT = 0xFFFF
_LOCAL_HEADER_BYTES = 30
# What an entry may take of the directory on average: its names are read into memory before they are counted.
_DIRECTORY_BYTES_PER_ENTRY = 512


class OpenedZip:
    """A ZIP whose directory has been read and found honest as far as it goes: its `entries` in their order.

    `bytes_read` counts what has come out of it.
    """

    def __init__(self, archive: zipfile.ZipFile, *, bytes_read: int = 0) -> None:
        self.bytes_read = bytes_read
        self._archive = archive
        self.entries = self._entries()

    def _entries(self) -> list[Entry]:
        seen: dict[str, int] = {}
        entries = []
        for info in self._archive.infolist():
            path = info.filename.replace("\\", "/")
            refusal = _refusal_of(info, path)
            if path.endswith("/") or (refusal is None and is_hidden(path)):
                continue
            seen[path] = seen.get(path, 0) + 1
            if seen[path] > 1:
                refusal = refusal or input_error("archive:zip:twice")
                path = f"{path} [{seen[path]}]"
            entries.append(Entry(path, partial(self._opened, info), refusal))
        return entries

    @contextmanager
    def _opened(self, info: zipfile.ZipInfo) -> Iterator[Source]:
        try:
            file = self._archive.open(info)
        except _BROKEN as error:
            raise input_error("archive:zip:damaged") from error
        with file:
            yield _Unpacking(file, info.file_size, self._count)

    def _count(self, size: int) -> None:
        self.bytes_read += size
        refuse_too_much(self.bytes_read)


def refuse_too_much(byte_count: int) -> None:
    """Raises InputError archive:zip:too-much where so many bytes unpacked are more than is allowed."""
    limit = settings.PULIH_MAX_UNPACKED_BYTES
    if byte_count > limit:
        raise input_error("archive:zip:too-much", limit=plain_size(limit))


def declared_entries(path: Path) -> int:
    """How many entries the ZIP at `path` says it has, from its last bytes alone.

    Raises InputError: archive:zip:not-a-zip, archive:zip:too-many-entries.
    """
    try:
        with path.open("rb") as file:
            count, directory_bytes = _read_end(file)
    except (struct.error, OSError, ValueError) as error:
        raise input_error("archive:zip:not-a-zip") from error
    limit = settings.PULIH_MAX_ZIP_ENTRIES
    if count > limit or directory_bytes > limit * _DIRECTORY_BYTES_PER_ENTRY:
        raise input_error("archive:zip:too-many-entries", limit=limit)
    return count


@contextmanager
def open_zip(path: Path, *, bytes_read: int = 0) -> Iterator[OpenedZip]:
    """The ZIP at `path`; `bytes_read`: what earlier turns have unpacked of it.

    Raises InputError: archive:zip:not-a-zip, archive:zip:too-many-entries, archive:zip:overlapping.
    """
    declared_entries(path)
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise input_error("archive:zip:not-a-zip") from error
    with archive:
        if len(archive.infolist()) > settings.PULIH_MAX_ZIP_ENTRIES:
            raise input_error("archive:zip:too-many-entries", limit=settings.PULIH_MAX_ZIP_ENTRIES)
        refuse_overlapping(archive)
        yield OpenedZip(archive, bytes_read=bytes_read)


class _Unpacking:
    """Bytes of one entry as they come out; each is counted before anybody gets it."""

    def __init__(self, file: IO[bytes], declared: int, count: Callable[[int], None]) -> None:
        self._file = file
        self._left = declared
        self._count = count

    def read(self, size: int, /) -> bytes:
        try:
            piece = self._file.read(size)
        except _BROKEN as error:
            raise input_error("archive:zip:damaged") from error
        self._left -= len(piece)
        self._count(len(piece))
        if not piece and self._left:
            raise input_error("archive:zip:damaged")
        return piece


def _refusal_of(info: zipfile.ZipInfo, path: str) -> InputError | None:
    """Why this entry is not opened, by what the directory says of it."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in path.split("/"):
        return input_error("archive:zip:unsafe-path")
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return input_error("archive:zip:no-file")
    if info.flag_bits & _ENCRYPTED:
        return input_error("archive:zip:encrypted")
    if info.compress_type not in _METHODS:
        return input_error("archive:zip:compression")
    if path.lower().endswith(".zip"):
        return input_error("archive:zip:nested")
    return None


def refuse_overlapping(archive: zipfile.ZipFile) -> None:
    """Bombs of a few kilobytes give the same packed bytes to many entries: archive:zip:overlapping."""
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise input_error("archive:zip:overlapping")
        name_bytes = len(info.orig_filename)  # at least so many, in whatever encoding
        end = info.header_offset + _LOCAL_HEADER_BYTES + name_bytes + info.compress_size
    if end > archive.start_dir:
        raise input_error("archive:zip:overlapping")


def _read_end(file: IO[bytes]) -> tuple[int, int]:
    """Number of entries and bytes of the central directory, as the file's end tells them."""
    size = file.seek(0, 2)
    start = max(0, size - _END.size - _LONGEST_COMMENT)
    file.seek(start)
    tail = file.read()
    position = tail.rindex(b"PK\5\6")
    _mark, _disk, _first, _here, count, directory_bytes, _offset, _comment = _END.unpack_from(tail, position)
    locator = position - _LOCATOR_64.size
    if locator >= 0 and tail[locator : locator + 4] == b"PK\6\7":
        _mark, _disk, end_64, _disks = _LOCATOR_64.unpack_from(tail, locator)
        file.seek(min(end_64, size))
        fields = _END_64.unpack(file.read(_END_64.size))
        count, directory_bytes = max(count, fields[7]) if count != 0xFFFF else fields[7], fields[8]
    return count, directory_bytes
