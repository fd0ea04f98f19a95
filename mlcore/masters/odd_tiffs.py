"""TIFF pages that libvips does not read as they stand, decoded by tifffile, a strip or tile at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.errors import MasterError
from mlcore.masters.decoding import truncated, unsupported
from mlcore.masters.row_files import RowFile
from mlcore.masters.vips import libvips

_WHITE_IS_ZERO, _PALETTE, _YCBCR, _LAB, _ICC_LAB = 0, 3, 6, 8, 9
_FLOAT = 3
_SIXTEEN = 65535
_BROKEN = (OSError, RuntimeError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError)
"""What tifffile and its codecs raise for broken pages."""


@dataclass(frozen=True, slots=True)
class OddLayout:
    """How a page's numbers are to be understood: TIFF's photometric kind, bits, sample format; how many
    channels are colours (1 for a palette); the palette, (entries, 3) uint8; whether strips are JPEG, whose
    decoder gives RGB.
    """

    photometric: int
    bits: int
    form: int
    colours: int
    palette: NDArray[np.uint8] | None
    jpeg: bool


def fill_odd(path: Path, number: int, layout: OddLayout) -> Callable[[RowFile], None]:
    """A ``Sheet.fill`` for directory ``number`` of the TIFF at ``path``."""

    def fill(rows: RowFile) -> None:
        wide = layout.bits > 16 or layout.form not in {1, 4}
        limit = _white_of_all(path, number, layout) if wide else float(2**layout.bits - 1)
        for top, left, channel, block in _blocks(path, number):
            rows.write_block(top, left, channel, _plain(block, layout, rows, limit))

    return fill


def _white_of_all(path: Path, number: int, layout: OddLayout) -> float:
    """The number that is white: 65535, or 1 in floating point, unless the page goes beyond it."""
    usual = 1.0 if layout.form == _FLOAT else float(_SIXTEEN)
    return max([usual, *(float(_finite(block).max()) for *_, block in _blocks(path, number))])


def _blocks(path: Path, number: int) -> Iterator[tuple[int, int, int, NDArray[Any]]]:
    """Decoded strips or tiles: top, left, first channel, (h, w, c). Raises MasterError."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages[number]
            assert isinstance(page, tifffile.TiffPage)  # only frames of a series are anything else
            if page.planarconfig == 2 and page.samplesperpixel > 1 and page.photometric == _PALETTE:
                raise unsupported(path.name, "a palette in several planes")
            for block, (plane, _, top, left, _), shape in page.segments(maxworkers=1):
                if block is None:
                    continue
                height, width = shape[1:3]
                yield top, left, plane, block.reshape(shape)[0, :height, :width]
    except (MasterError, MemoryError):
        raise
    except (ValueError, ImportError, NotImplementedError) as error:
        raise unsupported(path.name, error) from error
    except _BROKEN as error:
        raise truncated(path.name, error) from error


def _plain(block: NDArray[Any], layout: OddLayout, rows: RowFile, white: float) -> NDArray[Any]:
    """Numbers as they are in the file to uint8 or uint16, black at 0."""
    if layout.photometric == _PALETTE:
        return _through_palette(block, layout)
    if layout.photometric in {_LAB, _ICC_LAB}:
        return _from_lab(block, layout, rows)
    full = 255 if rows.dtype.itemsize == 1 else _SIXTEEN
    if white == full and layout.form in {1, 4}:
        scaled = block.astype(rows.dtype)
    else:
        scaled = np.rint(np.clip(_finite(block) * (full / white), 0, full)).astype(rows.dtype)
    if layout.photometric == _YCBCR and not layout.jpeg:
        return _from_ycbcr(scaled, full)
    if layout.photometric == _WHITE_IS_ZERO:
        scaled[..., : layout.colours] = full - scaled[..., : layout.colours]
    return scaled


def _through_palette(block: NDArray[Any], layout: OddLayout) -> NDArray[Any]:
    palette = layout.palette if layout.palette is not None else np.zeros((1, 3), np.uint8)
    # As wide numbers: a broken file's palette may have more entries than its samples can name.
    colours = palette[np.minimum(block[..., 0].astype(np.intp), len(palette) - 1)]
    return np.concatenate([colours, block[..., 1:].astype(np.uint8)], axis=2)


def _from_ycbcr(scaled: NDArray[Any], full: int) -> NDArray[Any]:
    """Luma and two differences, ITU-R BT.601 in full range, to RGB."""
    luma, blue, red = np.moveaxis(scaled[..., :3].astype(np.float32), 2, 0)
    blue, red = blue - (full + 1) // 2, red - (full + 1) // 2
    colours = np.stack(
        [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue], axis=2
    )
    rgb = np.rint(np.clip(colours, 0, full)).astype(scaled.dtype)
    return np.concatenate([rgb, scaled[..., 3:]], axis=2)


def _from_lab(block: NDArray[Any], layout: OddLayout, rows: RowFile) -> NDArray[Any]:
    """CIE or ICC Lab of 8 or 16 bits to sRGB of the same depth."""
    unit = 1.0 if rows.dtype.itemsize == 1 else 256.0
    numbers = block[..., :3].astype(np.float64)
    lightness = numbers[..., :1] * (100 / (256 * unit - 1))
    tint = numbers[..., 1:] / unit
    tint = tint - 128 if layout.photometric == _ICC_LAB else (tint + 128) % 256 - 128
    lab = np.concatenate([lightness, tint], axis=2).astype(np.float32)
    deep = rows.dtype.itemsize == 2
    image = libvips().Image.new_from_array(np.ascontiguousarray(lab)).copy(interpretation="lab")
    colours = image.colourspace("rgb16" if deep else "srgb").numpy()
    return np.concatenate([colours, block[..., 3:].astype(rows.dtype)], axis=2)


def _finite(block: NDArray[Any]) -> NDArray[np.float64]:
    return np.nan_to_num(block.astype(np.float64), posinf=0.0, neginf=0.0)
