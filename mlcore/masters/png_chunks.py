"""PNG as a container: its chunks, read without the picture's data, and written round it."""

import os
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_KEYWORD = b"XML:com.adobe.xmp"
_MOST_METADATA = 64 << 20
_LONGEST_UNPACKED = 64 << 20


class BrokenPng(ValueError):
    """The bytes are no PNG, or a chunk breaks off."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """``behind``: whether it stands behind the picture's data."""

    kind: bytes
    body: bytes
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """What IHDR says. ``colours``: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha."""

    width: int
    height: int
    bits: int
    colours: int
    interlaced: bool


def read_chunks(file: BinaryIO) -> list[Chunk]:
    """Every chunk; those of IDAT once and without body. Raises ``BrokenPng``."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    if file.read(8) != SIGNATURE:
        raise BrokenPng("no PNG")
    chunks: list[Chunk] = []
    total, behind = 0, False
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise BrokenPng("it ends between chunks")
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if file.tell() + size + 4 > length:
            raise BrokenPng("a chunk breaks off")
        if kind in {b"IDAT", b"fdAT"}:
            file.seek(size + 4, os.SEEK_CUR)
            if kind == b"IDAT" and not behind:
                chunks.append(Chunk(kind, b""))
            behind = behind or kind == b"IDAT"
            continue
        total += size
        if total > _MOST_METADATA:
            raise BrokenPng("more metadata than any picture has")
        body = file.read(size)
        if zlib.crc32(kind + body) != int.from_bytes(file.read(4), "big") and kind[0] & 0x20 == 0:
            raise BrokenPng("a chunk is damaged")
        chunks.append(Chunk(kind, body, behind))
        if kind == b"IEND":
            return chunks


def header_of(chunks: list[Chunk]) -> Header:
    """The first chunk's content. Raises ``BrokenPng``."""
    if not chunks or chunks[0].kind != b"IHDR" or len(chunks[0].body) != 13:
        raise BrokenPng("no header")
    width, height, bits, colours, _, _, interlace = struct.unpack(">IIBBBBB", chunks[0].body)
    return Header(width, height, bits, colours, bool(interlace))


def body_of(chunks: list[Chunk], kind: bytes) -> bytes | None:
    """The body of the first chunk of ``kind``."""
    return next((chunk.body for chunk in chunks if chunk.kind == kind), None)


def icc_of(chunks: list[Chunk]) -> bytes | None:
    """The ICC profile; None where there is none or it cannot be unpacked."""
    body = body_of(chunks, b"iCCP")
    return _unpacked(body.partition(b"\0")[2][1:]) if body else None


def xmp_of(chunks: list[Chunk]) -> bytes | None:
    """The XMP packet."""
    for chunk in chunks:
        if is_xmp(chunk):
            start = len(XMP_KEYWORD) + 1
            packed, rest = chunk.body[start : start + 1], chunk.body[start + 2 :]
            text = rest.partition(b"\0")[2].partition(b"\0")[2]
            return _unpacked(text) if packed == b"\1" else text
    return next((_raw_profile(chunk) for chunk in chunks if is_old_xmp(chunk)), None)


def is_xmp(chunk: Chunk) -> bool:
    """Whether the chunk holds the XMP packet."""
    return chunk.kind == b"iTXt" and chunk.body.startswith(XMP_KEYWORD + b"\0")


def is_old_xmp(chunk: Chunk) -> bool:
    """Whether the chunk holds an XMP packet as ImageMagick wrote it before there was a place for it."""
    return chunk.kind == b"zTXt" and chunk.body.startswith(b"Raw profile type xmp\0")


def _raw_profile(chunk: Chunk) -> bytes | None:
    """What ImageMagick's hexadecimal text stands for: name, length, digits."""
    text = _unpacked(chunk.body.partition(b"\0")[2][1:])
    try:
        return bytes.fromhex("".join((text or b"").decode("ascii").split()[2:])) or None
    except ValueError:
        return None


def density_of(chunks: list[Chunk]) -> tuple[float, float] | None:
    """Pixels a metre, None where the file does not say."""
    body = body_of(chunks, b"pHYs")
    if body is None or len(body) != 9 or body[8] != 1:
        return None
    across, down = struct.unpack(">II", body[:8])
    return (float(across), float(down)) if across and down else None


def xmp_chunk(packet: bytes) -> Chunk:
    """A chunk for an XMP packet, uncompressed as its specification asks."""
    return Chunk(b"iTXt", XMP_KEYWORD + b"\0\0\0\0\0" + packet)


def icc_chunk(profile: bytes) -> Chunk:
    """A chunk for an ICC profile."""
    return Chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile, 9))


def density_chunk(density: tuple[float, float]) -> Chunk:
    """A chunk for pixels a metre, across and down."""
    return Chunk(b"pHYs", struct.pack(">IIB", round(density[0]), round(density[1]), 1))


def text_chunk(keyword: str, text: str) -> Chunk:
    """A chunk for a text."""
    return Chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode())


def iptc_chunk(iim: bytes) -> Chunk:
    """A chunk for IIM records, which PNG has no place of its own for: as ImageMagick and exiftool have it."""
    digits = iim.hex()
    lines = "\n".join(digits[start : start + 72] for start in range(0, len(digits), 72))
    text = f"\niptc\n{len(iim):8d}\n{lines}\n"
    return Chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(text.encode(), 9))


def write_with(kept: list[Chunk], encoded: BinaryIO, target: BinaryIO) -> None:
    """Copy the PNG ``encoded`` to ``target`` with ``kept`` in place of its own ancillary chunks."""
    target.write(encoded.read(8))
    while head := encoded.read(8):
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == b"IEND":
            _write_all(target, [chunk for chunk in kept if chunk.behind])
        if kind[0] & 0x20:
            encoded.seek(size + 4, os.SEEK_CUR)
            continue
        target.write(head + encoded.read(size + 4))
        if kind == b"IHDR":
            _write_all(target, [chunk for chunk in kept if not chunk.behind])


def _write_all(target: BinaryIO, chunks: list[Chunk]) -> None:
    for chunk in chunks:
        crc = zlib.crc32(chunk.kind + chunk.body)
        target.write(struct.pack(">I", len(chunk.body)) + chunk.kind + chunk.body + struct.pack(">I", crc))


def _unpacked(body: bytes) -> bytes | None:
    """Inflated bytes; None where they are damaged or a bomb."""
    inflating = zlib.decompressobj()
    try:
        unpacked = inflating.decompress(body, _LONGEST_UNPACKED)
    except zlib.error:
        return None
    return None if inflating.unconsumed_tail else unpacked
