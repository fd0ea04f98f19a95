"""What an address of the Image API 3.0 asks for: region, size, rotation, quality and format.

Level 2, and mirrored, grey, bitonal and WebP besides. Nothing is ever enlarged.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from archive.errors import InputError
from archive.messages import input_error

# What one answer may have: as much as a viewer shows, however large the picture is.
MAX_AREA = 12_000_000  # pixels
MAX_SIDE = 16_000  # pixels; WebP knows no longer ones
MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
EXTRA_FORMATS = ("webp",)
QUALITIES = ("default", "color", "gray", "bitonal")

_NUMBER = r"(\d+(?:\.\d+)?|\.\d+)"
_PIXELS = re.compile(r"(\d+),(\d+),(\d+),(\d+)")
_PERCENT = re.compile(rf"pct:{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}")
_WIDTH_AND_HEIGHT = re.compile(r"(!?)(\d*),(\d*)")
_SIZE_PERCENT = re.compile(rf"pct:{_NUMBER}")
_ROTATION = re.compile(rf"(!?){_NUMBER}")
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the upright picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """What is asked of a picture, in numbers: a region, scaled to `width` by `height` pixels, mirrored, then
    turned clockwise by `rotation` degrees (0, 90, 180, 270).
    """

    region: Region
    width: int
    height: int
    mirrored: bool
    rotation: int
    quality: str
    format: str
    canonical: str
    """The same in the one way of writing it, as the last part of an address."""


def read_request(
    *, picture: tuple[int, int], region: str, size: str, rotation: str, quality: str, format: str
) -> ImageRequest:
    """What the parts of an address mean for a `picture` of that width and height.

    Raises InputError archive:iiif:region, :size, :rotation, :quality or :format for what is not understood,
    not offered, or would be empty or too large.
    """
    if quality not in QUALITIES:
        raise input_error("archive:iiif:quality", offered=", ".join(QUALITIES))
    if format not in MEDIA_TYPES:
        raise input_error("archive:iiif:format", offered=", ".join(MEDIA_TYPES))
    part = _region(region, *picture)
    width, height = _size(size, part)
    mirrored, degrees = _rotation(rotation)
    whole = part == Region(0, 0, *picture)
    spelled = (
        "full" if whole else f"{part.left},{part.top},{part.width},{part.height}",
        "max" if (width, height) == largest(part.width, part.height) else f"{width},{height}",
        f"{'!' if mirrored else ''}{degrees}",
        f"{'default' if quality == 'color' else quality}.{format}",
    )
    return ImageRequest(
        region=part,
        width=width,
        height=height,
        mirrored=mirrored,
        rotation=degrees,
        quality=quality,
        format=format,
        canonical="/".join(spelled),
    )


def largest(width: int, height: int) -> tuple[int, int]:
    """The greatest size in which something of `width` by `height` pixels is given out."""
    scale = min(1.0, MAX_SIDE / max(width, height), math.sqrt(MAX_AREA / (width * height)))
    if scale == 1.0:
        return width, height
    # Rounded down: a pixel more would be above the limit.
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def _region(text: str, width: int, height: int) -> Region:
    if text == "full":
        return Region(0, 0, width, height)
    if text == "square":
        side = min(width, height)
        return Region((width - side) // 2, (height - side) // 2, side, side)
    if len(text) <= 4 * _MOST_DIGITS:
        if found := _PIXELS.fullmatch(text):
            return _within(*(int(each) for each in found.groups()), picture=(width, height))
        if found := _PERCENT.fullmatch(text):
            x, y, w, h = (float(each) / 100 for each in found.groups())
            edges = (round(x * width), round(y * height), round(w * width), round(h * height))
            return _within(*edges, picture=(width, height))
    raise input_error("archive:iiif:region")


def _within(left: int, top: int, width: int, height: int, *, picture: tuple[int, int]) -> Region:
    """What of the rectangle lies in the picture."""
    width, height = min(width, picture[0] - left), min(height, picture[1] - top)
    if width <= 0 or height <= 0:
        raise input_error("archive:iiif:region")
    return Region(left, top, width, height)


def _size(text: str, region: Region) -> tuple[int, int]:
    if text == "max":
        return largest(region.width, region.height)
    if len(text) > 2 * _MOST_DIGITS:
        raise _bad_size()
    if found := _SIZE_PERCENT.fullmatch(text):
        share = float(found.group(1)) / 100
        return _offered(round(region.width * share), round(region.height * share), region)
    found = _WIDTH_AND_HEIGHT.fullmatch(text)
    if found is None or not (found.group(2) or found.group(3)):
        raise _bad_size()
    width, height = (int(each) if each else None for each in found.groups()[1:])
    if found.group(1):
        if width is None or height is None:
            raise _bad_size()
        return _confined(width, height, region)
    return _offered(
        _other_side(height, region.width, region.height) if width is None else width,
        _other_side(width, region.height, region.width) if height is None else height,
        region,
    )


def _other_side(given: int | None, side: int, other: int) -> int:
    """The side that keeps the form of a region when the other one becomes `given`."""
    return max(1, round(side * given / other)) if given else 0


def _confined(width: int, height: int, region: Region) -> tuple[int, int]:
    """As large as fits into `width` by `height`, the limits, and the region itself."""
    most = largest(region.width, region.height)
    scale = min(width / region.width, height / region.height)
    if scale <= 0:
        raise _bad_size()
    fitting = (max(1, round(region.width * scale)), max(1, round(region.height * scale)))
    return min(fitting, most)


def _offered(width: int, height: int, region: Region) -> tuple[int, int]:
    fits = 0 < width <= region.width and 0 < height <= region.height
    if not fits or max(width, height) > MAX_SIDE or width * height > MAX_AREA:
        raise _bad_size()
    return width, height


def _bad_size() -> InputError:
    return input_error("archive:iiif:size", limit=MAX_AREA)


def _rotation(text: str) -> tuple[bool, int]:
    found = _ROTATION.fullmatch(text) if len(text) <= _MOST_DIGITS else None
    degrees = float(found.group(2)) if found else -1
    if found is None or degrees > 360 or degrees % 90:
        raise input_error("archive:iiif:rotation")
    return bool(found.group(1)), int(degrees) % 360
