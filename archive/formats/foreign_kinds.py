"""The names of kinds of files that are not accepted, so that a refusal can say what the file is."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import Any

from archive.formats.jpeg_markers import BrokenJpeg, markers
from archive.formats.whole_decoding import BROKEN

# By what they begin with; the first that fits is taken.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (rb"GIF8[79]a", "GIF"),
    (rb"....ftyp(?:hei[cmxs]|hev[cmxs]|mif1|msf1)", "HEIC"),
    (rb"....ftypavi[fs]", "AVIF"),
    (rb"....ftypcrx ", "Canon CR3"),
    (rb"....ftypqt  ", "QuickTime"),
    (rb"....ftyp", "MP4"),
    (rb"\x00\x00\x00\x0cJXL \r\n\x87\n|\xff\x0a", "JPEG XL"),
    (rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", "JPEG 2000"),
    (rb"II\xbc\x01", "JPEG XR"),
    (rb".{0,1000}%PDF-", "PDF"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript"),
    (rb"8BPS", "Photoshop"),
    (rb"FUJIFILMCCD-RAW", "Fujifilm RAF"),
    (rb"IIU\x00", "Panasonic RW2"),
    (rb"IIR[OS]|MMOR", "Olympus ORF"),
    (rb"II\x1a\x00\x00\x00HEAPCCDR", "Canon CRW"),
    (rb"FOVb", "Sigma X3F"),
    (rb"\x00MRM", "Minolta MRW"),
    (rb"\x00\x00[\x01\x02]\x00[\x01-\x40]\x00", "ICO"),
    (rb"P[1-7]\s", "PPM"),
    (rb"\n[\x00-\x05]\x01[\x01\x02\x04\x08]", "PCX"),
    (rb"qoif", "QOI"),
    (rb"gimp xcf", "GIMP"),
    (rb".{128}DICM", "DICOM"),
    (rb"SIMPLE  =", "FITS"),
    (rb"AT&TFORM", "DjVu"),
    (rb"v/1\x01", "OpenEXR"),
    (rb"#\?(?:RADIANCE|RGBE)", "Radiance HDR"),
    (rb"RIFF....AVI ", "AVI"),
    (rb"RIFF....WAVE|ID3", "audio"),
    (rb"\x1aE\xdf\xa3", "Matroska"),
    (rb"PK\x03\x04", "ZIP"),
    (rb"Rar!\x1a\x07", "RAR"),
    (rb"7z\xbc\xaf\x27\x1c", "7z"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office"),
    (rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!--|<!doctype svg|<svg).{0,1500}<svg[\s>]|\s*<svg[\s>]", "SVG"),
    (rb"\s*<(?:!doctype html|html)", "HTML"),
)
_LOOKED_AT = 2048
_READING = dict.fromkeys(("SVG", "HTML"), re.DOTALL | re.IGNORECASE)

_JPEG_LS = 0xF7
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SENSOR_PATTERN, _LINEAR_RAW = 32803, 34892
_DNG_VERSION = 50706
_COMPLEX = frozenset({5, 6})
_FLOAT = 3
# Looked at; their chain may be a circle.
_INNER_PAGES = 100
_MOST_BITS_OF_WHOLE_NUMBERS = 32


def foreign_kind(path: Path) -> str | None:
    """The name of what is at `path`, by its first bytes; None where nobody knows."""
    with path.open("rb") as file:
        beginning = file.read(_LOOKED_AT)
    for pattern, kind in _BEGINNINGS:
        if re.match(pattern, beginning, _READING.get(kind, re.DOTALL)):
            return kind
    return None


def foreign_variety(path: Path, format: str) -> str | None:
    """The name of a variety of Pillow's `format` that is no photograph, or that nothing here decodes.

    None for all others. Broken files are left to whoever reads them.
    """
    if format == "JPEG":
        return _jpeg_variety(path)
    return _tiff_variety(path) if format == "TIFF" else None


def _jpeg_variety(path: Path) -> str | None:
    with path.open("rb") as file:
        try:
            for marker in markers(file, 0, path.stat().st_size, header_only=True):
                if marker.kind == _JPEG_LS:
                    return "JPEG-LS"
                if marker.kind in _FRAMES:
                    file.seek(marker.body)
                    bits = file.read(1)[0]
                    return None if bits == 8 else f"{bits}-bit JPEG"
        except BrokenJpeg:
            return None
    return None


def _tiff_variety(path: Path) -> str | None:
    import tifffile

    with path.open("rb") as file:
        if file.read(10)[8:] == b"CR":
            return "Canon CR2"
    try:
        with tifffile.TiffFile(path) as file:
            for page in file.pages:
                found = _page_variety(page.aspage())
                if found:
                    return found
    except (*BROKEN, tifffile.TiffFileError):
        return None
    return None


def _page_variety(page: Any) -> str | None:
    if _DNG_VERSION in page.tags:
        return "DNG"
    inner = islice(page.pages or (), _INNER_PAGES)
    if any(each.photometric in {_SENSOR_PATTERN, _LINEAR_RAW} for each in (page, *inner)):
        return "camera raw"
    if page.sampleformat in _COMPLEX:
        return "complex TIFF"
    if page.sampleformat != _FLOAT and page.bitspersample > _MOST_BITS_OF_WHOLE_NUMBERS:
        return f"{page.bitspersample}-bit TIFF"
    return "volume TIFF" if page.imagedepth > 1 else None
