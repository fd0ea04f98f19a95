"""TIFF and EXIF blocks, which are the same container: directories without telling tags, in their old places.

What no remaining tag leads to is dark: it becomes zeros, left-overs of other programs too. Nothing moves, so
the pixels of a file of any size need not be touched.
"""

import io
import os
from collections.abc import Iterator
from typing import BinaryIO

from archive.camera_privacy.iptc_records import cleaned_iim, cleaned_resources
from archive.camera_privacy.splices import Splice, UnclearMetadata, spliced
from archive.camera_privacy.telling import tag_tells
from archive.camera_privacy.tiff_directories import Directory, Entry, TiffReader
from archive.camera_privacy.tiff_pixels import pixel_places
from archive.camera_privacy.xmp_packets import cleaned_xmp
from archive.formats.jpeg_markers import APP0, APP14, BrokenJpeg, markers

_SUB_PAGES, _GLOBAL, _EXIF, _INTEROPERABILITY = 330, 400, 34665, 40965
_INNER = frozenset({_SUB_PAGES, _GLOBAL, _EXIF, _INTEROPERABILITY})
_XMP, _IPTC, _PHOTOSHOP = 700, 33723, 34377
_CLEANED = frozenset({_XMP, _IPTC, _PHOTOSHOP})
_COMPRESSION, _PREVIEW = 259, 513
_JPEGS = frozenset({6, 7})
_LONGEST_VALUE = 64 << 20
_SMALLEST_GAP = 8
_DEEPEST = 4


def clean_tiff(file: BinaryIO) -> list[Splice]:
    """The splices, none of which changes the length. Raises UnclearMetadata."""
    return _Cleaning(TiffReader(file), set()).splices()


def cleaned_exif(block: bytes) -> bytes | None:
    """An EXIF `block` (which begins as a TIFF does), as long as before; None where it must go wholly."""
    try:
        return spliced(block, clean_tiff(io.BytesIO(block)))
    except UnclearMetadata:
        return None


class _Cleaning:
    """One run through a file's directories. Keeps places (start, stop), and what is written over them."""

    def __init__(self, reader: TiffReader, seen: set[int]) -> None:
        """`seen`: where directories were found that need not be looked at again."""
        self._reader = reader
        self._seen = seen
        self._kept: list[tuple[int, int]] = []
        self._dark: set[tuple[int, int]] = set()
        self._written: dict[int, Splice] = {}

    def splices(self) -> list[Splice]:
        if not self._chain(self._reader.first, 0):
            raise UnclearMetadata("no directory")
        self._kept.append((0, self._reader.header_size))
        return [*self._written.values(), *self._gaps()]

    def _chain(self, offset: int, depth: int) -> bool:
        """Clean directories one after the other; whether there was any to be kept."""
        kept = False
        while offset and offset not in self._seen:
            directory = self._reader.directory(offset)
            kept = self._clean(directory, depth, chained=True) or kept
            offset = directory.follows
        return kept

    def _clean(self, directory: Directory, depth: int, *, chained: bool) -> bool:
        """Clean one directory; whether anything is left in it."""
        self._seen.add(directory.start)
        compression = self._reader.numbers(directory.entry(_COMPRESSION))
        jpegs = not _JPEGS.isdisjoint(compression) or directory.entry(_PREVIEW) is not None
        for start, stop in pixel_places(self._reader, directory):
            self._kept.append((start, stop))
            if jpegs:
                self._dark.update(self._metadata_inside(start, stop))
        entries = [entry for entry in directory.entries if not tag_tells(entry.tag)]
        raw = [raw for entry in entries if (raw := self._cleaned(entry, depth)) is not None]
        if raw or chained:
            table = self._reader.table(raw, directory.follows if chained else None)
            stop = directory.chained_stop if chained else directory.stop
            self._kept.append((directory.start, stop))
            padded = table.ljust(stop - directory.start, b"\0")
            self._written[directory.start] = Splice(directory.start, stop, padded)
        return bool(raw)

    def _cleaned(self, entry: Entry, depth: int) -> bytes | None:
        """The entry's own bytes for the new table, None where it goes. Keeps its value."""
        if entry.tag in _INNER and entry.kind in {3, 4, 13, 16, 18}:
            return self._inner(entry, depth)
        if entry.tag in _CLEANED:
            return self._cleaned_value(entry)
        if entry.place is not None:
            self._kept.append((entry.place, entry.place + entry.size))
        return entry.raw

    def _inner(self, entry: Entry, depth: int) -> bytes | None:
        """A broken inner directory is left out: the picture does not depend on it."""
        if depth >= _DEEPEST:
            return None
        inner = _Cleaning(self._reader, self._seen)
        try:
            offsets = self._reader.numbers(entry)
            if entry.tag == _SUB_PAGES:
                left = [inner._chain(offset, depth + 1) for offset in offsets]
            else:
                new = [self._reader.directory(offset) for offset in offsets if offset not in self._seen]
                left = [inner._clean(directory, depth + 1, chained=False) for directory in new]
        except UnclearMetadata:
            return None
        if not any(left):
            return None
        self._kept += inner._kept
        self._dark |= inner._dark
        self._written |= inner._written
        if entry.place is not None:
            self._kept.append((entry.place, entry.place + entry.size))
        return entry.raw

    def _cleaned_value(self, entry: Entry) -> bytes | None:
        """XMP, IPTC or Photoshop's resources: never longer than before."""
        if entry.place is None or entry.size > _LONGEST_VALUE:
            return None
        value = self._reader.bytes_at(entry.place, entry.size)
        if entry.tag == _XMP:
            new = cleaned_xmp(value)
        elif entry.tag == _IPTC:
            new = cleaned_iim(value)
        else:
            new = cleaned_resources(value, cleaned_exif)
        if not new:
            return None
        self._kept.append((entry.place, entry.place + entry.size))
        if new == value:
            return entry.raw
        padded = new.ljust(entry.size, b"\0")
        self._written[entry.place] = Splice(entry.place, entry.place + entry.size, padded)
        return entry.raw

    def _metadata_inside(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Places of metadata in a strip, tile or preview that is a JPEG of its own."""
        if self._reader.bytes_at(start, min(3, stop - start)) != b"\xff\xd8\xff":
            return
        try:
            for marker in markers(self._reader.file, start, stop, header_only=True):
                if marker.is_application and marker.kind not in {APP0, APP14}:
                    yield marker.body, marker.stop
        except BrokenJpeg:
            return  # a strip need not be a whole JPEG

    def _gaps(self) -> Iterator[Splice]:
        """Zeros for all that is not kept, and for what is dark within."""
        end = 0
        length = self._reader.file.seek(0, os.SEEK_END)
        for start, stop in [*sorted(self._kept), (length, length)]:
            if start - end >= _SMALLEST_GAP or (start > end and start == length):
                yield Splice(end, start, zeros=start - end)
            end = max(end, min(stop, length))
        for start, stop in self._dark:
            yield Splice(start, stop, zeros=stop - start)
