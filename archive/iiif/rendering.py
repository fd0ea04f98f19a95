"""From a picture and a request to the bytes of an answer: sRGB, upright, without any metadata."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from archive.files.renditions import LONG_SIDES, rendition_file
from archive.files.storage import StoredFile
from archive.formats.decoding import libvips, picture_format, streamed_pages
from archive.iiif.parameters import ImageRequest
from archive.iiif.pictures import ServedPicture
from archive.iiif.regions import region_of_file, region_of_tiles
from archive.models import Rendition
from archive.zooming.orders import TilesState, wanted_tiles
from archive.zooming.pyramids import needs_tiles, tiles_file
from archive.zooming.reading import NoSuchTileError

# At once in one process; each takes a second and some hundred megabytes at worst.
_AT_ONCE = threading.BoundedSemaphore(2)
_PATIENCE = 20  # seconds
# A picture of a rare kind is decoded whole; larger ones wait for their tiles, which a worker makes.
_MOST_DECODED_WHOLE = 12_000_000  # pixels
_WHITE_FROM = 128
_TURNS = {90: "rot90", 180: "rot180", 270: "rot270"}


class NotYetError(Exception):
    """Not now: others are being served, or a worker must see to the picture first. To be asked again."""


def render(picture: ServedPicture, asked: ImageRequest) -> bytes:
    """What is asked for, encoded. Raises NotYetError; OSError when the file is missing or does not decode."""
    with _one_of_few():
        try:
            image = _region(picture, asked)
            if asked.mirrored:
                image = image.fliphor()
            if asked.rotation:
                image = getattr(image, _TURNS[asked.rotation])()
            return _encoded(image, asked)
        except libvips().Error as error:
            raise OSError(f"{picture.identifier}: {error}") from error


def prepare(picture: ServedPicture) -> None:
    """Have tiles made of a picture that somebody is going to look at closely."""
    if not picture.is_preview and needs_tiles(picture.width, picture.height):
        wanted_tiles(picture.source)


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        raise NotYetError
    try:
        yield
    finally:
        _AT_ONCE.release()


def _region(picture: ServedPicture, asked: ImageRequest) -> Any:
    """From the smallest file that has the pixels: a rendition, the tiles, or else the picture itself."""
    what: dict[str, Any] = {
        "picture": (picture.width, picture.height),
        "size": (asked.width, asked.height),
    }
    scale = max(asked.width / asked.region.width, asked.height / asked.region.height)
    copy = _small_copy(picture, math.ceil(max(picture.width, picture.height) * scale - 1e-6))
    if copy is not None:
        with copy.local_copy() as path:
            return region_of_file(path, asked.region, **what)
    if not picture.is_preview and needs_tiles(picture.width, picture.height):
        with suppress(NoSuchTileError):
            return region_of_tiles(tiles_file(picture.source.sha256), asked.region, **what)
    with picture.shown.local_copy() as path:
        if not picture.is_preview and picture.width * picture.height > _MOST_DECODED_WHOLE:
            _refuse_a_rare_kind(picture, path)
        return region_of_file(path, asked.region, **what)


def _refuse_a_rare_kind(picture: ServedPicture, path: Path) -> None:
    """A picture that cannot be decoded row by row waits for its tiles. Raises NotYetError, OSError."""
    if streamed_pages(path, picture_format(path))[0] is not None:
        return
    if wanted_tiles(picture.source) is TilesState.FAILED:
        raise OSError(f"{picture.source.name}: no tiles can be made of it")
    raise NotYetError


def _small_copy(picture: ServedPicture, long_side: int) -> StoredFile | None:
    """A rendition of a larger picture that has `long_side` pixels at least; None where there is none."""
    for kind, side in sorted(LONG_SIDES.items(), key=lambda each: each[1]):
        # What pages show of a picture that is no larger has its pixels, but not quite its colours.
        if long_side <= side < max(picture.width, picture.height):
            copy = rendition_file(picture.source.sha256, Rendition.Kind(kind))
            return copy if copy.exists() else None
    return None


def _encoded(image: Any, asked: ImageRequest) -> bytes:
    if asked.quality in ("gray", "bitonal"):
        image = image.colourspace("b-w")
    if asked.quality == "bitonal":
        image = image >= _WHITE_FROM
    encoded: bytes
    if asked.format == "png":
        depth = {"bitdepth": 1} if asked.quality == "bitonal" else {}
        encoded = image.pngsave_buffer(compression=5, keep="none", **depth)
    elif asked.format == "webp":
        encoded = image.webpsave_buffer(Q=85, keep="none")
    else:
        encoded = image.jpegsave_buffer(Q=90, optimize_coding=True, keep="none")
    return encoded
