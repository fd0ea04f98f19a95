"""WebP: which chunks go out as they are, which changed, which not at all."""

from typing import BinaryIO

from archive.camera_privacy.splices import Splice, UnclearMetadata
from archive.camera_privacy.tiff import cleaned_exif
from archive.camera_privacy.xmp_packets import cleaned_xmp

_HARMLESS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"})
_FLAGS = {b"EXIF": 0x08, b"XMP ": 0x04}
_EXIF_MARK = b"Exif\0\0"  # some writers put JPEG's mark before the block
_LONGEST = 64 << 20


def clean_webp(file: BinaryIO, length: int) -> list[Splice]:
    """The splices that take out what tells, unknown chunks, and all that follows. Raises UnclearMetadata."""
    splices: list[Splice] = []
    file.seek(4)
    end = min(length, int.from_bytes(file.read(4), "little") + 8)
    splices.append(Splice(end, length))
    place, left_out = 12, 0
    flags: int | None = None
    lost_flags = 0
    while place + 8 <= end:
        file.seek(place)
        head = file.read(8)
        kind, size = head[:4], int.from_bytes(head[4:], "little")
        stop = min(end, place + 8 + size + size % 2)
        if place + 8 + size > end:
            raise UnclearMetadata("a chunk breaks off")
        if kind == b"VP8X":
            flags = file.read(1)[0]
        elif kind not in _HARMLESS:
            body = file.read(size) if kind in _FLAGS and size <= _LONGEST else b""
            new = _cleaned(kind, body)
            if new is None:
                splices.append(Splice(place, stop))
                left_out += stop - place
                lost_flags |= _FLAGS.get(kind, 0)
            elif new != body:
                splices.append(Splice(place + 8, place + 8 + size, new))
        place = stop
    if left_out:
        splices.append(Splice(4, 8, (end - 8 - left_out).to_bytes(4, "little")))
    if flags is not None and flags & lost_flags:
        splices.append(Splice(20, 21, bytes([flags & ~lost_flags])))
    return splices


def _cleaned(kind: bytes, body: bytes) -> bytes | None:
    """The chunk's new content, as long as before; None where the chunk goes."""
    if kind == b"XMP ":
        return cleaned_xmp(body)
    if kind == b"EXIF":
        mark = _EXIF_MARK if body.startswith(_EXIF_MARK) else b""
        block = cleaned_exif(body.removeprefix(mark))
        return None if block is None else mark + block
    return None
