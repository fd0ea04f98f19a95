"""PNG files, put together chunk by chunk; how they look is told by the numbers that went in."""

import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests import pictures
from tests.archive.corpus import colours
from tests.archive.corpus.samples import (
    Floats,
    Sample,
    alpha8,
    grey8,
    grey16,
    grey_shown,
    on_white,
    rgb8,
    rgb16,
    unit,
)

_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGB_ALPHA = 0, 2, 3, 4, 6
_PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def written(
    samples: NDArray[Any],
    colour: int,
    bits: int,
    *,
    interlaced: bool = False,
    before: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """`samples`, (H, W) or (H, W, C), as a PNG; `before` are chunks before the pixels, `after` behind."""
    planes = samples.reshape(*samples.shape[:2], -1)
    parts = [planes[y::dy, x::dx] for y, x, dy, dx in _PASSES] if interlaced else [planes]
    rows = b"".join(b"\0" + _packed(row, bits) for part in parts for row in part)
    head = struct.pack(">IIBBBBB", samples.shape[1], samples.shape[0], bits, colour, 0, 0, interlaced)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + before
        + chunk(b"IDAT", zlib.compress(rows, 6))
        + after
        + chunk(b"IEND", b"")
    )


def _packed(row: NDArray[Any], bits: int) -> bytes:
    if bits >= 8:
        return row.astype(f">u{bits // 8}").tobytes()
    each = np.unpackbits(row.astype(np.uint8).reshape(-1, 1), axis=1)[:, 8 - bits :]
    return np.packbits(each.ravel()).tobytes()


def _png(make: Callable[[], bytes], picture: Callable[[], Floats]) -> Sample:
    return Sample("image/png", make, lambda content: picture())


def _low_grey(bits: int, interlaced: bool = False) -> Sample:
    def samples() -> NDArray[np.uint8]:
        return grey8() >> (8 - bits)

    return _png(
        lambda: written(samples(), _GREY, bits, interlaced=interlaced),
        lambda: grey_shown(samples() / (2**bits - 1)),
    )


def _palette(bits: int, *, alpha: bool = False) -> Sample:
    def parts() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        image = Image.fromarray(rgb8()).quantize(2**bits, dither=Image.Dither.FLOYDSTEINBERG)
        entries = np.array(image.getpalette(), np.uint8).reshape(-1, 3)
        return np.asarray(image), entries[: 2**bits]

    def make() -> bytes:
        indices, entries = parts()
        more = chunk(b"tRNS", bytes([0, 128])) if alpha else b""
        return written(indices, _PALETTE, bits, before=chunk(b"PLTE", entries.tobytes()) + more)

    def shown() -> Floats:
        indices, entries = parts()
        clear = np.ones(len(entries))
        clear[:2] = [0, 128 / 255] if alpha else 1
        return on_white(unit(entries[indices]), clear[indices])

    return _png(make, shown)


def _rgb(before: bytes, shown: Callable[[Floats], Floats], **options: Any) -> Sample:
    return _png(lambda: written(rgb8(), _RGB, 8, before=before, **options), lambda: shown(unit(rgb8())))


def _profile(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile))


def _gamma(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def _chromaticities(space: colours.Rgb) -> bytes:
    pairs = [space.white, *space.primaries]
    return chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for pair in pairs for value in pair)))


def _keyed(bits: int) -> Sample:
    """One colour stands for "see-through": the commonest one."""

    def parts() -> tuple[NDArray[Any], int]:
        samples: NDArray[Any] = grey8() if bits == 8 else grey16() // 4096 * 4096
        return samples, int(np.bincount(samples.ravel()).argmax())

    def make() -> bytes:
        samples, key = parts()
        return written(samples, _GREY, bits, before=chunk(b"tRNS", struct.pack(">H", key)))

    def shown() -> Floats:
        samples, key = parts()
        return on_white(grey_shown(unit(samples)), np.where(samples == key, 0.0, 1.0))

    return _png(make, shown)


