"""Sound files made unsound: by chance, as disks and lines do it, and at the joints of their format, as people
who mean harm do it. The same seed gives the same bytes.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable

from archive.formats.jpeg_markers import BrokenJpeg, markers
from archive.formats.png_chunks import BrokenPng, chunks

_EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_TIFF_FIELD = 12


def mutated(content: bytes, seed: int) -> bytes:
    """Another file than `content`, by one to three changes."""
    rng = random.Random(seed)
    for _change in range(rng.choice((1, 1, 1, 2, 3))):
        at_joints = _at_joints(content)
        change = rng.choice([*_BY_CHANCE, *([at_joints] * len(_BY_CHANCE) if at_joints else [])])
        content = change(content, rng) or b"\0"
    return content


def _place(content: bytes, rng: random.Random) -> int:
    """Somewhere; as often as not near the beginning, where headers stand."""
    return rng.randrange(min(len(content), rng.choice((64, 600, len(content), len(content)))))


def _flip_bits(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _bit in range(rng.choice((1, 3, 20))):
        changed[_place(content, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _set_number(content: bytes, rng: random.Random) -> bytes:
    form = rng.choice(("<H", ">H", "<I", ">I", "B"))
    number = rng.choice(_EDGES) & (256 ** struct.calcsize(form) - 1)
    place = _place(content, rng)
    return content[:place] + struct.pack(form, number) + content[place + struct.calcsize(form) :]


def _truncate(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _drop(content: bytes, rng: random.Random) -> bytes:
    place = _place(content, rng)
    return content[:place] + content[place + rng.choice((1, 2, 17, 400)) :]


def _insert(content: bytes, rng: random.Random) -> bytes:
    place = _place(content, rng)
    return content[:place] + rng.randbytes(rng.choice((1, 4, 100))) + content[place:]


def _swap(content: bytes, rng: random.Random) -> bytes:
    first, second = sorted((_place(content, rng), _place(content, rng)))
    size = rng.choice((1, 8, 200))
    if second - first < size:
        return content
    changed = bytearray(content)
    changed[first : first + size], changed[second : second + size] = (
        content[second : second + size],
        content[first : first + size],
    )
    return bytes(changed)


_BY_CHANCE = (_flip_bits, _set_number, _truncate, _drop, _insert, _swap)


def _at_joints(content: bytes) -> Callable[[bytes, random.Random], bytes] | None:
    if content.startswith(b"\x89PNG"):
        return _png
    if content.startswith(b"\xff\xd8"):
        return _jpeg
    if content[:4] in {b"II*\0", b"MM\0*"} and len(content) > 100:
        return _tiff
    return _webp if content[:4] == b"RIFF" and len(content) > 30 else None


def _rearranged(parts: list[bytes], rng: random.Random) -> list[bytes]:
    """One part changed, lost, there twice, or in another's place."""
    number, other = rng.randrange(len(parts)), rng.randrange(len(parts))
    what = rng.randrange(5)
    if what == 0:
        del parts[number]
    elif what == 1:
        parts.insert(other, parts[number])
    elif what == 2:
        parts[number], parts[other] = parts[other], parts[number]
    elif parts[number]:
        parts[number] = rng.choice((_flip_bits, _set_number))(parts[number], rng)
    return parts


def _png(content: bytes, rng: random.Random) -> bytes:
    """With checksums that fit."""
    try:
        found = [
            content[each.start + 4 : each.stop - 4] for each in chunks(io.BytesIO(content), len(content))
        ]
    except BrokenPng:
        return _flip_bits(content, rng)
    parts = _rearranged(found, rng)
    body = b"".join(
        struct.pack(">I", max(0, len(part) - 4)) + part + struct.pack(">I", zlib.crc32(part))
        for part in parts
    )
    return content[:8] + body


def _jpeg(content: bytes, rng: random.Random) -> bytes:
    try:
        found = list(markers(io.BytesIO(content), 0, len(content), header_only=True))
    except BrokenJpeg:
        return _flip_bits(content, rng)
    if not found:
        return _flip_bits(content, rng)
    # Marker and body, the length anew.
    parts = [content[each.start : each.start + 2] + content[each.body : each.stop] for each in found]
    head = b"".join(
        part[:2] + struct.pack(">H", min(0xFFFF, len(part))) + part[2:] for part in _rearranged(parts, rng)
    )
    return content[:2] + head + content[found[-1].stop :]


def _tiff(content: bytes, rng: random.Random) -> bytes:
    """One field of the first page: its number, kind, count or value."""
    order = "<" if content[:2] == b"II" else ">"
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    if start + 2 > len(content):
        return _flip_bits(content, rng)
    (fields,) = struct.unpack_from(f"{order}H", content, start)
    place = start + 2 + _TIFF_FIELD * rng.randrange(max(1, fields))
    form, offset = rng.choice((("H", 0), ("H", 2), ("I", 4), ("I", 8), ("H", 8)))
    if place + _TIFF_FIELD > len(content):
        return _flip_bits(content, rng)
    size = struct.calcsize(form)
    (before,) = struct.unpack_from(order + form, content, place + offset)
    number = rng.choice((*_EDGES, before + 1, before - 1, before * 2, rng.getrandbits(32)))
    changed = bytearray(content)
    struct.pack_into(order + form, changed, place + offset, number & (256**size - 1))
    return bytes(changed)


def _webp(content: bytes, rng: random.Random) -> bytes:
    parts, place = [], 12
    while place + 8 <= len(content):
        (size,) = struct.unpack_from("<I", content, place + 4)
        stop = min(len(content), place + 8 + size + size % 2)
        parts.append(content[place:stop])
        place = stop
    body = b"".join(_rearranged(parts, rng))
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
