"""IPTC's records (IIM), and Photoshop's image resources around them."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive.camera_privacy.splices import Splice, spliced
from archive.camera_privacy.xmp_packets import cleaned_xmp

_TELLING = {(2, 188), (2, 232)} | {(2, number) for number in (200, 201, 202)}
"""OwnerID, ExifCameraInfo; previews, which are files of their own."""

_LONG = 0x8000
_IIM, _IIM_DIGEST, _EXIF, _MORE_EXIF, _XMP = 0x0404, 0x0425, 0x0422, 0x0423, 0x0424
_PLUG_INS = range(4000, 5000)
_SIGNATURES = frozenset({b"8BIM", b"AgHg", b"DCSR", b"MeSa", b"PHUT"})


def cleaned_iim(records: bytes) -> bytes:
    """IIM `records` without those that tell; where they break off, the rest is left out."""
    kept, place = b"", 0
    while records[place : place + 1] == b"\x1c" and place + 5 <= len(records):
        record, number, size = struct.unpack(">BBH", records[place + 1 : place + 5])
        start = place + 5
        if size & _LONG:
            width = size & ~_LONG
            size, start = int.from_bytes(records[start : start + width], "big"), start + width
        stop = start + size
        if stop > len(records):
            break
        if (record, number) not in _TELLING:
            kept += records[place:stop]
        place = stop
    return records if len(kept) == place and not records[place:].strip(b"\0") else kept


def cleaned_resources(resources: bytes, cleaned_exif: Callable[[bytes], bytes | None]) -> bytes:
    """Photoshop's `resources` (8BIM) without what tells; where they break off, the rest is left out.

    `cleaned_exif` does for an EXIF block what `cleaned_xmp` does for a packet.
    """
    splices, end = [], 0
    found = list(_resources(resources))
    changed = set()
    for resource in found:
        end = resource.stop
        body = resources[resource.body : resource.body + resource.size]
        new = _cleaned(resource.number, body, cleaned_exif)
        if new is None:
            splices.append(Splice(resource.start, resource.stop))
        elif new != body:
            length = len(new).to_bytes(4, "big")
            splices.append(Splice(resource.body - 4, resource.stop, length + new + b"\0" * (len(new) % 2)))
        if new != body:
            changed.add(resource.number)
    if resources[end:].strip(b"\0"):
        splices.append(Splice(end, len(resources)))
    if _IIM in changed:
        splices += [Splice(each.start, each.stop) for each in found if each.number == _IIM_DIGEST]
    return spliced(resources, splices)


@dataclass(frozen=True, slots=True)
class _Resource:
    """From `start` to `stop`; `size` bytes of content at `body`."""

    number: int
    start: int
    body: int
    size: int
    stop: int


def _resources(resources: bytes) -> Iterator[_Resource]:
    start = 0
    while resources[start : start + 4] in _SIGNATURES and start + 12 <= len(resources):
        number = int.from_bytes(resources[start + 4 : start + 6], "big")
        named = resources[start + 6] + 1
        body = start + 6 + named + named % 2 + 4
        size = int.from_bytes(resources[body - 4 : body], "big")
        if body + size > len(resources):
            return
        stop = min(len(resources), body + size + size % 2)
        yield _Resource(number, start, body, size, stop)
        start = stop


def _cleaned(number: int, body: bytes, cleaned_exif: Callable[[bytes], bytes | None]) -> bytes | None:
    """A resource's new content, None where it goes."""
    if number in _PLUG_INS or number == _MORE_EXIF:
        return None
    if number == _IIM:
        return cleaned_iim(body)
    if number == _EXIF:
        return cleaned_exif(body)
    return cleaned_xmp(body) if number == _XMP else body
