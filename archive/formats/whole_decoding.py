"""Pictures of rarer kinds, decoded whole: TIFF by tifffile, and what that does not read by Pillow."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

# Pillow's names of the formats that are accepted. It opens an MPO as the JPEG that it begins as.
OPENED_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")

# What decoders raise for broken content (the last line: only tifffile); anything else would be a bug of ours
# and should be seen as one.
BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error),
    *(RuntimeError, AttributeError, ArithmeticError, AssertionError),
)

_WHITE_IS_ZERO, _PALETTE, _SEPARATED, _YCBCR, _LAB, _ICC_LAB = 0, 3, 5, 6, 8, 9
_JPEG_INSIDE = 7
_FLOAT = 3
_UNSIGNED = frozenset({1, 4})
_MULTIPLIED = 1
_SIXTEEN = 65535
_ROWS_AT_ONCE = 128


@dataclass(frozen=True, slots=True)
class WholePicture:
    """`samples`: (H, W, C) uint8 or uint16, grey, RGB or, with `inks`, CMYK, and perhaps alpha; 0 is black,
    or no ink. With `lab` instead CIE Lab under D50, float32. `orientation` as EXIF has it, 1 to 8.
    """

    samples: NDArray[Any]
    inks: bool = False
    lab: bool = False
    orientation: int = 1
    icc_profile: bytes | None = None


def decoded_whole(path: Path, number: int = 0) -> WholePicture:
    """Page `number`, in memory whole; for the rarer kinds that cannot be streamed. Raises OSError."""
    page = tiff_page(path, number)
    if page is not None:
        return page
    try:
        with Image.open(path, formats=OPENED_FORMATS) as image:
            image.seek(number)
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            mode = "RGBA" if image.has_transparency_data else "RGB"
            return WholePicture(np.asarray(image if image.mode == mode else image.convert(mode)))
    except FileNotFoundError:
        raise
    except BROKEN as error:
        raise OSError(f"{path.name}: {error}") from error


def frame_is_whole(path: Path, number: int) -> bool:
    """Whether Pillow decodes frame `number` to its end."""
    try:
        with Image.open(path, formats=OPENED_FORMATS) as image:
            image.seek(number)
            image.load()
    except BROKEN:
        return False
    return True


def tiff_page(path: Path, number: int) -> WholePicture | None:
    """A page of a TIFF as tifffile decodes it; None where it does not."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages[number].aspage()
            if max(page.databytecounts, default=0) > file.filehandle.size:
                raise ValueError("a strip or tile of more bytes than the file has")
            samples = np.asarray(page.asarray())
            return _pictured(page, samples)
    except (*BROKEN, tifffile.TiffFileError):
        return None


def bytes_of_tiff_page(page: Any) -> int:
    """How much memory `tiff_page` takes at most: the samples as they are stored, and as they are returned."""
    samples = page.imagewidth * page.imagelength * page.samplesperpixel
    stored = 1 << max(0, (page.bitspersample - 1).bit_length() - 3)  # 1, 2, 4 or 8 bytes
    if page.photometric == _PALETTE:
        returned = 3 * 2
    elif page.photometric in {_LAB, _ICC_LAB}:
        returned = 4
    else:
        returned = 2 if page.bitspersample > 8 or page.sampleformat not in _UNSIGNED else 1
    return int(samples * (stored + returned))


def _pictured(page: Any, samples: NDArray[Any]) -> WholePicture:
    if page.planarconfig == 2 and samples.ndim == 3:
        samples = np.moveaxis(samples, 0, -1)
    samples = samples.reshape(page.imagelength, page.imagewidth, -1)
    tag = page.tags.get(274)
    orientation = int(tag.value) if tag else 1
    orientation = orientation if 1 <= orientation <= 8 else 1
    if page.photometric in {_LAB, _ICC_LAB}:
        return WholePicture(_lab(page, samples[..., :3]), lab=True, orientation=orientation)
    colours = samples.shape[2] - len(page.extrasamples)
    if colours < 1:
        raise ValueError("no sample is a colour")
    alphas = [kind for kind in page.extrasamples[:1] if kind]
    if page.photometric == _PALETTE:
        levels = _through_palette(page, samples)
    else:
        levels = _levels(page, samples[..., : colours + len(alphas)])
    if page.photometric == _WHITE_IS_ZERO:
        levels[..., :1] = np.iinfo(levels.dtype).max - levels[..., :1]
    if page.photometric == _YCBCR and page.compression != _JPEG_INSIDE:
        levels = _from_ycbcr(levels)
    if alphas == [_MULTIPLIED]:
        levels = _divided(levels)
    return WholePicture(
        levels,
        inks=page.photometric == _SEPARATED,
        orientation=orientation,
        icc_profile=bytes(page.iccprofile) if page.iccprofile else None,
    )


