"""Where a TIFF's directory keeps its pixels, as (start, stop)."""

from collections.abc import Iterator
from itertools import chain, zip_longest

from archive.camera_privacy.splices import UnclearMetadata
from archive.camera_privacy.tiff_directories import Directory, TiffReader

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _CHANNELS, _PLANES = 256, 257, 258, 259, 277, 284
_STRIPS, _STRIP_SIZES, _STRIP_ROWS = 273, 279, 278
_TILES, _TILE_SIZES = 324, 325
_JPEG, _JPEG_SIZE = 513, 514
_JPEG_TABLES = {519: 64, 520: 272, 521: 272}  # old JPEG: places of tables, and their greatest lengths
_NONE = 1


def pixel_places(reader: TiffReader, directory: Directory) -> Iterator[tuple[int, int]]:
    """Raises UnclearMetadata where their ends cannot be told."""
    found = chain(
        _in_strips(reader, directory),
        zip(*_places_and_sizes(reader, directory, _TILES, _TILE_SIZES), strict=False),
        _in_old_jpeg(reader, directory),
    )
    for start, size in found:
        if start < reader.length:
            yield start, min(reader.length, start + size)


def _in_strips(reader: TiffReader, directory: Directory) -> Iterator[tuple[int, int]]:
    """Places and lengths. Uncompressed strips are as long as their rows, whatever is said."""

    def number(tag: int, default: int) -> int:
        return next(iter(reader.numbers(directory.entry(tag))), default)

    least = 0
    if number(_COMPRESSION, _NONE) == _NONE and not directory.entry(_TILES):
        samples = 1 if number(_PLANES, 1) == 2 else number(_CHANNELS, 1)
        row = (number(_WIDTH, 0) * samples * number(_BITS, 1) + 7) // 8
        least = row * min(number(_STRIP_ROWS, 1 << 32), number(_HEIGHT, 0))
    places = reader.numbers(directory.entry(_STRIPS))
    sizes = reader.numbers(directory.entry(_STRIP_SIZES))
    if len(sizes) < len(places) and not least:
        raise UnclearMetadata("strips without lengths")
    for place, size in zip_longest(places, sizes[: len(places)], fillvalue=0):
        yield place, max(size, least)


def _places_and_sizes(
    reader: TiffReader, directory: Directory, places_tag: int, sizes_tag: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    places, sizes = (reader.numbers(directory.entry(tag)) for tag in (places_tag, sizes_tag))
    if len(sizes) < len(places):
        raise UnclearMetadata("tiles or a JPEG without lengths")
    return places, sizes


def _in_old_jpeg(reader: TiffReader, directory: Directory) -> Iterator[tuple[int, int]]:
    """Places and lengths: a preview, or a picture and its tables as TIFF 6.0 had it."""
    yield from zip(*_places_and_sizes(reader, directory, _JPEG, _JPEG_SIZE), strict=False)
    for tag, size in _JPEG_TABLES.items():
        for place in reader.numbers(directory.entry(tag)):
            yield place, size
