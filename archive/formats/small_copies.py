"""The small copies of a picture that pages show: WebP, and JPEG for the smallest. Runs in a decoder
(`archive.formats.apart`).
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from archive.formats.decoding import libvips
from archive.formats.showing import fitted, in_srgb

# WebP's usual effort of 4 takes twice the time and saves 4 % of the bytes, at the same difference of colour.
_PLAIN: dict[str, Any] = {"Q": 82, "effort": 2}
# WebP halves the resolution of colours, which a small picture shows, unless it is lossless; then it is large
# and slow to write. So a thumbnail is a JPEG with all of its colours, of the first quality whose mean
# difference of colour (CIEDE2000) is one that people do not see.
_QUALITIES = (90, 97, 99, 100)
_UNSEEN = 0.9
# Every third pixel of every third row tells the mean as well as all do, odd and even columns alike.
_EVERY = 3
_THUMBNAIL_SIDE = 640


class SmallCopy(NamedTuple):
    """A copy that was written: its name in the folder, and its size in pixels."""

    name: str
    width: int
    height: int


def write_small_copies(
    path: Path, folder: Path, long_sides: Mapping[str, int], *, page: int = 1
) -> list[SmallCopy]:
    """Write a page of the picture at `path` into `folder` once for each name, with at most so many pixels on
    its longer side, from large to small. Raises OSError where it does not decode, or there is no room.
    """
    image = upright(path, max(long_sides.values()), page=page)
    copies = []
    # Each is made from the one before: the full picture is scaled once.
    for name, long_side in long_sides.items():
        image = fitted(image, long_side)
        try:
            _save(image, folder / name, faithful=long_side <= _THUMBNAIL_SIDE)
        except libvips().Error as error:
            raise _no_file(error) from error
        copies.append(SmallCopy(name, image.width, image.height))
    return copies


def upright(path: Path, long_side: int | None, *, page: int = 1) -> Any:
    """A page of the picture at `path` as a libvips image in memory: 3 channels of 8 bits, sRGB, upright.

    With `long_side`, scaled down on the way: the full picture is read row by row and never in memory, unless
    it is of a rare kind. Raises OSError.
    """
    try:
        return in_srgb(path, long_side, page=page).copy_memory().autorot().copy_memory()
    except libvips().Error as error:
        raise OSError(f"{path.name}: {error}") from error


def _save(image: Any, path: Path, *, faithful: bool) -> None:
    """Write `image` without metadata: as WebP, or where it is to be `faithful` as JPEG."""
    if not faithful:
        image.webpsave(str(path), **_PLAIN, keep="none")
        return
    every = min(_EVERY, image.width), min(_EVERY, image.height)
    some = image.subsample(*every)
    for quality in _QUALITIES:
        image.jpegsave(str(path), Q=quality, subsample_mode="off", optimize_coding=True, keep="none")
        if libvips().Image.jpegload(str(path)).subsample(*every).dE00(some).avg() <= _UNSEEN:
            return


def _no_file(error: Exception) -> OSError:
    """libvips tells a full disk in words only."""
    words = str(error)
    return OSError(errno.ENOSPC, words) if "No space left" in words else OSError(words)
