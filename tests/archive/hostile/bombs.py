"""Small files that would become large, or long, in the hands of whoever unpacks them as they ask.

Each is made in memory by a function without arguments, and most are below a megabyte.
"""

import struct
import zlib
from collections.abc import Callable, Sequence
from functools import cache, partial

from PIL import Image

from tests import pictures

SIDE = 12_000
"""144 megapixels: as many as the archive just accepts, so that nothing but the content speaks against it."""
MANY = 2**32 - 1
_MUCH = 2**28


@cache
def packed_zeros(byte_count: int) -> bytes:
    """So many zero bytes, deflated: a thousandth of them."""
    packing = zlib.compressobj(9)
    block = bytes(2**20)
    pieces = [packing.compress(block) for _ in range(byte_count >> 20)]
    return b"".join([*pieces, packing.compress(bytes(byte_count & (2**20 - 1))), packing.flush()])


# PNG


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int,
    height: int,
    *,
    depth: int = 8,
    colour: int = 2,
    interlaced: bool = False,
    extra: bytes = b"",
    pixels: bytes | None = None,
) -> bytes:
    """A PNG of that header, with `extra` chunks before its (deflated) pixels: by default those of one row."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    body = packed_zeros(width * 3 + 1) if pixels is None else pixels
    chunks = [png_chunk(b"IHDR", header), extra, png_chunk(b"IDAT", body), png_chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def good_png(extra: bytes) -> bytes:
    """A sound little PNG that says more about itself than anybody asked."""
    return png(8, 8, extra=extra, pixels=zlib.compress(bytes(8 * 25)))


def _text_bombs(count: int) -> bytes:
    body = b"\0" + packed_zeros(50 * 2**20)
    return b"".join(png_chunk(b"zTXt", b"k%d\0" % number + body) for number in range(count))


# TIFF

SHORT, LONG, LONG8, ASCII = 3, 4, 16, 2
_SIZES = {SHORT: 2, LONG: 4, LONG8: 8, ASCII: 1}
Tag = tuple[int, int, int, int]
"""Number, type, count, and the value or its place."""


def page_tags(
    width: int,
    height: int,
    *,
    place: int,
    size: int,
    compression: int = 8,
    bits: int = 8,
    samples: int = 1,
    rows: int | None = None,
    more: Sequence[Tag] = (),
) -> list[Tag]:
    """The tags of a grey page with one strip at `place`, `size` bytes long."""
    tags = {
        256: (256, LONG, 1, width),
        257: (257, LONG, 1, height),
        258: (258, SHORT, 1, bits),
        259: (259, SHORT, 1, compression),
        262: (262, SHORT, 1, 1),
        273: (273, LONG, 1, place),
        277: (277, SHORT, 1, samples),
        278: (278, LONG, 1, rows or height),
        279: (279, LONG, 1, size),
    }
    tags |= {tag[0]: tag for tag in more}
    return [tags[number] for number in sorted(tags)]


def directory(tags: Sequence[Tag], following: int) -> bytes:
    """An image file directory, with the place of the next one."""
    entries = b"".join(
        struct.pack("<HHI", number, kind, count) + struct.pack("<H2x" if kind == SHORT else "<I", value)
        for number, kind, count, value in tags
    )
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", following)


def tiff(pages: Sequence[Sequence[Tag]], *, data: bytes = b"", loop_to: int | None = None) -> bytes:
    """`data` stands from byte 8 on, the directories behind it; `loop_to`: the page after the last one."""
    places = [8 + len(data) + len(data) % 2]
    for tags in pages:
        places.append(places[-1] + 6 + 12 * len(tags))
    last = 0 if loop_to is None else places[loop_to]
    following = [*places[1 : len(pages)], last]
    body = b"".join(directory(tags, after) for tags, after in zip(pages, following, strict=True))
    return b"II*\0" + struct.pack("<I", places[0]) + data + bytes(len(data) % 2) + body


def _one_page(width: int, height: int, *, data: bytes = b"\0" * 64, **options: object) -> bytes:
    return tiff([page_tags(width, height, place=8, size=len(data), **options)], data=data)  # type: ignore[arg-type]


def _pages_of_one_strip(count: int) -> bytes:
    """Every page is the same strip: a hundred kilobytes become `count` times 144 megabytes."""
    data = packed_zeros(SIDE * SIDE)
    return tiff([page_tags(SIDE, SIDE, place=8, size=len(data))] * count, data=data)


def _pages_that_unpack(count: int) -> bytes:
    """Every page has a strip of its own, as dense as can be."""
    strip = packed_zeros(SIDE * SIDE)
    pages = [page_tags(SIDE, SIDE, place=8 + n * len(strip), size=len(strip)) for n in range(count)]
    return tiff(pages, data=strip * count)


def _many_pages(count: int) -> bytes:
    return tiff([page_tags(1, 1, place=8, size=1, compression=1)] * count, data=b"\0")


def _tiles() -> bytes:
    """A picture of eight pixels in tiles of four gigabytes."""
    more = [(322, LONG, 1, 65_520), (323, LONG, 1, 65_520), (324, LONG, 1, 8), (325, LONG, 1, 64)]
    tags = [tag for tag in page_tags(8, 8, place=8, size=64, more=more) if tag[0] not in {273, 278, 279}]
    return tiff([tags], data=zlib.compress(bytes(10_000)).ljust(64, b"\0"))


def _inner_loop() -> bytes:
    """A page whose inner page is itself."""
    tags = page_tags(8, 8, place=8, size=64, compression=1, more=[(330, LONG, 1, 72)])
    return tiff([tags], data=bytes(64))


def _inner_circle() -> bytes:
    """A page whose inner page follows upon itself."""
    inner = directory(page_tags(4, 4, place=8, size=64, compression=1), 72)
    outer = page_tags(8, 8, place=8, size=64, compression=1, more=[(330, LONG, 1, 72)])
    start = 72 + len(inner)
    return b"II*\0" + struct.pack("<I", start) + bytes(64) + inner + directory(outer, 0)


def _nested_pages(depth: int) -> bytes:
    """Pages inside pages inside pages."""
    length = 6 + 12 * 10
    start = 8 + 64
    body = b""
    for number in range(depth):
        inner = start + (number + 1) * length if number + 1 < depth else start
        more = [(330, LONG, 1, inner)]
        body += directory(page_tags(8, 8, place=8, size=64, compression=1, more=more), 0)
    return b"II*\0" + struct.pack("<I", start) + bytes(64) + body


def _big_tiff() -> bytes:
    """BigTIFF counts in 64 bits."""
    tags = [(256, LONG8, 2**40), (257, LONG8, 2**40), (258, SHORT, 8), (259, SHORT, 1), (262, SHORT, 1)]
    tags += [(273, LONG8, 16), (277, SHORT, 1), (278, LONG8, 2**40), (279, LONG8, 2**62)]
    entries = b"".join(struct.pack("<HHQQ", number, kind, 1, value) for number, kind, value in tags)
    return b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, len(tags)) + entries + bytes(8)


# WebP


def riff(*parts: tuple[bytes, bytes]) -> bytes:
    """A WebP of those chunks."""
    body = b"".join(name + struct.pack("<I", len(part)) + part + bytes(len(part) % 2) for name, part in parts)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def canvas(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    """The chunk that says how large an extended WebP is."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes([flags, 0, 0, 0]) + sides


