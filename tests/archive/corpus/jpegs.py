"""JPEG files. How they look is told by imagecodecs' decoder: libjpeg-turbo without Pillow or libvips."""

import struct
from collections.abc import Callable
from functools import partial
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
    grey8,
    grey_shown,
    inks8,
    plain_inks,
    rgb8,
    unit,
)


def _decoded(content: bytes) -> Floats:
    samples = unit(imagecodecs.jpeg8_decode(content, outcolorspace="rgb"))
    return grey_shown(samples) if samples.ndim == 2 else samples


def _decoded_grey(content: bytes) -> Floats:
    return unit(imagecodecs.jpeg8_decode(content))


def _decoded_inks(content: bytes) -> Floats:
    """Adobe's programs store inks upside down."""
    return 1 - unit(imagecodecs.jpeg8_decode(content, outcolorspace="cmyk"))


def _rgb(space: colours.Rgb, **options: Any) -> Sample:
    return _jpeg(rgb8, lambda content: space.shown(_decoded(content)), icc_profile=space.profile(), **options)


def _jpeg(
    array: Callable[[], Any],
    shown: Callable[[bytes], Floats] = _decoded,
    *,
    mode: str | None = None,
    **options: Any,
) -> Sample:
    def make() -> bytes:
        image = (
            Image.frombytes(mode, array().shape[1::-1], array().tobytes())
            if mode
            else Image.fromarray(array())
        )
        return pictures.encoded(image, "JPEG", **{"quality": 95, **options})

    return Sample("image/jpeg", make, shown)


def _turned(orientation: int) -> Sample:
    """What is stored is `upright` undone; how it looks is told by the stored numbers, turned by numpy."""

    def shown(content: bytes) -> Floats:
        stored = _decoded(content)
        columns_first = np.swapaxes(stored, 0, 1)
        return np.ascontiguousarray(
            {
                1: stored,
                2: stored[:, ::-1],
                3: stored[::-1, ::-1],
                4: stored[::-1],
                5: columns_first,
                6: columns_first[:, ::-1],
                7: columns_first[::-1, ::-1],
                8: columns_first[::-1],
            }[orientation]
        )

    make = partial(pictures.rotated_jpeg, orientation, Image.fromarray(rgb8()))
    return Sample("image/jpeg", make, shown)


def _inks(**options: Any) -> Callable[[], bytes]:
    def make() -> bytes:
        image = Image.frombytes("CMYK", inks8().shape[1::-1], inks8().tobytes())
        return pictures.encoded(image, "JPEG", quality=95, **options)

    return make


def _ycck() -> bytes:
    """As Photoshop writes inks: upside down, the colours as luma and differences, said in Adobe's segment."""
    return bytes(imagecodecs.jpeg8_encode(255 - inks8(), level=95, colorspace="cmyk", outcolorspace="ycck"))


def _exif_adobe() -> bytes:
    """A camera's Adobe RGB: no profile, EXIF says "uncalibrated" and DCF "R03"."""
    order = "<"
    interoperability = struct.pack(order + "H HHI4s I", 1, 1, 2, 4, b"R03\0", 0)
    camera = struct.pack(order + "H HHIHH HHII I", 2, 0xA001, 3, 1, 65535, 0, 0xA005, 4, 1, 26 + 30, 0)
    first = struct.pack(order + "H HHII I", 1, 0x8769, 4, 1, 26, 0)
    block = b"II*\0" + struct.pack(order + "I", 8) + first + camera + interoperability
    return pictures.encoded(Image.fromarray(rgb8()), "JPEG", quality=95, exif=b"Exif\0\0" + block)


def _many() -> bytes:
    second = Image.fromarray(255 - rgb8())
    return pictures.encoded(Image.fromarray(rgb8()), "MPO", save_all=True, append_images=[second], quality=95)


def _with_film() -> bytes:
    return pictures.encoded(Image.fromarray(rgb8()), "JPEG", quality=95) + b"\0\0\0\x18ftypmp42" + bytes(5000)


def _large() -> bytes:
    """Eight times as long and wide: decoders may shrink it on the way."""
    image = Image.fromarray(rgb8()).resize((8 * WIDTH, 8 * HEIGHT), Image.Resampling.BICUBIC)
    return pictures.encoded(image, "JPEG", quality=90)


JPEGS: dict[str, Sample] = {
    "jpeg": _jpeg(rgb8),
    "jpeg, progressive": _jpeg(rgb8, progressive=True),
    "jpeg, low quality": _jpeg(rgb8, quality=40),
    "jpeg, 4:4:4": _jpeg(rgb8, subsampling=0),
    "jpeg, 4:2:2": _jpeg(rgb8, subsampling=1),
    "jpeg, stored as RGB": _jpeg(rgb8, keep_rgb=True),
    "jpeg, restart markers": _jpeg(rgb8, restart_marker_rows=2),
    "jpeg, grey": _jpeg(grey8),
    "jpeg, grey progressive": _jpeg(grey8, progressive=True),
    "jpeg, grey with gamma 1.8": _jpeg(
        grey8,
        lambda content: colours.grey_through(_decoded_grey(content), 1.8),
        icc_profile=colours.grey_profile(1.8),
    ),
    "jpeg, CMYK": Sample("image/jpeg", _inks(), lambda content: plain_inks(_decoded_inks(content))),
    "jpeg, YCCK": Sample("image/jpeg", _ycck, lambda content: plain_inks(_decoded_inks(content))),
    "jpeg, CMYK with profile": Sample(
        "image/jpeg",
        _inks(icc_profile=colours.press_profile()),
        lambda content: colours.lab_shown(colours.press_lab(_decoded_inks(content))),
    ),
    "jpeg, sRGB": _rgb(colours.SRGB),
    "jpeg, Adobe RGB": _rgb(colours.ADOBE_RGB),
    "jpeg, Display P3": _rgb(colours.DISPLAY_P3),
    "jpeg, ProPhoto": _rgb(colours.PROPHOTO),
    "jpeg, swapped primaries": _rgb(colours.SWAPPED),
    "jpeg, scanner's table": _jpeg(
        rgb8,
        lambda content: colours.lab_shown(colours.scanner_lab(_decoded(content))),
        icc_profile=colours.scanner_profile(),
    ),
    "jpeg, Adobe RGB by EXIF": Sample(
        "image/jpeg", _exif_adobe, lambda content: colours.ADOBE_RGB.shown(_decoded(content))
    ),
    "jpeg, profile of another kind": _jpeg(rgb8, icc_profile=colours.grey_profile(1.8)),
    "jpeg, broken profile": _jpeg(rgb8, icc_profile=colours.ADOBE_RGB.profile()[:200]),
    **{f"jpeg, orientation {number}": _turned(number) for number in range(1, 9)},
    "jpeg, two pictures": Sample("image/jpeg", _many, _decoded),
    "jpeg, film behind it": Sample("image/jpeg", _with_film, _decoded),
    "jpeg, large": Sample("image/jpeg", _large, _decoded),
}