def _levels(page: Any, samples: NDArray[Any]) -> NDArray[Any]:
    """Any numbers as uint8 or, of more than 8 bits, uint16: from 0 to the largest that these bits hold.

    Those of more than 16 bits go to 65535, floating point to 1, or to the page's largest beyond that.
    """
    plain = page.sampleformat in _UNSIGNED and page.bitspersample <= 16
    deep = not plain or page.bitspersample > 8
    full = _SIXTEEN if deep else 255
    if plain and page.bitspersample in {8, 16}:
        return samples
    if plain:
        white = float(2**page.bitspersample - 1)
    else:
        usual = 1.0 if page.sampleformat == _FLOAT else float(_SIXTEEN)
        white = max(usual, *(float(_finite(band).max(initial=0)) for band in _bands(samples)))

    def scaled(band: NDArray[Any]) -> NDArray[Any]:
        return np.rint(np.clip(_finite(band) * (full / white), 0, full))

    return _banded(scaled, samples, samples.shape[2], np.uint16 if deep else np.uint8)


def _bands(samples: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Some rows at a time, so that floating point is never there for the whole picture."""
    for top in range(0, len(samples), _ROWS_AT_ONCE):
        yield samples[top : top + _ROWS_AT_ONCE]


def _banded(
    change: Callable[[NDArray[Any]], NDArray[Any]], samples: NDArray[Any], channels: int, kind: Any
) -> NDArray[Any]:
    """`samples` after `change`, which gives as many `channels`, as numbers of `kind`."""
    made = np.empty((*samples.shape[:2], channels), kind)
    for before, after in zip(_bands(samples), _bands(made), strict=True):
        after[:] = change(before)
    return made


def _finite(samples: NDArray[Any]) -> NDArray[np.float64]:
    return np.nan_to_num(samples.astype(np.float64), posinf=0.0, neginf=0.0)


def _through_palette(page: Any, samples: NDArray[Any]) -> NDArray[Any]:
    """Indices to colours of 16 bits; a few writers filled the palette with 8."""
    entries = np.asarray(page.colormap, np.uint16).T
    entries = entries * 257 if entries.max(initial=0) < 256 else entries
    # As wide numbers: a broken file's palette may have more entries than its samples can name.
    return entries[np.minimum(samples[..., 0].astype(np.intp), len(entries) - 1)]


def _from_ycbcr(levels: NDArray[Any]) -> NDArray[Any]:
    """Luma and two differences, ITU-R BT.601 in full range, to RGB."""
    full = int(np.iinfo(levels.dtype).max)

    def converted(band: NDArray[Any]) -> NDArray[Any]:
        luma, blue, red = np.moveaxis(band[..., :3].astype(np.float64), 2, 0)
        blue, red = blue - (full + 1) // 2, red - (full + 1) // 2
        green = luma - 0.344136 * blue - 0.714136 * red
        rgb = np.stack([luma + 1.402 * red, green, luma + 1.772 * blue], axis=2)
        return np.concatenate([np.rint(np.clip(rgb, 0, full)), band[..., 3:]], axis=2)

    return _banded(converted, levels, levels.shape[2], levels.dtype)


def _divided(levels: NDArray[Any]) -> NDArray[Any]:
    """Colours that were multiplied by their alpha, as they were before."""
    full = int(np.iinfo(levels.dtype).max)

    def divided(band: NDArray[Any]) -> NDArray[Any]:
        alpha = np.maximum(band[..., -1:].astype(np.float64), 1)
        colours = np.rint(np.clip(band[..., :-1] * (full / alpha), 0, full))
        return np.concatenate([colours, band[..., -1:]], axis=2)

    return _banded(divided, levels, levels.shape[2], levels.dtype)


def _lab(page: Any, samples: NDArray[Any]) -> NDArray[Any]:
    """Lab of 8 or 16 bits; CIE's tints have signs, ICC's an offset, and its lightness of 16 bits a margin."""
    unit = 256.0 if page.bitspersample == 16 else 1.0
    icc = page.photometric == _ICC_LAB
    largest = 65280.0 if icc and unit > 1 else 256 * unit - 1

    def converted(band: NDArray[Any]) -> NDArray[Any]:
        numbers = band.astype(np.float64)
        tints = numbers[..., 1:] / unit
        tints = tints - 128 if icc else (tints + 128) % 256 - 128
        return np.concatenate([numbers[..., :1] * (100 / largest), tints], axis=2)

    return _banded(converted, samples, 3, np.float32)
