"""JPEG as a container: the segments before the first scan, read, joined and written."""

import hashlib
import shutil
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO

APP0, APP1, APP2, APP11, APP13, APP14, COMMENT = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE, 0xFE
EXIF_MARK = b"Exif\0\0"
XMP_MARK = b"http://ns.adobe.com/xap/1.0/\0"
MORE_XMP_MARK = b"http://ns.adobe.com/xmp/extension/\0"
ICC_MARK = b"ICC_PROFILE\0"
PHOTOSHOP_MARK = b"Photoshop 3.0\0"
PICTURES_MARK = b"MPF\0"
LONGEST = 65533
"""Bytes of one segment's body."""

_SCAN, _END, _START = 0xDA, 0xD9, 0xD8
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_IIM_RESOURCE = 0x0404
_RESOURCE_SIGNS = frozenset({b"8BIM", b"AgHg", b"DCSR", b"MeSa", b"PHUT"})
"""Of Photoshop, and of programs that followed it."""


class BrokenJpeg(ValueError):
    """The bytes are no JPEG, or it ends before its first scan."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker's second byte and the body behind the length."""

    marker: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame header says."""

    bits: int
    height: int
    width: int
    components: int


def read_segments(file: BinaryIO) -> list[Segment]:
    """Every segment before the first scan; ``file`` stands behind the last one. Raises ``BrokenJpeg``."""
    if file.read(2) != b"\xff\xd8":
        raise BrokenJpeg("no start of image")
    segments: list[Segment] = []
    while True:
        marker = _marker(file)
        if marker == _END:
            raise BrokenJpeg("no scan")
        if marker == _SCAN:
            file.seek(-2, 1)
            return segments
        if marker == 0x01 or 0xD0 <= marker <= _START:
            continue
        length = int.from_bytes(file.read(2), "big")
        body = file.read(max(0, length - 2))
        if length < 2 or len(body) != length - 2:
            raise BrokenJpeg("a segment breaks off")
        segments.append(Segment(marker, body))


def _marker(file: BinaryIO) -> int:
    """The next marker's second byte; fill bytes before it are passed over."""
    lead = file.read(1)
    if lead != b"\xff":
        raise BrokenJpeg("no marker where one must be")
    while lead == b"\xff":
        lead = file.read(1)
    if not lead:
        raise BrokenJpeg("it ends between segments")
    return lead[0]


def frame_of(segments: list[Segment]) -> Frame:
    """The frame header. Raises ``BrokenJpeg`` where there is none."""
    for segment in segments:
        if segment.marker in _FRAMES and len(segment.body) >= 6:
            return Frame(*struct.unpack(">BHHB", segment.body[:6]))
    raise BrokenJpeg("no frame")


def exif_of(segments: list[Segment]) -> bytes | None:
    """The EXIF block."""
    return next(iter(_bodies(segments, APP1, EXIF_MARK)), None)


def icc_of(segments: list[Segment]) -> bytes | None:
    """The ICC profile, joined from its parts."""
    parts = sorted((body[0], body[2:]) for body in _bodies(segments, APP2, ICC_MARK) if len(body) > 2)
    return b"".join(part for _, part in parts) or None


def iptc_of(segments: list[Segment]) -> bytes | None:
    """The IIM records in Photoshop's resources."""
    return iim_in_resources(b"".join(_bodies(segments, APP13, PHOTOSHOP_MARK)))


def iim_in_resources(resources: bytes) -> bytes | None:
    """The IIM records among Photoshop's image resources, None where there are none."""
    return next((data for number, _, data in _resources(resources) if number == _IIM_RESOURCE), None)


def resources_without(resources: bytes, numbers: Collection[int]) -> bytes:
    """Photoshop's image resources but for those of these numbers; what cannot be read stays."""
    kept, place = [], 0
    for number, end, _ in _resources(resources):
        if number not in numbers:
            kept.append(resources[place:end])
        place = end
    return b"".join([*kept, resources[place:]])


def _resources(resources: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number, end and data of each resource, one behind the other."""
    place = 0
    while resources[place : place + 4] in _RESOURCE_SIGNS and place + 12 <= len(resources):
        number = int.from_bytes(resources[place + 4 : place + 6], "big")
        named = resources[place + 6] + 1
        start = place + 6 + named + named % 2
        size = int.from_bytes(resources[start : start + 4], "big")
        place = start + 4 + size + size % 2
        yield number, place, resources[start + 4 : start + 4 + size]


def resources_with_iim(iim: bytes) -> bytes:
    """Photoshop's image resources that hold nothing but IIM records."""
    return b"8BIM" + struct.pack(">HHI", _IIM_RESOURCE, 0, len(iim)) + iim + b"\0" * (len(iim) % 2)


def xmp_of(segments: list[Segment]) -> tuple[bytes | None, bytes | None]:
    """The XMP packet, and what a writer put into extension segments because it was too long for one."""
    packet = next(iter(_bodies(segments, APP1, XMP_MARK)), None)
    parts: dict[bytes, list[tuple[int, bytes]]] = {}
    for body in _bodies(segments, APP1, MORE_XMP_MARK):
        if len(body) > 40:
            parts.setdefault(body[:32], []).append((int.from_bytes(body[36:40], "big"), body[40:]))
    for identifier, pieces in parts.items():
        joined = b"".join(piece for _, piece in sorted(pieces))
        if packet is not None and identifier in packet and _digest(joined) == identifier:
            return packet, joined
    return packet, None


def xmp_segments(packet: bytes, extension: bytes | None) -> list[Segment]:
    """Segments for a packet and its extension (see ``extension_name``)."""
    segments = [Segment(APP1, XMP_MARK + packet)]
    if extension is not None:
        head = MORE_XMP_MARK + _digest(extension) + struct.pack(">I", len(extension))
        step = LONGEST - len(head) - 4
        for start in range(0, len(extension), step):
            piece = head + struct.pack(">I", start) + extension[start : start + step]
            segments.append(Segment(APP1, piece))
    return segments


def icc_segments(profile: bytes) -> list[Segment]:
    """Segments for an ICC profile."""
    step = LONGEST - len(ICC_MARK) - 2
    parts = [profile[start : start + step] for start in range(0, len(profile), step)]
    return [
        Segment(APP2, ICC_MARK + bytes([number, len(parts)]) + part) for number, part in enumerate(parts, 1)
    ]


def extension_name(extension: bytes) -> str:
    """What ``xmpNote:HasExtendedXMP`` in the packet must say for ``extension``."""
    return _digest(extension).decode()


def write_with(kept: list[Segment], encoded: BinaryIO, target: BinaryIO) -> None:
    """Copy the JPEG ``encoded`` to ``target`` with ``kept`` in place of its own metadata segments."""
    own = read_segments(encoded)
    target.write(b"\xff\xd8")
    structural = [
        segment for segment in own if not APP0 <= segment.marker < APP14 and segment.marker != COMMENT
    ]
    for segment in [*kept, *structural]:
        target.write(
            b"\xff" + bytes([segment.marker]) + struct.pack(">H", len(segment.body) + 2) + segment.body
        )
    shutil.copyfileobj(encoded, target, 1 << 20)


def _bodies(segments: list[Segment], marker: int, mark: bytes) -> list[bytes]:
    return [
        segment.body[len(mark) :]
        for segment in segments
        if segment.marker == marker and segment.body.startswith(mark)
    ]


def _digest(extension: bytes) -> bytes:
    return hashlib.md5(extension, usedforsecurity=False).hexdigest().upper().encode()
