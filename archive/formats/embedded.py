"""What a picture file says about itself: EXIF, IPTC and XMP, read once when it comes in, to be shown.

Nothing of it is believed or acted upon. It comes from strangers, so it is bounded, and made plain text,
numbers and lists of them, which every database can keep as JSON.
"""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

from archive.formats.whole_decoding import BROKEN, OPENED_FORMATS
from archive.formats.xmp import read_xmp

Block = dict[str, Any]

_MAX_ENTRIES = 300
_MAX_TEXT = 2000
_MAX_LIST = 50

# The layout of the file's own pixels, other metadata in containers of its own, what only its maker reads.
_NOT_SHOWN = {
    "ExifInteroperabilityOffset",
    "ExifOffset",
    "FreeByteCounts",
    "FreeOffsets",
    "GPSInfo",
    "IPTCNAA",
    "ImageResources",
    "InterColorProfile",
    "JPEGACTables",
    "JPEGDCTables",
    "JPEGQTables",
    "JPEGTables",
    "JpegIFByteCount",
    "JpegIFOffset",
    "MakerNote",
    "MakerNoteSafety",
    "PrintImageMatching",
    "StripByteCounts",
    "StripOffsets",
    "SubIFDs",
    "TileByteCounts",
    "TileOffsets",
    "XMLPacket",
}
# IIM record 2, the fields that describe; by their names in the IPTC's standard.
_IPTC = {
    5: "ObjectName",
    10: "Urgency",
    15: "Category",
    20: "SupplementalCategories",
    25: "Keywords",
    40: "SpecialInstructions",
    55: "DateCreated",
    60: "TimeCreated",
    62: "DigitalCreationDate",
    63: "DigitalCreationTime",
    65: "OriginatingProgram",
    80: "By-line",
    85: "By-lineTitle",
    90: "City",
    92: "Sub-location",
    95: "Province-State",
    100: "Country-PrimaryLocationCode",
    101: "Country-PrimaryLocationName",
    103: "OriginalTransmissionReference",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "CopyrightNotice",
    118: "Contact",
    120: "Caption-Abstract",
    122: "Writer-Editor",
    135: "LanguageIdentifier",
}
_CHARSET_CODES = {
    b"ASCII\x00\x00\x00": "ascii",
    b"UNICODE\x00": "utf-16",
    b"JIS\x00\x00\x00\x00\x00": "iso2022_jp",
}


def read_embedded(path: Path) -> dict[str, Block]:
    """{"exif": {name: value}, "iptc": ..., "xmp": ...}; a block that is missing or broken is {}.

    Values are texts, numbers, or lists of them. Names of EXIF are those of its standard, those of XMP have
    the usual prefix ("dc:title"). Never raises for what a file contains.
    """
    try:
        image = Image.open(path, formats=OPENED_FORMATS)
    except BROKEN:  # text that would unpack to gigabytes, for instance
        path.stat()
        return {"exif": {}, "iptc": {}, "xmp": {}}
    with image:
        return {
            "exif": _guarded(_exif, image),
            "iptc": _guarded(_iptc, image),
            "xmp": _guarded(lambda opened: read_xmp(opened.info.get("xmp", b"")), image),
        }


def _guarded(read: Callable[[ImageFile.ImageFile], Mapping[str, Any]], image: ImageFile.ImageFile) -> Block:
    try:
        with warnings.catch_warnings(action="ignore"):  # Pillow warns of what it passes over
            entries = list(read(image).items())
    except Exception:  # noqa: BLE001  (broken metadata raises whatever it likes; the picture is still good)
        return {}
    plain = ((name, _plain(value)) for name, value in entries[:_MAX_ENTRIES])
    return {name: value for name, value in plain if value not in (None, "", [])}


def _exif(image: ImageFile.ImageFile) -> Block:
    exif = image.getexif()
    found: Block = {}
    for block, names in (
        (dict(exif), ExifTags.TAGS),
        (_guarded_ifd(exif, ExifTags.IFD.Exif), ExifTags.TAGS),
        (_guarded_ifd(exif, ExifTags.IFD.GPSInfo), ExifTags.GPSTAGS),
    ):
        found |= {
            names[tag]: _comment(value) if names[tag] == "UserComment" else value
            for tag, value in block.items()
            if tag in names and names[tag] not in _NOT_SHOWN
        }
    return found


def _guarded_ifd(exif: Image.Exif, which: int) -> dict[int, Any]:
    try:
        return exif.get_ifd(which)
    except Exception:  # noqa: BLE001  (one broken directory does not take the others along)
        return {}


def _comment(value: Any) -> Any:
    """EXIF's UserComment names its character code in its first eight bytes."""
    if not isinstance(value, bytes) or value[:8] not in _CHARSET_CODES:
        return value
    return value[8:].decode(_CHARSET_CODES[value[:8]], errors="replace")


def _iptc(image: ImageFile.ImageFile) -> Block:
    found = IptcImagePlugin.getiptcinfo(image) or {}
    return {
        _IPTC[dataset]: value
        for (record, dataset), value in sorted(found.items())
        if record == 2 and dataset in _IPTC
    }


def _plain(value: Any) -> Any:
    """`value` as text, number or list; None for what says nothing to a reader."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bytes):
        return _text_of_bytes(value)
    if isinstance(value, numbers.Real):
        return _number(value)
    if isinstance(value, Iterable):
        listed = [_plain(item) for item, _ in zip(value, range(_MAX_LIST), strict=False)]
        return [item for item in listed if item is not None]
    return None


def _number(value: Any) -> float | int | None:
    try:
        number = float(value)
    except (ZeroDivisionError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else round(number, 6)


def _text_of_bytes(value: bytes) -> str | None:
    if len(value) > 4 * _MAX_TEXT:
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    cleaned = _text(text)
    # Bytes that are no text: versions such as b"0232" are, tables and thumbnails are not.
    return cleaned if len(cleaned) >= len(text.rstrip("\x00")) else None


def _text(value: str) -> str:
    """Without what JSON in databases cannot hold (NUL, lone surrogates) and other controls; not too long."""
    kept = "".join(c for c in value if c in "\n\t" or (c.isprintable() or c == "\u00a0"))
    return kept.strip()[:_MAX_TEXT]
