"""A JPEG's markers, with their places, from its beginning to its end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

START, END, SCAN, COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
APP0, APP1, APP2, APP12, APP13, APP14 = 0xE0, 0xE1, 0xE2, 0xEC, 0xED, 0xEE

_SEQUENTIAL_FRAMES = frozenset({0xC0, 0xC1, 0xC9})
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_IN_A_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_BYTES_AT_ONCE = 1 << 20
# Metadata of a hundred megabytes takes some two thousand.
_MOST_MARKERS = 10_000


class BrokenJpeg(ValueError):
    """The bytes are no JPEG, or it breaks off between its scans."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker: its second byte; where it begins, where its body does, and where that ends."""

    kind: int
    start: int
    body: int
    stop: int

    @property
    def is_application(self) -> bool:
        """Whether it holds metadata of a program."""
        return APP0 <= self.kind <= 0xEF


def markers(file: BinaryIO, start: int, stop: int, *, header_only: bool = False) -> Iterator[Marker]:
    """Every marker of the JPEG between `start` and `stop`; the last one is the end of the picture, if it has
    one. With `header_only`, up to the first scan. Raises BrokenJpeg.
    """
    file.seek(start)
    if file.read(2) != b"\xff\xd8":
        raise BrokenJpeg("no start of a JPEG")
    place = start + 2
    while place < stop:
        marker = _marker_at(file, place, stop)
        if marker.kind == SCAN and header_only:
            return
        yield marker
        if marker.kind == END:
            return
        place = marker.stop
        if marker.kind == SCAN:
            place = _behind_scan(file, place, stop)


def scan_count(path: Path, *, most: int) -> int:
    """How many scans the JPEG at `path` has, as far as it can be read; counted no further than `most` + 1,
    which is also the answer for one with markers beyond all measure.

    One, without reading on, where the first brings the whole picture: then there is no second.
    """
    count = components = 0
    with path.open("rb") as file:
        try:
            for number, marker in enumerate(markers(file, 0, path.stat().st_size)):
                if number > _MOST_MARKERS:
                    return most + 1
                if marker.kind in _SEQUENTIAL_FRAMES and not components:
                    file.seek(marker.body + 5)
                    components = file.read(1)[0]
                if marker.kind == SCAN:
                    count += 1
                    file.seek(marker.body)
                    if count > most or file.read(1)[0] == components:
                        return count
        except BrokenJpeg:
            return count
    return count


def _marker_at(file: BinaryIO, place: int, stop: int) -> Marker:
    file.seek(place)
    lead = file.read(2)
    if lead[:1] != b"\xff":
        raise BrokenJpeg("no marker where one must be")
    body = place + 2
    while lead[1:] == b"\xff":  # fill bytes
        lead = lead[1:] + file.read(1)
        body += 1
    if len(lead) < 2 or body > stop:
        raise BrokenJpeg("it ends between markers")
    kind = lead[1]
    if kind == END or kind in _ALONE:
        return Marker(kind, place, body, body)
    length = int.from_bytes(file.read(2), "big")
    if length < 2 or body + length > stop:
        raise BrokenJpeg("a segment breaks off")
    return Marker(kind, place, body + 2, body + length)


def _behind_scan(file: BinaryIO, place: int, stop: int) -> int:
    """Where the next marker that does not belong to a scan begins."""
    kept = b""
    file.seek(place)
    while place < stop:
        data = kept + file.read(min(_BYTES_AT_ONCE, stop - place))
        found = _IN_A_SCAN.search(data)
        if found:
            return place - len(kept) + found.start()
        place += len(data) - len(kept)
        kept = b"\xff" if data.endswith(b"\xff") else b""
    return stop
