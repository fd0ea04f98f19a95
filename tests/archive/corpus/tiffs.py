"""TIFF files by tifffile, Pillow and libvips. How they look is told by the numbers that went in, of lossy
ones by tifffile's decoding."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pyvips
import tifffile
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
    inks8,
    on_white,
    plain_inks,
    rgb8,
    rgb16,
    unit,
)

Arrays = Callable[[], NDArray[Any]]


def written(array: NDArray[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    options.setdefault("photometric", "rgb" if array.ndim == 3 else "minisblack")
    tifffile.imwrite(file, array, metadata=None, **options)
    return file.getvalue()


def _sample(make: Callable[[], bytes], shown: Callable[[], Floats]) -> Sample:
    return Sample("image/tiff", make, lambda content: shown())


def _rgb(
    array: Arrays = rgb8, shown: Callable[[Floats], Floats] = lambda values: values, **options: Any
) -> Sample:
    return _sample(lambda: written(array(), **options), lambda: shown(unit(array())))


def _grey(array: Arrays = grey8, **options: Any) -> Sample:
    return _sample(lambda: written(array(), **options), lambda: grey_shown(unit(array())))


def _lossy(**options: Any) -> Sample:
    def shown(content: bytes) -> Floats:
        samples = unit(tifffile.imread(io.BytesIO(content)))
        return grey_shown(samples) if samples.ndim == 2 else samples

    return Sample("image/tiff", lambda: written(options.pop("array", rgb8)(), **options), shown)


def _planes(**options: Any) -> Sample:
    return _sample(
        lambda: written(np.moveaxis(rgb8(), 2, 0), photometric="rgb", planarconfig="separate", **options),
        lambda: unit(rgb8()),
    )


def _pillow(image: Callable[[], Image.Image], shown: Callable[[], Floats], **options: Any) -> Sample:
    return _sample(lambda: pictures.encoded(image(), "TIFF", **options), shown)


def _bilevel(compression: str) -> Sample:
    def image() -> Image.Image:
        return Image.fromarray(grey8()).convert("1")

    return _pillow(image, lambda: grey_shown(np.asarray(image(), np.float64)), compression=compression)


def _low_grey(bits: int) -> Sample:
    samples: Arrays = lambda: grey16() >> (16 - bits) if bits > 8 else grey8() >> (8 - bits)  # noqa: E731
    return _sample(
        lambda: written(samples(), bitspersample=bits, **({"compression": "none"})),
        lambda: grey_shown(samples() / (2**bits - 1)),
    )


def _negative(array: Arrays) -> Sample:
    return _sample(lambda: written(array(), photometric="miniswhite"), lambda: grey_shown(1 - unit(array())))


def _palette() -> Sample:
    def parts() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        image = Image.fromarray(rgb8()).quantize(256)
        return np.asarray(image), np.array(image.getpalette(), np.uint8).reshape(-1, 3)

    def make() -> bytes:
        indices, entries = parts()
        return written(indices, photometric="palette", colormap=entries.T.astype(np.uint16) * 257)

    return _sample(make, lambda: unit(parts()[1][parts()[0]]))


def _inks(depth: int = 8, profile: bytes | None = None, **options: Any) -> Sample:
    def array() -> NDArray[Any]:
        return inks8() if depth == 8 else inks8().astype(np.uint16) * 257

    def shown() -> Floats:
        return colours.lab_shown(colours.press_lab(unit(inks8()))) if profile else plain_inks(unit(inks8()))

    return _sample(lambda: written(array(), photometric="separated", iccprofile=profile, **options), shown)


def _lab(depth: int, *, icc: bool = False) -> Sample:
    def numbers() -> NDArray[Any]:
        step = 1 if depth == 8 else 256
        lab = colours.srgb_to_lab(unit(rgb8()))
        scale = (256 * step - 1) / 100
        if icc and depth == 16:
            scale = 652.8
        tints = np.rint(lab[..., 1:] * step)
        kind = np.uint8 if depth == 8 else np.uint16
        tints = (tints + 128 * step if icc else tints % (256 * step)).astype(kind)
        return np.concatenate([np.rint(lab[..., :1] * scale).astype(kind), tints], axis=2)

    return _sample(
        lambda: written(numbers(), photometric="icclab" if icc else "cielab"), lambda: unit(rgb8())
    )


def _floats(kind: Any, *, grey: bool = False, **options: Any) -> Sample:
    def values() -> NDArray[Any]:
        return unit(grey16() if grey else rgb16()).astype(kind)

    def shown() -> Floats:
        seen = values().astype(np.float64)
        return grey_shown(seen) if grey else seen

    return _sample(lambda: written(values(), **options), shown)


def _ycbcr() -> Sample:
    """Luma and differences without JPEG, as libtiff's early users wrote them."""

    def numbers() -> NDArray[np.uint8]:
        rgb = rgb8().astype(np.float64)
        luma = rgb @ np.array([0.299, 0.587, 0.114])
        blue, red = (rgb[..., 2] - luma) / 1.772 + 128, (rgb[..., 0] - luma) / 1.402 + 128
        return np.clip(np.rint(np.stack([luma, blue, red], axis=2)), 0, 255).astype(np.uint8)

    return _sample(lambda: written(numbers(), photometric="ycbcr", subsampling=(1, 1)), lambda: unit(rgb8()))


