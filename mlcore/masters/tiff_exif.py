"""Between a TIFF's tags and the EXIF block of other containers, which is a small TIFF itself."""

import io

from mlcore.masters.tiff_structure import EXIF, GPS, Directory, TiffWriter, read_exif

DESCRIPTIVE = frozenset(
    {269, 270, 271, 272, 274, 282, 283, 285, 296, 305, 306, 315, 316, 318, 319, 33432}
    | {40091, 40092, 40093, 40094, 40095, EXIF, GPS}
)
"""Tags of a page that EXIF has too and that say nothing of how its pixels are stored."""


def exif_from(directory: Directory) -> bytes | None:
    """An EXIF block of a page's descriptive tags, None where there are none."""
    picked = described(directory)
    if not picked.entries and not picked.inner:
        return None
    stream = io.BytesIO()
    TiffWriter(stream, order=picked.order, big=False).add_directory(picked)
    return stream.getvalue()


def exif_into(directory: Directory, exif: bytes | None) -> None:
    """Take the descriptive tags of an EXIF block over into a page, where the byte orders agree."""
    block = read_exif(exif) if exif else None
    if block is not None and block.order == directory.order:
        picked = described(block)
        directory.entries.update(picked.entries)
        directory.inner.update(picked.inner)


def described(directory: Directory) -> Directory:
    """Only the descriptive tags."""
    return Directory(
        directory.order,
        {tag: entry for tag, entry in directory.entries.items() if tag in DESCRIPTIVE},
        {tag: inner for tag, inner in directory.inner.items() if tag in DESCRIPTIVE},
    )
