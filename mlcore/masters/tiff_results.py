"""TIFF results: the master's own directories round new strips or tiles."""

import lzma
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from mlcore.masters import xmp
from mlcore.masters.carried import RESOLUTION_UNIT, X_RESOLUTION, Y_RESOLUTION
from mlcore.masters.found import Found
from mlcore.masters.pages import Page
from mlcore.masters.row_files import Samples
from mlcore.masters.tiff_exif import exif_into
from mlcore.masters.tiff_files import LABS, WHITE_IS_ZERO, photometric_of
from mlcore.masters.tiff_structure import (
    BYTE,
    LONG,
    LONG8,
    SHORT,
    UNDEFINED,
    Directory,
    Order,
    TiffWriter,
    read_exif,
)
from mlcore.masters.xmp import Marking

LONGEST_STRIP = 4 << 20
"""Bytes; a longer one is cut, so that no page need ever be in memory whole."""

_NONE, _LZW, _DEFLATE, _OLD_DEFLATE, _PACKBITS, _LZMA, _ZSTD = 1, 5, 8, 32946, 32773, 34925, 50000
_LOSSLESS = frozenset({_NONE, _LZW, _DEFLATE, _OLD_DEFLATE, _PACKBITS, _LZMA, _ZSTD})
_PREDICTING = frozenset({_LZW, _DEFLATE, _OLD_DEFLATE, _LZMA, _ZSTD})
_LEVEL = 6
_PHOTOMETRIC = {"grey": 1, "rgb": 2, "cmyk": 5}

# Where and how pixels are stored; previews; and what holds only for the encoding that was.
_STRUCTURE = (
    *(258, 259, 262, 263, 264, 265, 266, 273, 277, 278, 279, 280, 281, 284, 288, 289, 292, 293, 317, 320),
    *(322, 323, 324, 325, 330, 338, 339, 340, 341, 347, 400, *range(512, 522), 529, 530, 531, 532),
)
_OF_THE_DEPTH = (290, 291, 301)
_OF_THE_COLOURS = (318, 319, 34675)
"""Tags about the meaning of numbers that are no longer the same kind of numbers."""


def directory_for(page: Page, found: Found, order: Order) -> Directory:
    """The tags of a result's page before its pixels: the master's own, or new ones from its metadata."""
    if found.structure is not None:
        return found.structure.directories[page.sheet.directory].copy()
    return _made(page, found, order)


def _made(page: Page, found: Found, order: Order) -> Directory:
    directory = Directory(order)
    directory.put(256, LONG, [page.width])
    directory.put(257, LONG, [page.height])
    exif_into(directory, found.carried.exif)
    if found.carried.density and X_RESOLUTION not in directory.entries:
        for tag, value in zip((X_RESOLUTION, Y_RESOLUTION), found.carried.density, strict=True):
            directory.put_fraction(tag, round(value * 254), 10_000)
        directory.put(RESOLUTION_UNIT, SHORT, [2])
    if found.carried.icc_profile:
        directory.put(34675, UNDEFINED, found.carried.icc_profile)
    if found.carried.iptc:
        directory.put(33723, UNDEFINED, found.carried.iptc)
    if page.orientation != 1:
        directory.put(274, SHORT, [page.orientation])
    return directory


def order_of(found: Found) -> Order:
    """The byte order of a result: the master's, or its EXIF block's, whose tags it takes over."""
    if found.structure is not None:
        return found.structure.order
    block = read_exif(found.carried.exif) if found.carried.exif else None
    return block.order if block is not None else "<"


def is_big(pages: list[Page], found: Found) -> bool:
    """Whether the result is a BigTIFF: as the master, or because it might not fit into 4 GiB."""
    most = sum(page.height * page.width * page.sample_count * page.dtype.itemsize for page in pages)
    return bool(found.structure and found.structure.big) or most * 1.2 > 0xF0000000


