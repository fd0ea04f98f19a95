"""What a file of tiles holds: the descriptor of its Deep Zoom Image, and the tiles, each by its place."""

from __future__ import annotations

import struct
import zipfile
from functools import lru_cache
from pathlib import Path

from archive.zooming.pyramids import NAME

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_REMEMBERED = 64


class NoSuchTileError(LookupError):
    """There is no file of tiles, or nothing at that place in it."""


def read_descriptor(path: Path) -> bytes:
    """The picture's size and that of its tiles, as XML. Raises NoSuchTileError."""
    return _read(path, f"{NAME}.dzi")


def read_tile(path: Path, *, level: int, column: int, row: int) -> bytes:
    """A tile as JPEG. `level` 0 is one pixel, each further one twice as large. Raises NoSuchTileError."""
    return _read(path, f"{NAME}_files/{level}/{column}_{row}.jpg")


def _read(path: Path, name: str) -> bytes:
    try:
        offset, byte_size = _contents(path, path.stat().st_ctime_ns)[name]
        with path.open("rb") as file:
            file.seek(offset)
            header = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
            file.seek(offset + _LOCAL_HEADER.size + header[-2] + header[-1])
            return file.read(byte_size)
    except (KeyError, FileNotFoundError) as error:
        raise NoSuchTileError(name) from error


@lru_cache(maxsize=_REMEMBERED)
def _contents(path: Path, changed: int) -> dict[str, tuple[int, int]]:
    """Where in the file each entry's header begins, and its size in bytes.

    Read once for all tiles of a picture, which come by the dozen. `changed` tells a file from one of the
    same name that has replaced it.
    """
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: (entry.header_offset, entry.file_size) for entry in archive.infolist()}
