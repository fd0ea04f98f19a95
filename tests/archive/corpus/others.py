"""WebP and BMP files. How lossy WebP looks is told by imagecodecs' decoder."""

import struct
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
from PIL import Image

from tests import pictures
from tests.archive.corpus import colours
from tests.archive.corpus.samples import (
    HEIGHT,
    WIDTH,
    Floats,
    Sample,
    alpha8,
    grey8,
    grey_shown,
    on_white,
    rgb8,
    unit,
)


def _decoded(content: bytes) -> Floats:
    samples = unit(imagecodecs.webp_decode(content))
    return on_white(samples[..., :3], samples[..., 3]) if samples.shape[2] == 4 else samples


def _webp(shown: Callable[[bytes], Floats] = _decoded, *, alpha: bool = False, **options: Any) -> Sample:
    def make() -> bytes:
        array = np.concatenate([rgb8(), alpha8()[..., None]], axis=2) if alpha else rgb8()
        return pictures.encoded(Image.fromarray(array), "WEBP", **{"quality": 95, **options})

    return Sample("image/webp", make, shown)


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[pictures.EXIF_ORIENTATION] = orientation
    return exif


def _bmp(mode: str, **options: Any) -> Sample:
    def image() -> Image.Image:
        picture = Image.fromarray(rgb8())
        return picture.quantize(256) if mode == "P" else picture.convert(mode)

    def shown(content: bytes) -> Floats:
        return unit(np.asarray(image().convert("RGB")))

    return Sample("image/bmp", lambda: pictures.encoded(image(), "BMP", **options), shown)


def _high_colour() -> Sample:
    """Five bits a channel, as Windows wrote them."""
    levels = rgb8() >> 3

    def make() -> bytes:
        words = (
            (levels[..., 0].astype(np.uint16) << 10)
            | (levels[..., 1].astype(np.uint16) << 5)
            | levels[..., 2]
        )
        return _bitmap(16, words[::-1].astype("<u2").tobytes())

    return Sample("image/bmp", make, lambda content: levels / 31)


def _run_lengths() -> Sample:
    """Eight bits, compressed by runs."""
    grey = grey8() & 0xF0

    def make() -> bytes:
        rows = b""
        for row in grey[::-1]:
            ends = np.flatnonzero(np.diff(row)) + 1
            for start, stop in zip([0, *ends], [*ends, len(row)], strict=True):
                for part in range(start, stop, 255):
                    rows += bytes([min(255, stop - part), row[start]])
            rows += b"\0\0"
        palette = b"".join(bytes([level, level, level, 0]) for level in range(256))
        return _bitmap(8, rows + b"\0\1", compression=1, palette=palette)

    return Sample("image/bmp", make, lambda content: grey_shown(unit(grey)))


def _bitmap(bits: int, rows: bytes, *, compression: int = 0, palette: bytes = b"") -> bytes:
    """A BMP of `rows`, bottom row first."""
    start = 54 + len(palette)
    head = struct.pack("<2sIII", b"BM", start + len(rows), 0, start)
    colours_used = len(palette) // 4
    head += struct.pack(
        "<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, bits, compression, len(rows), 0, 0, colours_used, 0
    )
    return head + palette + rows


OTHERS: dict[str, Sample] = {
    "webp": _webp(),
    "webp, lossless": _webp(lossless=True),
    "webp, low quality": _webp(quality=30),
    "webp, alpha": _webp(alpha=True, lossless=True),
    "webp, Display P3": _webp(
        lambda content: colours.DISPLAY_P3.shown(_decoded(content)), icc_profile=colours.DISPLAY_P3.profile()
    ),
    "webp, orientation 6": _webp(
        lambda content: np.ascontiguousarray(np.swapaxes(_decoded(content), 0, 1)[:, ::-1]), exif=_exif(6)
    ),
    "webp, animated": _webp(
        lambda content: unit(rgb8()),
        lossless=True,
        save_all=True,
        append_images=[Image.new("RGB", (WIDTH, HEIGHT))],
    ),
    "bmp": _bmp("RGB"),
    "bmp, grey": _bmp("L"),
    "bmp, palette": _bmp("P"),
    "bmp, 1 bit": _bmp("1"),
    "bmp, 16 bits": _high_colour(),
    "bmp, run lengths": _run_lengths(),
}