class TiffPageWriter:
    """One page of a result: takes rows from top to bottom, then writes the directory."""

    def __init__(self, tiff: TiffWriter, page: Page, found: Found, marking: Marking) -> None:
        self._tiff, self._page = tiff, page
        directory = self._directory = directory_for(page, found, tiff.order)
        own = found.structure is not None
        photometric, depth = photometric_of(directory) if own else 1, directory.number(258, 1)
        self._inverted = own and photometric == WHITE_IS_ZERO
        self._compression = directory.number(259, _NONE) if own else _DEFLATE
        predictor = directory.number(317, 1) if own else 2
        if self._compression not in _LOSSLESS:
            self._compression, predictor = _DEFLATE, 2
        self._predicted = predictor > 1 and self._compression in _PREDICTING
        self._planes = page.sample_count if own and directory.number(284, 1) == 2 else 1
        self._tile = (
            (directory.number(323, 0), directory.number(322, 0)) if own and 322 in directory.entries else None
        )
        strip = directory.number(278, page.height) if own else page.height
        extras = directory.numbers(338)[: page.sheet.extras] if own else ()
        directory.drop(_STRUCTURE)
        if depth != 8 * page.dtype.itemsize:
            directory.drop(_OF_THE_DEPTH)
        if photometric in LABS:
            directory.drop(_OF_THE_COLOURS)
        self._describe(extras)
        packet = directory.bytes_of(700) if own else found.carried.xmp
        directory.put(700, BYTE, xmp.marked(packet, marking))
        row_bytes = page.width * page.dtype.itemsize * page.sample_count // self._planes
        self.rows_at_once = (
            self._tile[0] if self._tile else max(1, min(strip, page.height, LONGEST_STRIP // row_bytes))
        )
        count = -(-page.height // self.rows_at_once) * (-(-page.width // self._tile[1]) if self._tile else 1)
        self._offsets = np.zeros((self._planes, count), np.int64)
        self._sizes = np.zeros((self._planes, count), np.int64)
        self._done = 0

    def write(self, rows: Samples) -> None:
        """The next ``rows_at_once`` rows (fewer at the end), (rows, width, channels), black at 0."""
        if self._inverted:
            rows = rows.copy()
            rows[..., :1] = np.iinfo(rows.dtype).max - rows[..., :1]
        blocks = list(self._blocks(rows))
        for plane in range(self._planes):
            for index, block in enumerate(blocks):
                part = block if self._planes == 1 else block[..., plane : plane + 1]
                data = self._encoded(np.ascontiguousarray(part))
                self._offsets[plane, self._done + index] = self._tiff.append(data)
                self._sizes[plane, self._done + index] = len(data)
        self._done += len(blocks)

    def finish(self) -> None:
        """Write the directory."""
        directory, big = self._directory, self._tiff.big
        if self._tile:
            directory.put(322, LONG, [self._tile[1]])
            directory.put(323, LONG, [self._tile[0]])
        else:
            directory.put(278, LONG, [self.rows_at_once])
        places, lengths = (324, 325) if self._tile else (273, 279)
        directory.put(places, LONG8 if big else LONG, self._offsets.ravel().tolist())
        directory.put(lengths, LONG8 if big else LONG, self._sizes.ravel().tolist())
        self._tiff.add_directory(directory)

    def _describe(self, extras: tuple[int, ...]) -> None:
        page, directory = self._page, self._directory
        count = page.sample_count
        directory.put(258, SHORT, [8 * page.dtype.itemsize] * count)
        directory.put(259, SHORT, [self._compression])
        directory.put(262, SHORT, [WHITE_IS_ZERO if self._inverted else _PHOTOMETRIC[page.channels]])
        directory.put(277, SHORT, [count])
        directory.put(284, SHORT, [2 if self._planes > 1 else 1])
        if self._predicted:
            directory.put(317, SHORT, [2])
        if page.sheet.extras:
            made = [2 if index == page.sheet.alpha else 0 for index in range(page.sheet.extras)]
            directory.put(338, SHORT, list(extras) or made)

    def _blocks(self, rows: Samples) -> Iterator[Samples]:
        """A strip, or a row of tiles, filled up to their full size with the edge."""
        if self._tile is None:
            yield rows
            return
        height, width = self._tile
        for left in range(0, self._page.width, width):
            tile = rows[:, left : left + width]
            missing = [(0, height - tile.shape[0]), (0, width - tile.shape[1]), (0, 0)]
            yield np.pad(tile, missing, mode="edge")

    def _encoded(self, block: Samples) -> bytes:
        if self._predicted:
            block = np.diff(block, axis=1, prepend=np.zeros_like(block[:, :1]))
        data = block.astype(block.dtype.newbyteorder(self._tiff.order)).tobytes()
        return _compressed(data, self._compression, block.shape[1] * block.shape[2] * block.dtype.itemsize)


def _compressed(data: bytes, compression: int, row_bytes: int) -> bytes:
    if compression == _NONE:
        return data
    if compression == _LZMA:
        return lzma.compress(data)
    import imagecodecs

    if compression == _PACKBITS:
        # Runs must not go on from one row to the next.
        rows = (data[start : start + row_bytes] for start in range(0, len(data), row_bytes))
        return b"".join(bytes(imagecodecs.packbits_encode(row)) for row in rows)
    encode: Any = {_LZW: imagecodecs.lzw_encode, _ZSTD: imagecodecs.zstd_encode}.get(compression)
    return bytes(encode(data) if encode else imagecodecs.deflate_encode(data, level=_LEVEL))


def begin(stream: BinaryIO, pages: list[Page], found: Found) -> TiffWriter:
    """The writer of a result file."""
    return TiffWriter(stream, order=order_of(found), big=is_big(pages, found))
