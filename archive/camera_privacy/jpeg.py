"""JPEG: which segments go out as they are, which changed, which not at all."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from archive.camera_privacy.iptc_records import cleaned_resources
from archive.camera_privacy.splices import Splice, UnclearMetadata
from archive.camera_privacy.tiff import cleaned_exif
from archive.camera_privacy.xmp_packets import cleaned_xmp
from archive.formats.jpeg_markers import (
    APP0,
    APP1,
    APP2,
    APP12,
    APP13,
    APP14,
    END,
    BrokenJpeg,
    Marker,
    markers,
)

_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_MORE_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_NAME_LENGTH, _HEAD_LENGTH = 32, 40  # of an extension: its name, a digest; with its length and the place

# Segments that say how the picture is to be shown. All other programs' segments are opaque, and makers keep
# positions and serial numbers in them.
_HARMLESS = (
    (APP0, b"JFIF\0"),
    (APP2, b"ICC_PROFILE\0"),
    (APP12, b"Ducky"),
    (APP14, b"Adobe"),
)


def clean_jpeg(file: BinaryIO, length: int) -> list[Splice]:
    """The splices that take out what tells, and all that follows the picture: further pictures, films and
    makers' trailers. Raises UnclearMetadata.
    """
    splices: list[Splice] = []
    packets: list[tuple[Marker, bytes]] = []
    extensions: list[tuple[Marker, bytes]] = []
    exif_seen = False
    for marker in _markers(file, length):
        if marker.kind == END:
            splices.append(Splice(marker.stop, length))
        if not marker.is_application:
            continue
        file.seek(marker.body)
        body = file.read(marker.stop - marker.body)
        if (marker.kind, _XMP) == (APP1, body[: len(_XMP)]):
            packets.append((marker, body))
        elif (marker.kind, _MORE_XMP) == (APP1, body[: len(_MORE_XMP)]):
            extensions.append((marker, body))
        elif (marker.kind, _EXIF) == (APP1, body[: len(_EXIF)]):
            # What follows the first is the rest of a block too long for one segment: of no use without it.
            splices += [] if exif_seen else _replaced(marker, body, _EXIF, cleaned_exif(body[len(_EXIF) :]))
            splices += [Splice(marker.start, marker.stop)] if exif_seen else []
            exif_seen = True
        elif (marker.kind, _PHOTOSHOP) == (APP13, body[: len(_PHOTOSHOP)]):
            resources = cleaned_resources(body[len(_PHOTOSHOP) :], cleaned_exif)
            splices += _replaced(marker, body, _PHOTOSHOP, resources or None)
        elif not any(marker.kind == kind and body.startswith(mark) for kind, mark in _HARMLESS):
            splices.append(Splice(marker.start, marker.stop))
    return splices + _without_xmp(packets, extensions)


def _markers(file: BinaryIO, length: int) -> Iterator[Marker]:
    try:
        yield from markers(file, 0, length)
    except BrokenJpeg as error:
        raise UnclearMetadata(str(error)) from error


def _replaced(marker: Marker, body: bytes, mark: bytes, new: bytes | None) -> list[Splice]:
    """The segment with `mark` and then `new`; without it, no segment."""
    if new is None:
        return [Splice(marker.start, marker.stop)]
    if mark + new == body:
        return []
    length = (len(mark) + len(new) + 2).to_bytes(2, "big")
    return [Splice(marker.body - 2, marker.stop, length + mark + new)]


def _without_xmp(packets: list[tuple[Marker, bytes]], extensions: list[tuple[Marker, bytes]]) -> list[Splice]:
    """A packet too long for one segment goes on in extensions, which the packet names by their digest."""
    names: dict[bytes, bytes] = {}
    splices: list[Splice] = []
    head = len(_MORE_XMP) + _HEAD_LENGTH
    for name in {body[len(_MORE_XMP) :][:_NAME_LENGTH] for _, body in extensions}:
        parts = sorted(
            (int.from_bytes(body[head - 4 : head], "big"), marker.start, marker, body)
            for marker, body in extensions
            if body[len(_MORE_XMP) :].startswith(name)
        )
        joined = b"".join(body[head:] for *_, body in parts)
        cleaned = cleaned_xmp(joined) if _digest(joined) == name else None
        if cleaned is None:
            splices += [Splice(marker.start, marker.stop) for _, _, marker, _ in parts]
            continue
        names[name] = _digest(cleaned)
        for place, _, marker, body in parts:
            inside = body[len(_MORE_XMP) + _NAME_LENGTH : head] + cleaned[place:][: len(body) - head]
            splices += _replaced(marker, body, _MORE_XMP + names[name], inside)
    for marker, body in packets:
        new = cleaned_xmp(body[len(_XMP) :])
        for old_name, new_name in names.items():
            new = new.replace(old_name, new_name) if new else new
        splices += _replaced(marker, body, _XMP, new)
    return splices


def _digest(extension: bytes) -> bytes:
    return hashlib.md5(extension, usedforsecurity=False).hexdigest().upper().encode()
