"""Small pictures that metadata carry along: they show the master as it was, so no result may keep them.

What else the metadata say stays in its place to the last byte, since makers' notes count from the beginning
of their block.
"""

import io
from collections.abc import Iterator
from itertools import islice

from mlcore.masters.jpeg_segments import (
    APP0,
    APP1,
    APP13,
    EXIF_MARK,
    LONGEST,
    PHOTOSHOP_MARK,
    Segment,
    resources_without,
)
from mlcore.masters.tiff_structure import BrokenTiff, Directory, pointer_to_second, read_exif, read_structure

PHOTOSHOP_THUMBNAILS = frozenset({1033, 1036})
"""Image resources that hold a thumbnail, of Photoshop 4 and of later ones."""

_PLACES = ((513, 514), (273, 279))
"""Tags that say where a thumbnail's data lie and how long they are: a JPEG, or strips."""

_MOST_STRIPS = 64

_JFIF, _JFIF_BYTES = b"JFIF\0", 14
"""The last two bytes count a thumbnail's columns and rows; its pixels follow."""


def exif_without(block: bytes) -> bytes:
    """An EXIF block without its second directory, which is the thumbnail's; the same bytes if it has none."""
    first = read_exif(block)
    if first is None:
        return block
    pointer = pointer_to_second(block)
    if not any(block[pointer]):
        return block
    detached = bytearray(block)
    detached[pointer] = bytes(len(detached[pointer]))
    try:
        second = read_structure(io.BytesIO(block)).directories[1]
    except BrokenTiff:
        return bytes(detached)
    # Where the data are also said to be something else's, they stay, and nothing points to them.
    emptied = (each for each in _emptied(detached, second) if read_exif(each) == first)
    return next(emptied, bytes(detached))


def _emptied(block: bytearray, thumbnail: Directory) -> Iterator[bytes]:
    """The block cut off where a thumbnail's data began, if they end it; then with zeros in their place."""
    places = [
        (start, start + size)
        for starts, sizes in _PLACES
        for start, size in islice(
            zip(thumbnail.numbers(starts), thumbnail.numbers(sizes), strict=False), _MOST_STRIPS
        )
    ]
    blank = bytearray(block)
    for start, end in places:
        blank[start:end] = bytes(len(blank[start:end]))
    start, end = max(places, default=(len(block), len(block)))
    if not any(blank[end:]):
        yield bytes(blank[:start])
    yield bytes(blank)


def segments_without(segments: list[Segment]) -> list[Segment]:
    """A JPEG's segments without thumbnails of JFIF, EXIF and Photoshop; the same if there are none.

    Photoshop's resources may go on from one segment to the next.
    """
    kept = [_relieved(segment) for segment in segments if not _is_extension(segment)]
    ours = [number for number, segment in enumerate(kept) if _is_photoshop(segment)]
    resources = b"".join(kept[number].body.removeprefix(PHOTOSHOP_MARK) for number in ours)
    wanted = resources_without(resources, PHOTOSHOP_THUMBNAILS)
    if wanted == resources:
        return kept
    step = LONGEST - len(PHOTOSHOP_MARK)
    parts = [wanted[start : start + step] for start in range(0, len(wanted), step)]
    made = [Segment(APP13, PHOTOSHOP_MARK + part) for part in parts]
    others = [segment for segment in kept[ours[0] :] if not _is_photoshop(segment)]
    return [*kept[: ours[0]], *made, *others]


def _relieved(segment: Segment) -> Segment:
    body = segment.body
    if segment.marker == APP1 and body.startswith(EXIF_MARK):
        return Segment(APP1, EXIF_MARK + exif_without(body.removeprefix(EXIF_MARK)))
    if segment.marker == APP0 and body.startswith(_JFIF) and len(body) > _JFIF_BYTES:
        return Segment(APP0, body[: _JFIF_BYTES - 2] + bytes(2))
    return segment


def _is_extension(segment: Segment) -> bool:
    """JFIF's extensions are thumbnails and nothing else."""
    return segment.marker == APP0 and segment.body.startswith(b"JFXX\0")


def _is_photoshop(segment: Segment) -> bool:
    return segment.marker == APP13 and segment.body.startswith(PHOTOSHOP_MARK)
