"""Pictures of rarer kinds, decoded whole: by Pillow, and the rarest by tifffile."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

# Pillow's names of the formats that are accepted. It opens an MPO as the JPEG that it begins as.
OPENED_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")

# What decoders raise for broken content (the last line: only tifffile); anything else would be a bug of ours
# and should be seen as one.
BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error),
    *(RuntimeError, AttributeError, ArithmeticError, AssertionError),
)

_TIFF_PHOTOMETRIC = 262
_TIFF_WHITE_IS_ZERO = 0
_SRGB = ImageCms.createProfile("sRGB")


def decoded_whole(path: Path) -> NDArray[np.uint8]:
    """The first page as people see it: (H, W, 3) uint8, sRGB, upright; in memory whole.

    For the rarer kinds that cannot be streamed. Raises OSError.
    """
    try:
        with Image.open(path, formats=OPENED_FORMATS) as image:
            image.load()
            upright = ImageOps.exif_transpose(image)
            shown = _to_srgb(upright, image.info.get("icc_profile"))
            return np.asarray(ImageOps.invert(shown) if _is_negative(image) else shown)
    except FileNotFoundError:
        raise
    except BROKEN as error:
        samples = tiff_samples(path, 0)
        if samples is None:
            raise OSError(f"{path.name}: {error}") from error
        return _rough_rgb(samples)


def tiff_samples(path: Path, number: int) -> NDArray[Any] | None:
    """The numbers of a page of a TIFF that nobody else reads, (H, W) or (H, W, C); None where it is none."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages[number].aspage()
            samples = np.asarray(page.asarray())
            planes = page.planarconfig == 2 and samples.ndim == 3
            return np.moveaxis(samples, 0, -1) if planes else samples
    except (*BROKEN, tifffile.TiffFileError):
        return None


def frame_is_whole(path: Path, number: int) -> bool:
    """Whether Pillow decodes frame `number` to its end."""
    try:
        with Image.open(path, formats=OPENED_FORMATS) as image:
            image.seek(number)
            image.load()
    except BROKEN:
        return False
    return True


def _rough_rgb(samples: NDArray[Any]) -> NDArray[np.uint8]:
    """Any numbers as (H, W, 3) uint8, from 0 to the largest of their kind or, if not whole, of the page."""
    colours = samples.reshape(*samples.shape[:2], -1)
    colours = colours[..., :3] if colours.shape[2] >= 3 else colours[..., :1]
    values = np.nan_to_num(colours.astype(np.float64), posinf=0.0, neginf=0.0)
    white = (
        np.iinfo(samples.dtype).max if samples.dtype.kind == "u" else max(1.0, float(values.max(initial=0)))
    )
    scaled = np.clip(np.rint(values * (255.0 / white)), 0, 255).astype(np.uint8)
    return np.repeat(scaled, 3, axis=2) if scaled.shape[2] == 1 else scaled


def _to_srgb(image: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """Return `image` (any mode) as 8-bit RGB in sRGB, without metadata."""
    flat = _without_depth(_without_transparency(image))
    converted = _through_profile(flat, icc_profile) if icc_profile else None
    if converted is None:
        converted = _from_lab(flat) if flat.mode == "LAB" else flat.convert("RGB")
    converted.info = {}
    return converted


def _without_transparency(image: Image.Image) -> Image.Image:
    """Lay a transparent picture on white, the colour of most paper; resolve palettes."""
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        flat = Image.new("RGB", image.size, "white")
        flat.paste(layered, mask=layered.getchannel("A"))
        return flat
    if image.mode in {"P", "PA", "1"}:
        return image.convert("RGB")
    return image


def _without_depth(image: Image.Image) -> Image.Image:
    """Scale a grey picture of 16 or more bits, which Pillow would otherwise clip, to 8 bits."""
    if not (image.mode.startswith("I") or image.mode == "F"):
        return image
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    if image.mode == "F":
        white = 1.0 if values.max() <= 1.0 else float(values.max())
    else:
        # Integers count from 0 to what their 16 bits hold; a few scanners use more.
        white = max(65535.0, float(values.max()))
    return Image.fromarray(np.clip(np.rint(values * (255.0 / white)), 0, 255).astype(np.uint8))


def _is_negative(image: Image.Image) -> bool:
    """Whether Pillow has left a TIFF's "zero is white" to us, as it does with 16 bits."""
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
    return image.mode.startswith("I") and tags.get(_TIFF_PHOTOMETRIC) == _TIFF_WHITE_IS_ZERO


def _through_profile(image: Image.Image, icc_profile: bytes) -> Image.Image | None:
    """Return `image` taken from its own colour space to sRGB, or None where the profile is broken or of
    another kind."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        return ImageCms.profileToProfile(image, profile, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _from_lab(image: Image.Image) -> Image.Image:
    converted = ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), _SRGB, outputMode="RGB")
    assert converted is not None  # only an in-place conversion returns nothing
    return converted
