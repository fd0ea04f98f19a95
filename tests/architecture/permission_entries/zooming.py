"""Pictures in tiles: members zoom into what they see, guests into what they may download."""

from typing import Any

from archive.files.storage import Area, StoredFile
from archive.zooming.orders import make_wanted_tiles
from restoration.running.stored_files import result_file
from tests.architecture.permission_levels import GUEST, VIEWER, Entry

TILE = {"level": 0, "column": 0, "row": 0}


def _original(world: Any) -> dict[str, Any]:
    make_wanted_tiles(StoredFile(Area.ORIGINALS, world.photo.original.sha256))
    return {"photo_id": world.photo.pk}


def _result(world: Any) -> dict[str, Any]:
    make_wanted_tiles(result_file(world.restoration))
    return {"restoration_id": world.restoration.pk}


ENTRIES = {
    "archive:zoom": Entry(get=VIEWER, args=_original),
    "archive:zoom_tile": Entry(get=VIEWER, args=lambda world: _original(world) | TILE),
    "archive:guest_zoom": Entry(get=GUEST, args=_original),
    "archive:guest_zoom_tile": Entry(get=GUEST, args=lambda world: _original(world) | TILE),
    "restoration:result_zoom": Entry(get=VIEWER, args=_result),
    "restoration:result_zoom_tile": Entry(get=VIEWER, args=lambda world: _result(world) | TILE),
    "restoration:guest_result_zoom": Entry(get=GUEST, args=_result),
    "restoration:guest_result_zoom_tile": Entry(get=GUEST, args=lambda world: _result(world) | TILE),
}