def _lossless(width: int, height: int) -> tuple[bytes, bytes]:
    bits = (width - 1) | (height - 1) << 14
    return b"VP8L", b"\x2f" + struct.pack("<I", bits) + bytes(range(40, 72))


def _webp_picture() -> bytes:
    return pictures.encoded(pictures.gradient(16, 16), "WEBP", lossless=True)[12:]


def _many_frames(count: int) -> bytes:
    """A film of large frames, each a few bytes."""
    still = pictures.encoded(Image.new("RGB", (8, 8)), "WEBP", lossless=True)[12:]
    frame = (b"ANMF", bytes(6) + b"\x07\0\0\x07\0\0" + b"\x01\0\0\0" + still)
    return riff(canvas(SIDE, SIDE, 2), (b"ANIM", bytes(6)), *[frame] * count)


def _claimed_profile() -> bytes:
    """An ICC profile of four gigabytes, of which nothing is there."""
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(part)) + part for name, part in [canvas(16, 16, 0x20)]
    )
    body += b"ICCP" + struct.pack("<I", MANY - 64) + _webp_picture()
    return b"RIFF" + struct.pack("<I", len(body)) + body


# JPEG

_TABLES = b"".join(
    [
        b"\xff\xdb" + struct.pack(">HB", 67, 0) + bytes([1] * 64),
        # One code of one bit each: no difference, and nothing more in the block.
        b"\xff\xc4" + struct.pack(">HB", 20, 0x00) + bytes([1, *[0] * 15, 0]),
        b"\xff\xc4" + struct.pack(">HB", 20, 0x10) + bytes([1, *[0] * 15, 0]),
    ]
)


