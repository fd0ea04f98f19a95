"""Opening a stored picture: row by row through libvips where that gives its true numbers, else whole.

Of several pages or frames the first is the picture; a TIFF's others must be whole too, and can be shown.
"""

from __future__ import annotations

import logging
import re
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from archive.formats.whole_decoding import (
    BROKEN,
    OPENED_FORMATS,
    bytes_of_tiff_page,
    frame_is_whole,
    tiff_page,
)

# What files of these kinds begin with; the names are Pillow's.
_SIGNATURES = {
    "JPEG": rb"\xff\xd8\xff",
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "TIFF": rb"II[*+]\0|MM\0[*+]",
    "WEBP": rb"RIFF....WEBP",
    "BMP": rb"BM",
}
_LOADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "JPEG": ("jpegload", {"unlimited": True}),
    "PNG": ("pngload", {"unlimited": True}),
    "WEBP": ("webpload", {}),
}

# A BMP's pixels as Pillow holds them, and once more as an array.
_BMP_BYTES = 8

_THREADS = 2
_WHITE_IS_ZERO = 0
_YCBCR = 6
_JPEG_INSIDE = 7
# TIFF compressions, photometric kinds and depths of which libvips gives the numbers as they are meant.
_COMPRESSIONS = {1, 2, 3, 4, 5, _JPEG_INSIDE, 8, 32773, 32946}
_PHOTOMETRICS = {_WHITE_IS_ZERO, 1, 2, 3, 5, _YCBCR}
_DEPTHS = {1, 8, 16}
_UNSIGNED = 1
_REDUCED, _MASK = 1, 4
_ON_THEIR_SIDE = frozenset({5, 6, 7, 8})
"""EXIF's orientations that exchange width and height."""


@dataclass(frozen=True, slots=True)
class PageHeader:
    """What a page's header says: pixels as stored, and EXIF's orientation, 1 to 8.

    `whole_bytes`: the memory that its decoding takes where that cannot be done row by row, else 0.
    `unpacked_bytes`: what its pixels take as the file counts them.
    """

    width: int
    height: int
    orientation: int
    whole_bytes: int = 0
    unpacked_bytes: int = 0


@dataclass(frozen=True, slots=True)
class FullPage:
    """A page that is a picture of its own, no smaller copy and no mask of another.

    `directory`: its place in the file, counted from 0. Width and height in pixels, upright.
    """

    directory: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class StreamedPage:
    """How libvips reads a page: its loader with options, and how many channels are colours or alpha."""

    loader: str
    options: dict[str, Any]
    channels: int | None = None

    def open(self, path: Path, **options: Any) -> Any:
        """The page as a libvips image, decoded as it is asked for, once, from top to bottom."""
        load = getattr(libvips().Image, self.loader)
        image = load(str(path), access="sequential", fail_on="error", **self.options, **options)
        return image[: self.channels] if self.channels and self.channels < image.bands else image


@cache
def libvips() -> Any:
    """The `pyvips` module: loaded on first use, since it starts threads, which must not be there when a
    process forks."""
    import pyvips

    logging.getLogger("pyvips").setLevel(logging.WARNING)
    pyvips.cache_set_max(0)
    pyvips.concurrency_set(_THREADS)
    return pyvips


def picture_format(path: Path) -> str:
    """Pillow's name of the file's format, by its first bytes. Raises OSError where it is none of ours."""
    with path.open("rb") as file:
        return stream_format(file, path.name)


def stream_format(file: BinaryIO, name: str) -> str:
    """As `picture_format`, of the file `name` that is open at its beginning."""
    beginning = file.read(12)
    for format, signature in _SIGNATURES.items():
        if re.match(signature, beginning, re.DOTALL):
            return format
    raise OSError(f"{name}: not a picture of a kind that is accepted")


