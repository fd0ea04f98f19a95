"""PNG: which chunks go out as they are, which changed, which not at all."""

import struct
import zlib
from typing import BinaryIO

from archive.camera_privacy.iptc_records import cleaned_iim, cleaned_resources
from archive.camera_privacy.splices import Splice, UnclearMetadata
from archive.camera_privacy.telling import name_tells
from archive.camera_privacy.tiff import cleaned_exif
from archive.camera_privacy.xmp_packets import cleaned_xmp
from archive.formats.png_chunks import BrokenPng, Chunk, chunks

_HARMLESS = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT", b"tRNS", b"bKGD", b"hIST", b"sBIT"}
    | {b"cHRM", b"gAMA", b"iCCP", b"sRGB", b"cICP", b"mDCV", b"cLLI"}
    | {b"pHYs", b"sPLT", b"tIME", b"oFFs", b"pCAL", b"sCAL", b"sTER"}
)
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_XMP = b"XML:com.adobe.xmp"
_RAW = b"Raw profile type "
_LONGEST = 64 << 20


def clean_png(file: BinaryIO, length: int) -> list[Splice]:
    """The splices that take out what tells, unknown chunks, and all that follows. Raises UnclearMetadata."""
    splices: list[Splice] = []
    end = length
    try:
        for chunk in chunks(file, length):
            end = chunk.stop
            if chunk.kind not in _HARMLESS:
                splices += _spliced(file, chunk)
    except BrokenPng as error:
        raise UnclearMetadata(str(error)) from error
    return [*splices, Splice(end, length)]


def _spliced(file: BinaryIO, chunk: Chunk) -> list[Splice]:
    if chunk.size > _LONGEST:
        return [Splice(chunk.start, chunk.stop)]
    file.seek(chunk.body)
    body = file.read(chunk.size)
    new = _cleaned(chunk.kind, body)
    if new is None:
        return [Splice(chunk.start, chunk.stop)]
    return [] if new == body else [Splice(chunk.start, chunk.stop, _chunk(chunk.kind, new))]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _cleaned(kind: bytes, body: bytes) -> bytes | None:
    """The chunk's new content, None where the chunk goes."""
    if kind == b"eXIf":
        return cleaned_exif(body)
    if kind not in _TEXTS:
        return None
    keyword, _, rest = body.partition(b"\0")
    if kind == b"iTXt" and keyword == _XMP:
        return _cleaned_packet(body, rest)
    if keyword.startswith(_RAW):
        return body if _is_harmless(keyword.removeprefix(_RAW), _text(kind, rest)) else None
    return None if name_tells(keyword.decode("latin-1")) or keyword.startswith(b"exif:") else body


def _cleaned_packet(body: bytes, rest: bytes) -> bytes | None:
    """The same iTXt chunk, uncompressed, as XMP asks."""
    language, _, translation = rest[2:].partition(b"\0")
    translation, _, text = translation.partition(b"\0")
    packet = _unpacked(text) if rest[:1] == b"\1" else text
    new = cleaned_xmp(packet) if packet is not None else None
    if new is None or new == packet:
        return None if new is None else body
    return b"\0".join([_XMP, b"\0\0" + language, translation, new])


def _is_harmless(kind: bytes, text: bytes | None) -> bool:
    """Whether ImageMagick's hexadecimal text (name, length, digits) holds nothing that tells."""
    try:
        profile = bytes.fromhex("".join((text or b"").decode("ascii").split()[2:]))
    except ValueError:
        return False
    if kind == b"xmp":
        return cleaned_xmp(profile) == profile
    if kind == b"8bim" or (kind == b"iptc" and profile.startswith(b"8BIM")):
        return cleaned_resources(profile, cleaned_exif) == profile
    return kind in {b"icc", b"icm"} or (kind == b"iptc" and cleaned_iim(profile) == profile)


def _text(kind: bytes, rest: bytes) -> bytes | None:
    """What stands behind a keyword, unpacked; None where that fails."""
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _unpacked(rest[1:])
    text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    return _unpacked(text) if rest[:1] == b"\1" else text


def _unpacked(body: bytes) -> bytes | None:
    """Inflated bytes; None where they are damaged or a bomb."""
    inflating = zlib.decompressobj()
    try:
        unpacked = inflating.decompress(body, _LONGEST)
    except zlib.error:
        return None
    return None if inflating.unconsumed_tail else unpacked
