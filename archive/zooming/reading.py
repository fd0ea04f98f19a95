"""What a file of tiles holds: the descriptor of its Deep Zoom Image, and the tiles, each by its place."""

from __future__ import annotations

import struct
import zipfile
from functools import lru_cache

from archive.files.storage import StoredFile
from archive.files.stores import Lying
from archive.zooming.pyramids import NAME

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_REMEMBERED = 64


class NoSuchTileError(LookupError):
    """There is no file of tiles, or nothing at that place in it."""


def read_descriptor(tiles: StoredFile) -> bytes:
    """The picture's size and that of its tiles, as XML. Raises NoSuchTileError."""
    return _read(tiles, f"{NAME}.dzi")


def read_tile(tiles: StoredFile, *, level: int, column: int, row: int) -> bytes:
    """A tile as JPEG. `level` 0 is one pixel, each further one twice as large. Raises NoSuchTileError."""
    return _read(tiles, f"{NAME}_files/{level}/{column}_{row}.jpg")


def _read(tiles: StoredFile, name: str) -> bytes:
    lying = tiles.find()
    if lying is None:
        raise NoSuchTileError(name)
    try:
        offset, byte_size = _contents(tiles, lying)[name]
        with tiles.open(lying) as file:
            file.seek(offset)
            header = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
            file.seek(offset + _LOCAL_HEADER.size + header[-2] + header[-1])
            return file.read(byte_size)
    except (KeyError, FileNotFoundError) as error:
        raise NoSuchTileError(name) from error


@lru_cache(maxsize=_REMEMBERED)
def _contents(tiles: StoredFile, lying: Lying) -> dict[str, tuple[int, int]]:
    """Where in the file each entry's header begins, and its size in bytes.

    Read once for all tiles of a picture, which come by the dozen. `lying` tells a file from one of the same
    name that has replaced it.
    """
    with tiles.open(lying) as file, zipfile.ZipFile(file) as archive:
        return {entry.filename: (entry.header_offset, entry.file_size) for entry in archive.infolist()}