def _with_alpha(samples: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    alpha = alpha8() if samples().dtype == np.uint8 else alpha8().astype(np.uint16) * 257
    return np.concatenate([samples().reshape(*alpha.shape, -1), alpha[..., None]], axis=2)


def _animation() -> bytes:
    first, second = Image.fromarray(rgb8()), Image.fromarray(255 - rgb8())
    return pictures.encoded(first, "PNG", save_all=True, append_images=[second], duration=100)


def _turned() -> bytes:
    exif = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H HHIHH I", 1, 0x0112, 3, 1, 3, 0, 0)
    return written(rgb8(), _RGB, 8, before=chunk(b"eXIf", exif))


PNGS: dict[str, Sample] = {
    "png": _rgb(b"", lambda values: values),
    "png, interlaced": _rgb(b"", lambda values: values, interlaced=True),
    "png, grey": _png(lambda: written(grey8(), _GREY, 8), lambda: grey_shown(unit(grey8()))),
    "png, 1 bit": _low_grey(1),
    "png, 2 bits": _low_grey(2),
    "png, 4 bits": _low_grey(4),
    "png, 4 bits interlaced": _low_grey(4, interlaced=True),
    "png, 16-bit grey": _png(lambda: written(grey16(), _GREY, 16), lambda: grey_shown(unit(grey16()))),
    "png, 16-bit RGB": _png(lambda: written(rgb16(), _RGB, 16), lambda: unit(rgb16())),
    "png, 16-bit RGB interlaced": _png(
        lambda: written(rgb16(), _RGB, 16, interlaced=True), lambda: unit(rgb16())
    ),
    "png, grey with alpha": _png(
        lambda: written(_with_alpha(grey8), _GREY_ALPHA, 8),
        lambda: on_white(grey_shown(unit(grey8())), unit(alpha8())),
    ),
    "png, RGB with alpha": _png(
        lambda: written(_with_alpha(rgb8), _RGB_ALPHA, 8), lambda: on_white(unit(rgb8()), unit(alpha8()))
    ),
    "png, 16-bit RGB with alpha": _png(
        lambda: written(_with_alpha(rgb16), _RGB_ALPHA, 16), lambda: on_white(unit(rgb16()), unit(alpha8()))
    ),
    "png, 16-bit grey with alpha": _png(
        lambda: written(_with_alpha(grey16), _GREY_ALPHA, 16),
        lambda: on_white(grey_shown(unit(grey16())), unit(alpha8())),
    ),
    "png, palette of 256": _palette(8),
    "png, palette of 16": _palette(4),
    "png, palette of 4": _palette(2),
    "png, palette of 2": _palette(1),
    "png, palette with alpha": _palette(8, alpha=True),
    "png, grey with a clear colour": _keyed(8),
    "png, 16-bit grey with a clear colour": _keyed(16),
    "png, Adobe RGB": _rgb(_profile(colours.ADOBE_RGB.profile()), colours.ADOBE_RGB.shown),
    "png, ProPhoto in 16 bits": _png(
        lambda: written(rgb16(), _RGB, 16, before=_profile(colours.PROPHOTO.profile())),
        lambda: colours.PROPHOTO.shown(unit(rgb16())),
    ),
    "png, linear profile in 16 bits": _png(
        lambda: written(rgb16(), _RGB, 16, before=_profile(colours.LINEAR.profile())),
        lambda: colours.LINEAR.shown(unit(rgb16())),
    ),
    "png, grey with gamma 1.8 in 16 bits": _png(
        lambda: written(grey16(), _GREY, 16, before=_profile(colours.grey_profile(1.8))),
        lambda: colours.grey_through(unit(grey16()), 1.8),
    ),
    "png, Adobe RGB with alpha": _png(
        lambda: written(_with_alpha(rgb8), _RGB_ALPHA, 8, before=_profile(colours.ADOBE_RGB.profile())),
        lambda: on_white(colours.ADOBE_RGB.shown(unit(rgb8())), unit(alpha8())),
    ),
    "png, sRGB chunk": _rgb(chunk(b"sRGB", b"\0") + _gamma(1 / 2.2), lambda values: values),
    "png, linear by gAMA": _rgb(_gamma(1.0), colours.LINEAR.shown),
    "png, gAMA 1/1.8": _rgb(_gamma(1 / 1.8), lambda values: colours.srgb_encoded(values**1.8)),
    "png, Adobe RGB by gAMA and cHRM": _rgb(
        _gamma(256 / 563) + _chromaticities(colours.ADOBE_RGB), colours.ADOBE_RGB.shown
    ),
    "png, Display P3 by cICP": _rgb(chunk(b"cICP", bytes([12, 13, 0, 1])), colours.DISPLAY_P3.shown),
    "png, upside down by EXIF": _png(_turned, lambda: np.ascontiguousarray(unit(rgb8())[::-1, ::-1])),
    "png, animated": _png(_animation, lambda: unit(rgb8())),
}
