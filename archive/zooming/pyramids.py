"""A picture's tiles in all its sizes: one file for each page, named by the picture's SHA-256.

The file is a ZIP without compression, inside it a Deep Zoom Image: hundreds of small files would cost more
room and time than what is in them, and one file can be made beside and renamed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archive.files import storage
from archive.files.renditions import LONG_SIDES, page_mark, remove_of_pages
from archive.files.storage import Area, StoredFile
from archive.formats.decoding import libvips
from archive.formats.showing import in_srgb
from archive.models import Rendition

TILE_SIDE = 512  # pixels, of tiles that do not lie at an edge
OVERLAP = 1  # pixels that a tile shares with each neighbour, so that no seam shows between them
NAME = "zoom"
"""What the Deep Zoom Image inside is called."""
_SUFFIX = ".zip"
_UPRIGHT = 1
_SHA256_LENGTH = 64


def needs_tiles(width: int, height: int) -> bool:
    """Whether a picture of that size (pixels) is larger than what pages show anyway."""
    return max(width, height) > LONG_SIDES[Rendition.Kind.WEB]


def tiles_file(sha256: str, page: int = 1) -> StoredFile:
    """The tiles of a page of the picture with `sha256`, which may be there or not."""
    return StoredFile(Area.TILES, sha256, f"{page_mark(page)}{_SUFFIX}")


def write_tiles(source_path: Path, sha256: str, *, page: int = 1) -> StoredFile:
    """Make and store the tiles of a page of the picture at `source_path`, whose content is `sha256`; their
    name.

    As people see it: upright, in sRGB, without any metadata. Read row by row, so that memory does not grow
    with the picture, unless it is of a rare kind. Tiles that exist are replaced. Raises OSError when the file
    is missing or no longer decodes.
    """
    with tempfile.TemporaryDirectory(dir=storage.incoming_folder()) as folder:
        draft = Path(folder) / "tiles.zip"
        try:
            with _upright(in_srgb(source_path, page=page), Path(folder)) as image:
                _save(image, draft)
        except libvips().Error as error:
            raise OSError(f"{source_path.name}: {error}") from error
        with open(draft, "rb") as file:
            os.fsync(file.fileno())
        return storage.place(draft, area=Area.TILES, sha256=sha256, suffix=tiles_file(sha256, page).suffix)


def remove_tiles(sha256: str) -> None:
    """Remove the tiles of the picture with `sha256`, of all its pages, if there are any."""
    remove_of_pages(Area.TILES, sha256)
    storage.remove(area=Area.TILES, sha256=sha256, suffix=_SUFFIX)


def stored_tiles() -> Iterator[StoredFile]:
    """Every picture's tiles, a file for each page."""
    for key in storage.store().keys(f"{Area.TILES}/"):
        if key.endswith(_SUFFIX):
            name = key.rpartition("/")[2]
            yield StoredFile(Area.TILES, name[:_SHA256_LENGTH], name[_SHA256_LENGTH:])


@contextmanager
def _upright(image: Any, folder: Path) -> Iterator[Any]:
    """The image turned as its header says: by way of the disk, where it must be read from another side."""
    turn = image.get("orientation") if image.get_typeof("orientation") else _UPRIGHT
    if turn == _UPRIGHT:
        yield image
        return
    pixels = folder / "pixels.tif"
    image.tiffsave(str(pixels), tile=True, tile_width=256, tile_height=256, bigtiff=True)
    yield libvips().Image.tiffload(str(pixels)).autorot()


def _save(image: Any, draft: Path) -> None:
    image.dzsave(
        str(draft),
        container="zip",
        compression=0,
        imagename=NAME,
        tile_size=TILE_SIDE,
        overlap=OVERLAP,
        suffix=".jpg[optimize_coding]",
        Q=88,
        keep="none",
    )