def page_headers(path: Path, format: str) -> list[PageHeader]:
    """The header of every page of the file, of Pillow's `format`; nothing where one is broken."""
    import tifffile

    try:
        if format == "TIFF":
            with tifffile.TiffFile(path) as file:
                return [_tiff_header(number, page) for number, page in enumerate(file.pages)]
        if format == "BMP":
            with Image.open(path, formats=OPENED_FORMATS) as image:
                pixels = image.width * image.height
                whole_bytes = pixels * _BMP_BYTES
                return [PageHeader(image.width, image.height, 1, whole_bytes, pixels * len(image.getbands()))]
        opened = StreamedPage(*_LOADERS[format]).open(path)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return [_bmp_header(path)]
    except (*BROKEN, tifffile.TiffFileError, libvips().Error):
        return []
    orientation = opened.get("orientation") if opened.get_typeof("orientation") else 1
    samples = opened.width * opened.height * opened.bands
    sample_bytes = 2 if opened.format == "ushort" else 1
    return [PageHeader(opened.width, opened.height, orientation, unpacked_bytes=samples * sample_bytes)]


def _bmp_header(path: Path) -> PageHeader:
    """The size of one that Pillow finds too large to be opened."""
    with path.open("rb") as file:
        width, height = struct.unpack("<8x10xii8x", file.read(34))
    return PageHeader(abs(width), abs(height), 1)


def _tiff_header(number: int, page: Any) -> PageHeader:
    page = page.aspage()
    sizes = (page.imagewidth, page.imagelength, page.samplesperpixel, page.bitspersample)
    if not all(isinstance(each, int) for each in sizes):
        raise ValueError("many numbers where one belongs")
    tag = page.tags.get(274)
    streamed = _tiff_page(number, page) is not None
    return PageHeader(
        page.imagewidth,
        page.imagelength,
        int(tag.value) if tag else 1,
        0 if streamed else bytes_of_tiff_page(page),
        page.imagewidth * page.imagelength * page.samplesperpixel * page.bitspersample // 8,
    )


def full_pages(path: Path) -> list[FullPage]:
    """The pages that a result has too, in order; of what is no TIFF, none. Raises OSError."""
    import tifffile

    if picture_format(path) != "TIFF":
        return []
    try:
        with tifffile.TiffFile(path) as file:
            pages = [page.aspage() for page in file.pages]
            return [_full_page(number, page) for number, page in enumerate(pages) if _stands_alone(page)]
    except (*BROKEN, tifffile.TiffFileError) as error:
        raise OSError(f"{path.name}: {error}") from error


def _stands_alone(page: Any) -> bool:
    return not page.tags.valueof(254, 0) & (_REDUCED | _MASK) and page.tags.valueof(255, 1) != 2


def _full_page(number: int, page: Any) -> FullPage:
    header = _tiff_header(number, page)
    return FullPage(number, *upright_size(header))


def upright_size(header: PageHeader) -> tuple[int, int]:
    """Width and height of the page as people see it."""
    size = header.width, header.height
    return size[::-1] if header.orientation in _ON_THEIR_SIDE else size


def streamed_pages(path: Path, format: str) -> list[StreamedPage | None]:
    """How the pages of the file, of Pillow's `format`, are streamed; None for each that must be decoded
    whole."""
    if format == "TIFF":
        return _tiff_pages(path)
    return [StreamedPage(*_LOADERS[format])] if format in _LOADERS else [None]


def _tiff_pages(path: Path) -> list[StreamedPage | None]:
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            return [_tiff_page(number, page) for number, page in enumerate(file.pages)]
    except (*BROKEN, tifffile.TiffFileError):
        return [None]


def _tiff_page(number: int, page: Any) -> StreamedPage | None:
    usual = (
        page.compression in _COMPRESSIONS
        and page.photometric in _PHOTOMETRICS
        and (page.photometric != _YCBCR or page.compression == _JPEG_INSIDE)
        and page.bitspersample in _DEPTHS
        and page.sampleformat == _UNSIGNED
        and not (page.planarconfig == 2 and page.is_tiled)
    )
    if not usual:
        return None
    # Extra samples of kind 0 are no alpha: a scanner's infrared channel, for instance.
    extras = len(page.extrasamples)
    alphas = [kind for kind in page.extrasamples[:1] if kind]
    channels = page.samplesperpixel - extras + len(alphas) if extras else None
    return StreamedPage("tiffload", {"page": number, "unlimited": True}, channels)


def read_to_end(path: Path, format: str) -> bool:
    """Whether every page of the file, of Pillow's `format`, can be decoded to its end."""
    for number, page in enumerate(streamed_pages(path, format)):
        if page is None:
            if tiff_page(path, number) is None and not frame_is_whole(path, number):
                return False
            continue
        try:
            page.open(path).avg()
        except libvips().Error:
            return False
    return True
