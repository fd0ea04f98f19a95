"""A stored picture of any kind as people see it: 3 channels of 8 bits in sRGB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from archive.formats.colour_profiles import ICC_FIELD, meant_profile, with_profile
from archive.formats.decoding import full_pages, libvips, picture_format, streamed_pages
from archive.formats.whole_decoding import WholePicture, decoded_whole

_FEW_PIXELS = 3_000_000
# As archives convert for showing (FADGI 2023): colours as they are, and the darkest that there is as black.
_MATCHING: dict[str, Any] = {"intent": "relative", "black_point_compensation": True}


def in_srgb(path: Path, long_side: int | None = None, *, page: int = 1) -> Any:
    """The picture at `path` as a libvips image: 3 channels of 8 bits, sRGB; how it is to be turned stands in
    its header still. `page`: which of the file's full pages.

    With `long_side`, scaled down so that no side is longer. Decoded as it is asked for, once, from top to
    bottom, so that it is never in memory whole, unless it is of a rare kind. Raises OSError, also where there
    is no such page, and whoever reads the pixels libvips' own error.
    """
    format = picture_format(path)
    number = _directory(path, page)
    streamed = streamed_pages(path, format)[number]
    if streamed is None:
        image = _as_image(decoded_whole(path, number))
    else:
        image = streamed.open(path)
        shrink = _shrink_on_load(image, long_side) if streamed.loader == "jpegload" else 1
        if shrink > 1:
            image = streamed.open(path, shrink=shrink)
    # Once it is small: a picture that is turned must be in memory, and profiles take their time.
    small = fitted(image, long_side)
    colours = small[: small.bands - 1] if small.hasalpha() else small
    seen = _to_srgb(colours, meant_profile(colours, path, format))
    return _on_white(seen, small[small.bands - 1]) if small.hasalpha() else seen


def _directory(path: Path, page: int) -> int:
    """Where the page stands in the file; the first, whatever it is, is the picture."""
    if page == 1:
        return 0
    pages = full_pages(path)
    if not 1 < page <= len(pages):
        raise OSError(f"{path.name}: there is no page {page}")
    return pages[page - 1].directory


def _as_image(picture: WholePicture) -> Any:
    """What was decoded whole as a libvips image."""
    pyvips = libvips()
    deep = picture.samples.dtype.itemsize > 1
    image = pyvips.Image.new_from_array(np.ascontiguousarray(picture.samples))
    if picture.lab:
        lab = image.copy(interpretation="lab")
        image = lab.icc_export(output_profile="srgb", pcs="lab", **_MATCHING, depth=16)
        image.remove(ICC_FIELD)
    elif picture.inks:
        image = image.copy(interpretation="cmyk")
    elif image.bands < 3:
        image = image.copy(interpretation="grey16" if deep else "b-w")
    else:
        image = image.copy(interpretation="rgb16" if deep else "srgb")
    image.set_type(pyvips.GValue.gint_type, "orientation", picture.orientation)
    return with_profile(image, picture.icc_profile) if picture.icc_profile else image


def _shrink_on_load(image: Any, long_side: int | None) -> int:
    """How much smaller a JPEG may be decoded and still be scaled down well."""
    longest = max(image.width, image.height)
    return next((by for by in (8, 4, 2) if long_side and longest >= 2 * by * long_side), 1)


def fitted(image: Any, long_side: int | None) -> Any:
    """Return `image` scaled down so that its longer side is at most `long_side` pixels and no side is
    empty."""
    longest = max(image.width, image.height)
    if long_side is None or long_side >= longest:
        return image
    width, height = (max(1, round(side * long_side / longest)) for side in (image.width, image.height))
    whole, clear = image.format, image.hasalpha()
    if clear:
        # What cannot be seen has no say in the colours beside it.
        image = image.premultiply()
    elif image.width * image.height <= _FEW_PIXELS:
        # With room for what the filter lets swing beyond black and white between its two passes.
        image = image.cast("int" if whole == "ushort" else "short")
    small = image.resize(width / image.width, vscale=height / image.height)
    return (small.unpremultiply() if clear else small).cast(whole)


def _on_white(image: Any, alpha: Any) -> Any:
    """Lay `image`, 8 bits in sRGB, on white, the colour of most paper, as far as `alpha` lets it through."""
    shares = (alpha / 257).rint().cast("uchar") if alpha.format == "ushort" else alpha
    return image.bandjoin(shares).flatten(background=255)


def _to_srgb(image: Any, profile: bytes | None) -> Any:
    """Return `image`, opaque, whose numbers mean what the ICC `profile` says, as 3 channels of 8 bits in
    sRGB."""
    if profile is not None:
        try:
            return with_profile(image, profile).icc_transform("srgb", embedded=True, **_MATCHING, depth=8)
        except libvips().Error:  # it looks like a profile, and cannot be used as one
            image = image.copy()
            image.remove(ICC_FIELD)
    if image.format == "ushort":
        image = (image / 257).rint().cast("uchar")
    if image.bands == 4:
        light = (255 - image[:3]) * (255 - image[3]) / 255
        image = light.rint().cast("uchar")
    if image.bands == 1:
        image = image.bandjoin([image, image])
    return image.copy(interpretation="srgb")
