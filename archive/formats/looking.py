"""Looking into a file that may have been made to do harm: what it is, how large, and whether it is whole.

Runs in a decoder (`archive.formats.apart`) and knows nothing of settings or sentences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from archive.formats.decoding import PageHeader, page_headers, picture_format, read_to_end, upright_size
from archive.formats.foreign_kinds import foreign_kind, foreign_variety
from archive.formats.jpeg_markers import scan_count
from archive.formats.tiff_chain import PagesInACircle, page_places

# Pillow's names of the formats that are accepted, and the media types that they stand for. A JPEG may carry
# further pictures behind the first, as many cameras write it.
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
}

MOST_PAGES = 2000
MOST_SCANS = 100
"""Of a JPEG, each of which goes over the whole picture again; programs write ten or so."""

# A photograph becomes ten or a hundred times as large when it is unpacked. What becomes so much larger, and
# is not small, either breaks off or is a trap. No decoder needs more memory than twice the first number for
# what is let through by it.
_SMALL = 96 * 2**20
_MOST_UNPACKED_PER_BYTE = 500


@dataclass(frozen=True, slots=True)
class Limits:
    """`pixels` of a page; `whole_bytes` of memory for a page that must be decoded whole."""

    pixels: int
    whole_bytes: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found. `refusal`: the last word of the error's code, with `values` for its sentence; "" for a
    picture of `media_type` that can be decoded to its end. Sizes in pixels, as people see it.
    """

    refusal: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    media_type: str = ""
    width: int = 0
    height: int = 0
    page_count: int = 0

    def as_values(self) -> dict[str, Any]:
        """As JSON can tell it; `Looked(**values)` is the same again."""
        return asdict(self)


def look(path: Path, limits: Limits, *, before_decoding: Callable[[int], None]) -> Looked:
    """Look at the header, and where nothing speaks against it, read the picture to its end.

    `before_decoding` is told how many pixels, on all pages, are going to be decoded. Raises OSError where the
    file cannot be read.
    """
    path.stat()
    try:
        format = picture_format(path)
    except OSError:
        kind = foreign_kind(path)
        return Looked("kind-not-accepted", {"kind": kind}) if kind else Looked("not-an-image")
    # Before any library follows the file from page to page, which some do for ever.
    refusal = _endless(path, format) or _foreign(path, format)
    if refusal is not None:
        return refusal
    pages = page_headers(path, format)
    if not pages:
        # A BMP's two letters would also fit many a text.
        return Looked("not-an-image" if format == "BMP" else "truncated")
    refusal = _too_large(pages, limits, path.stat().st_size)
    if refusal is not None:
        return refusal
    before_decoding(sum(page.width * page.height for page in pages))
    if not read_to_end(path, format):
        return Looked("truncated")
    width, height = upright_size(pages[0])
    return Looked(media_type=MEDIA_TYPES[format], width=width, height=height, page_count=len(pages))


def _endless(path: Path, format: str) -> Looked | None:
    if format == "TIFF":
        try:
            pages = sum(1 for _place in islice(page_places(path), MOST_PAGES + 1))
        except PagesInACircle:
            return Looked("truncated")
        if pages > MOST_PAGES:
            return Looked("too-many-pages", {"limit": MOST_PAGES})
    if format == "JPEG" and scan_count(path, most=MOST_SCANS) > MOST_SCANS:
        return Looked("unpacks-too-far")
    return None


def _foreign(path: Path, format: str) -> Looked | None:
    variety = foreign_variety(path, format)
    return Looked("kind-not-accepted", {"kind": variety}) if variety else None


def _too_large(pages: list[PageHeader], limits: Limits, file_bytes: int) -> Looked | None:
    for page in pages:
        if page.width * page.height > limits.pixels:
            return Looked("too-many-pixels", {"width": page.width, "height": page.height})
        if page.whole_bytes > limits.whole_bytes:
            return Looked("too-much-memory", {"size": page.whole_bytes})
    unpacked = sum(page.unpacked_bytes for page in pages)
    if unpacked > _SMALL and unpacked > file_bytes * _MOST_UNPACKED_PER_BYTE:
        return Looked("unpacks-too-far")
    return None