def _with_alpha(kind: str) -> Sample:
    def make() -> bytes:
        colour = (
            rgb8() if kind == "unassalpha" else np.rint(rgb8() * unit(alpha8())[..., None]).astype(np.uint8)
        )
        return written(np.concatenate([colour, alpha8()[..., None]], axis=2), extrasamples=[kind])

    return _sample(make, lambda: on_white(unit(rgb8()), unit(alpha8())))


def _infrared() -> Sample:
    infrared = lambda: np.concatenate([rgb16(), 65535 - grey16()[..., None]], axis=2)  # noqa: E731
    return _sample(lambda: written(infrared(), extrasamples=["unspecified"]), lambda: unit(rgb16()))


def _book() -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as tiff:
        for page in (rgb8(), 255 - rgb8(), grey8()):
            tiff.write(page, photometric="rgb" if page.ndim == 3 else "minisblack", metadata=None)
    return file.getvalue()


def _turned(orientation: int) -> Sample:
    def shown() -> Floats:
        stored = unit(rgb8())
        across = np.swapaxes(stored, 0, 1)
        return np.ascontiguousarray({3: stored[::-1, ::-1], 6: across[:, ::-1], 8: across[::-1]}[orientation])

    return _sample(lambda: written(rgb8(), extratags=[(274, 3, 1, orientation, True)]), shown)


def _pyramid() -> bytes:
    image = pyvips.Image.new_from_array(rgb8()).copy(interpretation="srgb")
    return bytes(
        image.tiffsave_buffer(tile=True, pyramid=True, compression="deflate", tile_width=64, tile_height=64)
    )