def jpeg(
    width: int, height: int, *, frame: int = 0xC0, scans: Sequence[bytes] = (bytes(64),), before: bytes = b""
) -> bytes:
    """A grey JPEG with those scans, which say nothing but "as before"."""
    head = b"\xff" + bytes([frame]) + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0"
    body = b"".join(
        b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\x01\0" + _band(frame, number) + scan
        for number, scan in enumerate(scans)
    )
    return b"\xff\xd8" + before + _TABLES + head + body + b"\xff\xd9"


def _band(frame: int, number: int) -> bytes:
    """Which frequencies a scan brings."""
    if frame != 0xC2:
        return b"\0\x3f\0"
    return b"\0\0\0" if number == 0 else b"\x01\x3f\0"


def segment(marker: int, body: bytes) -> bytes:
    """A marker's segment."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def with_segments(*segments: bytes) -> bytes:
    """A sound little JPEG that says more about itself than anybody asked."""
    sound = pictures.jpeg(pictures.gradient(16, 16))
    return sound[:2] + b"".join(segments) + sound[2:]


def _exif_bomb() -> bytes:
    """EXIF whose fields claim four gigabytes each, and whose directories are one another."""
    tags = [(number, ASCII, MANY, 8) for number in range(0x100, 0x180)] + [(0x8769, LONG, 1, 8)]
    return segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + directory(tags, 8))


def _laughing_xmp() -> bytes:
    entities = "".join(
        f'<!ENTITY l{n} "{("&l" + str(n - 1) + ";") * 10 if n else "lol" * 100}">' for n in range(10)
    )
    packet = f"<!DOCTYPE x [{entities}]><x:xmpmeta xmlns:x='adobe:ns:meta/'>&l9;</x:xmpmeta>"
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet.encode())


def _deep_xmp() -> bytes:
    """As PNG text, which may be as long as it likes."""
    packet = b"<a>" * 300_000
    return good_png(png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet))


# BMP


def bmp(width: int, height: int, *, bits: int = 24, compression: int = 0, body: bytes = b"\0" * 64) -> bytes:
    """A BMP of that header."""
    colours = bytes(1024) if bits == 8 else b""
    head = struct.pack("<2sIII", b"BM", 54 + len(colours) + len(body), 0, 54 + len(colours))
    head += struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(body), 0, 0, 0, 0)
    return head + colours + body


TOO_MANY, BROKEN = "archive:file:too-many-pixels", "archive:file:truncated"
MEMORY, PAGES = "archive:file:too-much-memory", "archive:file:too-many-pages"
TOO_FAR = "archive:file:unpacks-too-far"

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "png: 2,500 megapixels": (partial(png, 50_000, 50_000, pixels=b""), TOO_MANY),
    "png: two thousand million wide": (partial(png, 2**31 - 1, 1, pixels=b""), BROKEN),
    "png: 1.2 GB claimed": (partial(png, SIDE, SIDE, depth=16, colour=6), TOO_FAR),
    "png: 1.2 GB claimed, interlaced": (
        partial(png, SIDE, SIDE, depth=16, colour=6, interlaced=True),
        TOO_FAR,
    ),
    "tiff: 10,000 megapixels": (partial(_one_page, 100_000, 100_000), TOO_MANY),
    "tiff: 2^80 pixels": (_big_tiff, TOO_MANY),
    "tiff: one strip of 1.2 GB": (
        partial(_one_page, SIDE, SIDE, data=packed_zeros(2**20), bits=16, samples=4),
        TOO_FAR,
    ),
    "tiff: uncompressed, without its pixels": (partial(_one_page, SIDE, SIDE, compression=1), TOO_FAR),
    "tiff: LZW, without its pixels": (partial(_one_page, SIDE, SIDE, compression=5), TOO_FAR),
    "tiff: Zstandard, without its pixels": (partial(_one_page, SIDE, SIDE, compression=50_000), TOO_FAR),
    "tiff: 65,535 samples a pixel": (partial(_one_page, 1000, 1000, samples=65_535), TOO_FAR),
    "tiff: floating point of 64 bits": (
        partial(_one_page, SIDE, SIDE, bits=64, samples=3, more=[(339, SHORT, 1, 3)]),
        MEMORY,
    ),
    "tiff: pages in a circle": (
        lambda: tiff([page_tags(1, 1, place=8, size=1, compression=1)] * 3, data=b"\0", loop_to=0),
        BROKEN,
    ),
    "tiff: 100,000 pages": (partial(_many_pages, 100_000), PAGES),
    "tiff: 1,000 pages of one strip": (partial(_pages_of_one_strip, 1000), TOO_FAR),
    "tiff: 60 pages of 144 MB in 8 MB": (partial(_pages_that_unpack, 60), TOO_FAR),
    "tiff: tiles of 4 GB": (_tiles, BROKEN),
    "tiff: strips that are counted in thousands of millions": (
        partial(_one_page, 100, 100, more=[(273, LONG, MANY, 8), (279, LONG, MANY, 8)]),
        BROKEN,
    ),
    "webp: 268 megapixels": (lambda: riff(canvas(16_384, 16_384), _lossless(16_384, 16_384)), BROKEN),
    "webp: a canvas of 2^48 pixels": (lambda: riff(canvas(2**24, 2**24), _lossless(16, 16)), BROKEN),
    "webp: 144 megapixels without them": (lambda: riff(_lossless(SIDE, SIDE)), TOO_FAR),
    "webp: a film of 5,000 frames": (partial(_many_frames, 5000), TOO_FAR),
    "webp: a profile of 4 GB": (_claimed_profile, BROKEN),
    "jpeg: 4,290 megapixels": (partial(jpeg, 65_500, 65_500), TOO_MANY),
    "jpeg: 144 megapixels without them": (partial(jpeg, SIDE, SIDE), TOO_FAR),
    "jpeg: progressive, without its pixels": (partial(jpeg, SIDE, SIDE, frame=0xC2), TOO_FAR),
    "jpeg: progressive, arithmetic, without its pixels": (partial(jpeg, SIDE, SIDE, frame=0xCA), TOO_FAR),
    "jpeg: 5,000 scans": (
        partial(jpeg, SIDE, SIDE, frame=0xC2, scans=[bytes(281_250), *[bytes(64)] * 5000]),
        TOO_FAR,
    ),
    "jpeg: 300,000 segments": (lambda: with_segments(segment(0xEB, b"") * 300_000), TOO_FAR),
    "bmp: 1,000 megapixels": (partial(bmp, 32_000, 32_000), TOO_MANY),
    "bmp: 144 megapixels without them": (partial(bmp, SIDE, SIDE), TOO_FAR),
}
"""What is refused, and by which code."""

HARMLESS: dict[str, Callable[[], bytes]] = {
    "png: a profile of 256 MB": lambda: good_png(png_chunk(b"iCCP", b"k\0\0" + packed_zeros(_MUCH))),
    "png: texts of 1 GB": lambda: good_png(_text_bombs(20)),
    "png: an international text of 256 MB": lambda: good_png(
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed_zeros(_MUCH))
    ),
    "png: 200,000 texts": lambda: good_png(png_chunk(b"tEXt", b"k\0v") * 200_000),
    "png: XMP 300,000 elements deep": _deep_xmp,
    "png: pixels beyond the last row": lambda: png(8, 8, pixels=packed_zeros(_MUCH)),
    "tiff: a description of 4 GB": partial(_one_page, 8, 8, compression=1, more=[(270, ASCII, MANY, 8)]),
    "tiff: a page inside itself": _inner_loop,
    "tiff: inner pages in a circle": _inner_circle,
    "tiff: 10,000 pages inside one another": partial(_nested_pages, 10_000),
    "jpeg: EXIF of 4 GB in a circle": lambda: with_segments(_exif_bomb()),
    "jpeg: XMP that laughs": lambda: with_segments(_laughing_xmp()),
    "jpeg: a profile in 255 parts of nothing": lambda: with_segments(
        *(segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 255]) + bytes(60_000)) for n in range(1, 256))
    ),
}
"""What is a sound picture with an unsound appendix: refused, or taken without it, but never unpacked."""
