"""Reading an original for a network, so that nothing of it is lost on the way to the result.

Where the file is 8-bit RGB or grey, its numbers go to the network as they stand and its ICC profile goes to
the result: pixels that the network leaves alone are then exactly the original's. Other kinds (CMYK, 16 bit,
palettes, alpha) are brought to sRGB first, as for the archive's renditions, and their profile no longer
applies.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from archive.renditions import open_oriented
from archive.sniffing import OPENED_FORMATS

GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMetadata:
    """What the result takes over: ICC profile, EXIF block, XMP packet, and resolution in dots per inch."""

    icc_profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class OpenedOriginal:
    """An original as the network takes it.

    `pixels`: (H, W, 3) uint8, upright. `is_grey`: all three channels are equal everywhere, so the result's
    must be. `one_channel`: the file itself has one channel, so the result gets one.
    """

    pixels: NDArray[np.uint8]
    is_grey: bool
    one_channel: bool
    metadata: SourceMetadata


def open_original(path: Path) -> OpenedOriginal:
    """Decode the original at `path` upright; the EXIF and XMP kept no longer ask for a rotation."""
    with Image.open(path, formats=OPENED_FORMATS) as opened:
        one_channel = opened.mode in GREY_MODES
        as_it_stands = opened.mode in {"RGB", "L"} and "transparency" not in opened.info
        opened.load()
        upright = ImageOps.exif_transpose(opened)
    image = upright.convert("RGB") if as_it_stands else open_oriented(path)
    pixels = np.asarray(image)
    is_grey = one_channel or bool(
        (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all()
    )
    return OpenedOriginal(pixels, is_grey, one_channel, _metadata(upright, keep_profile=as_it_stands))


def to_grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 to (H, W) uint8 by luminance; where the channels are equal, exactly their value."""
    return np.asarray(Image.fromarray(pixels).convert("L"))


def in_its_colours(restored: NDArray[np.uint8], original: OpenedOriginal) -> NDArray[np.uint8]:
    """What to write for `restored`, (H, W, 3) uint8: what was grey stays grey, (H, W) if in one channel."""
    if not original.is_grey:
        return restored
    grey = to_grey(restored)
    return grey if original.one_channel else as_rgb(grey)


def as_rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) or (H, W, 3) uint8 to (H, W, 3)."""
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)


def _metadata(image: Image.Image, *, keep_profile: bool) -> SourceMetadata:
    exif = image.getexif()
    xmp = image.info.get("xmp")
    dpi = image.info.get("dpi")
    return SourceMetadata(
        icc_profile=image.info.get("icc_profile") if keep_profile else None,
        exif=exif.tobytes() if exif else None,
        xmp=xmp if isinstance(xmp, bytes) else None,
        # A file may say 0 dots per inch, or something that is no number.
        dpi=(float(dpi[0]), float(dpi[1])) if dpi and all(float(value) > 0 for value in dpi) else None,
    )