TIFFS: dict[str, Sample] = {
    "tiff": _rgb(),
    "tiff, one strip": _rgb(rowsperstrip=100_000),
    "tiff, LZW": _rgb(compression="lzw"),
    "tiff, LZW with predictor": _rgb(compression="lzw", predictor=True),
    "tiff, deflate": _rgb(compression="zlib", predictor=True),
    "tiff, PackBits": _rgb(compression="packbits"),
    "tiff, LZMA": _rgb(compression="lzma"),
    "tiff, Zstandard": _rgb(compression="zstd"),
    "tiff, JPEG": _lossy(compression="jpeg"),
    "tiff, JPEG grey": _lossy(array=grey8, compression="jpeg"),
    "tiff, JPEG in tiles": _lossy(compression="jpeg", tile=(64, 64)),
    "tiff, JPEG as RGB": _lossy(compression="jpeg", compressionargs={"level": 90, "outcolorspace": "rgb"}),
    "tiff, WebP": _lossy(compression="webp"),
    "tiff, JPEG 2000": _lossy(compression="jpeg2000"),
    "tiff, JPEG XL": _lossy(compression="jpegxl"),
    "tiff, LERC": _rgb(compression="lerc"),
    "tiff, tiles": _rgb(tile=(64, 64)),
    "tiff, tiles with LZW": _rgb(tile=(64, 64), compression="lzw", predictor=True),
    "tiff, planes": _planes(),
    "tiff, planes in tiles": _planes(tile=(64, 64)),
    "tiff, planes with LZW": _planes(compression="lzw", predictor=True),
    "tiff, big-endian": _rgb(rgb16, byteorder=">"),
    "tiff, BigTIFF": _rgb(bigtiff=True),
    "tiff, BigTIFF big-endian": _rgb(rgb16, bigtiff=True, byteorder=">"),
    "tiff, several pages": _sample(_book, lambda: unit(rgb8())),
    "tiff, pyramid": _sample(_pyramid, lambda: unit(rgb8())),
    "tiff, 16 bits": _rgb(rgb16),
    "tiff, 16 bits with LZW": _rgb(rgb16, compression="lzw", predictor=True),
    "tiff, 32 bits": _sample(lambda: written(rgb16().astype(np.uint32) * 65537), lambda: unit(rgb16())),
    "tiff, grey": _grey(),
    "tiff, 16-bit grey": _grey(grey16),
    "tiff, negative": _negative(grey8),
    "tiff, 16-bit negative": _negative(grey16),
    "tiff, 2 bits": _low_grey(2),
    "tiff, 4 bits": _low_grey(4),
    "tiff, 12 bits": _low_grey(12),
    "tiff, fax group 3": _bilevel("group3"),
    "tiff, fax group 4": _bilevel("group4"),
    "tiff, fax Huffman": _bilevel("tiff_ccitt"),
    "tiff, 1 bit": _bilevel("raw"),
    "tiff, palette": _palette(),
    "tiff, CMYK": _inks(),
    "tiff, CMYK with profile": _inks(profile=colours.press_profile()),
    "tiff, 16-bit CMYK with profile": _inks(16, colours.press_profile()),
    "tiff, 16-bit CMYK": _inks(16),
    "tiff, CMYK in tiles with LZW": _inks(compression="lzw", predictor=True, tile=(64, 64)),
    "tiff, Lab": _lab(8),
    "tiff, 16-bit Lab": _lab(16),
    "tiff, ICC Lab": _lab(8, icc=True),
    "tiff, YCbCr without JPEG": _ycbcr(),
    "tiff, half floats": _floats(np.float16),
    "tiff, floats": _floats(np.float32),
    "tiff, floats with predictor": _floats(np.float32, compression="zlib", predictor=3),
    "tiff, doubles": _floats(np.float64),
    "tiff, grey floats": _floats(np.float32, grey=True),
    "tiff, alpha": _with_alpha("unassalpha"),
    "tiff, alpha multiplied": _with_alpha("assocalpha"),
    "tiff, infrared": _infrared(),
    "tiff, sRGB": _rgb(shown=colours.SRGB.shown, iccprofile=colours.SRGB.profile()),
    "tiff, Adobe RGB in 16 bits": _rgb(
        rgb16, shown=colours.ADOBE_RGB.shown, iccprofile=colours.ADOBE_RGB.profile()
    ),
    "tiff, ProPhoto in 16 bits": _rgb(
        rgb16, shown=colours.PROPHOTO.shown, iccprofile=colours.PROPHOTO.profile()
    ),
    "tiff, Adobe RGB in Zstandard": _rgb(
        shown=colours.ADOBE_RGB.shown, iccprofile=colours.ADOBE_RGB.profile(), compression="zstd"
    ),
    "tiff, Adobe RGB in 16 bits, planes in tiles": _sample(
        lambda: written(
            np.moveaxis(rgb16(), 2, 0),
            photometric="rgb",
            planarconfig="separate",
            tile=(64, 64),
            iccprofile=colours.ADOBE_RGB.profile(),
        ),
        lambda: colours.ADOBE_RGB.shown(unit(rgb16())),
    ),
    "tiff, linear floats with profile": _sample(
        lambda: written(
            colours.srgb_decoded(unit(rgb16())).astype(np.float32), iccprofile=colours.LINEAR.profile()
        ),
        lambda: unit(rgb16()),
    ),
    "tiff, scanner's table in 16 bits": _rgb(
        rgb16,
        shown=lambda values: colours.lab_shown(colours.scanner_lab(values)),
        iccprofile=colours.scanner_profile(),
    ),
    "tiff, 16-bit grey with gamma 1.8": _sample(
        lambda: written(grey16(), iccprofile=colours.grey_profile(1.8)),
        lambda: colours.grey_through(unit(grey16()), 1.8),
    ),
    "tiff, 16-bit negative with gamma 1.8": _sample(
        lambda: written(grey16(), photometric="miniswhite", iccprofile=colours.grey_profile(1.8)),
        lambda: colours.grey_through(1 - unit(grey16()), 1.8),
    ),
    **{f"tiff, orientation {number}": _turned(number) for number in (3, 6, 8)},
}
