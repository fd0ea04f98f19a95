"""Asking for a picture's tiles: who looks first has them made by a worker, once, however many look on.

Notes beside the tiles say what was asked for and what failed, so that no database needs to know of tiles.
"""

from __future__ import annotations

import logging
import time
from enum import StrEnum

from django_q.tasks import async_task

from archive.files.renditions import page_mark
from archive.files.storage import Area, StoredFile, store
from archive.files.stores import Lying
from archive.queue.message_order import NextButOne
from archive.zooming.pyramids import remove_tiles, tiles_file, write_tiles

logger = logging.getLogger(__name__)

MAKE_TILES = "archive.queue.zoom_tasks.make_tiles"
_ASKED_AGAIN_AFTER = 15 * 60  # seconds; the queue may have lost what it was told
_TRIED_AGAIN_AFTER = 24 * 60 * 60
_USED_AFTER = 24 * 60 * 60


class TilesState(StrEnum):
    """Whether a picture's tiles are there, will be, or cannot be made."""

    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"


def wanted_tiles(source: StoredFile, page: int = 1) -> TilesState:
    """Have the tiles of a page of a picture made unless they are there, or being made, or could not be made
    today.
    """
    tiles = tiles_file(source.sha256, page)
    if (lying := tiles.find()) is not None:
        if _age(lying) > _USED_AFTER:
            store().touch(tiles.key)
        return TilesState.READY
    if _is_younger(_note(source, "failed", page), _TRIED_AGAIN_AFTER):
        return TilesState.FAILED
    if _is_first_to_ask(source, page):
        what = (source.area.value, source.sha256, source.suffix, page)
        # Somebody waits for it, and it takes seconds.
        async_task(MAKE_TILES, *what, group="zoom", broker=NextButOne())
    return TilesState.WAITING


def make_wanted_tiles(source: StoredFile, page: int = 1) -> TilesState:
    """Make the tiles of a page, unless they are there; what goes wrong is noted and logged."""
    failed = _note(source, "failed", page)
    try:
        if not tiles_file(source.sha256, page).exists():
            with source.local_copy() as path:
                write_tiles(path, source.sha256, page=page)
    except (OSError, MemoryError) as error:
        logger.warning("no tiles of %s: %s", source.name, error)
        if not store().mark(failed):
            store().touch(failed)
        return TilesState.FAILED
    finally:
        store().remove(_note(source, "wanted", page))
    store().remove(failed)
    if not source.exists():
        # It was removed meanwhile, and whoever did so found no tiles yet.
        remove_tiles(source.sha256)
    return TilesState.READY


def days_unused(tiles: Lying) -> float:
    """For how many days nobody has looked at a picture's tiles."""
    return _age(tiles) / (24 * 60 * 60)


def _is_first_to_ask(source: StoredFile, page: int) -> bool:
    note = _note(source, "wanted", page)
    if _is_younger(note, _ASKED_AGAIN_AFTER):
        return False
    store().remove(note)
    return store().mark(note)


def _note(source: StoredFile, word: str, page: int) -> str:
    return StoredFile(Area.TILES, source.sha256, f"{page_mark(page)}.{word}").key


def _is_younger(key: str, seconds: float) -> bool:
    lying = store().find(key)
    return lying is not None and _age(lying) < seconds


def _age(lying: Lying) -> float:
    """Seconds since it was changed."""
    return time.time() - lying.changed_at
