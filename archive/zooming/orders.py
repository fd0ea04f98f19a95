"""Asking for a picture's tiles: who looks first has them made by a worker, once, however many look on.

Notes beside the tiles say what was asked for and what failed, so that no database needs to know of tiles.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django_q.tasks import async_task

from archive.files.storage import Area, stored_path
from archive.queue.message_order import NextButOne
from archive.zooming.pyramids import remove_tiles, tiles_path, write_tiles

logger = logging.getLogger(__name__)

MAKE_TILES = "archive.queue.zoom_tasks.make_tiles"
_ASKED_AGAIN_AFTER = 15 * 60  # seconds; the queue may have lost what it was told
_TRIED_AGAIN_AFTER = 24 * 60 * 60
_USED_AFTER = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class ZoomSource:
    """A stored picture: its area, SHA-256, and what its name ends in."""

    area: Area
    sha256: str
    suffix: str = ""

    @property
    def path(self) -> Path:
        """Where the picture lies, or should."""
        return stored_path(self.area, self.sha256, self.suffix)


class TilesState(StrEnum):
    """Whether a picture's tiles are there, will be, or cannot be made."""

    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"


def wanted_tiles(source: ZoomSource) -> TilesState:
    """Have the picture's tiles made unless they are there, or being made, or could not be made today."""
    tiles = tiles_path(source.sha256)
    if tiles.exists():
        _note_use(tiles)
        return TilesState.READY
    if _is_younger(_note(source, "failed"), _TRIED_AGAIN_AFTER):
        return TilesState.FAILED
    if _is_first_to_ask(source):
        # Somebody waits for it, and it takes seconds.
        async_task(
            MAKE_TILES, source.area.value, source.sha256, source.suffix, group="zoom", broker=NextButOne()
        )
    return TilesState.WAITING


def make_wanted_tiles(source: ZoomSource) -> TilesState:
    """Make the picture's tiles, unless they are there; what goes wrong is noted and logged."""
    try:
        if not tiles_path(source.sha256).exists():
            write_tiles(source.path, source.sha256)
    except (OSError, MemoryError) as error:
        logger.warning("no tiles of %s: %s", source.path.name, error)
        failed = _note(source, "failed")
        failed.parent.mkdir(parents=True, exist_ok=True)
        failed.touch()
        return TilesState.FAILED
    finally:
        _note(source, "wanted").unlink(missing_ok=True)
    _note(source, "failed").unlink(missing_ok=True)
    if not source.path.exists():
        # It was removed meanwhile, and whoever did so found no tiles yet.
        remove_tiles(source.sha256)
    return TilesState.READY


def days_unused(tiles: Path) -> float:
    """For how many days nobody has looked at a picture's tiles."""
    return (time.time() - tiles.stat().st_mtime) / (24 * 60 * 60)


def _note_use(tiles: Path) -> None:
    if not _is_younger(tiles, _USED_AFTER):
        os.utime(tiles)


def _is_first_to_ask(source: ZoomSource) -> bool:
    note = _note(source, "wanted")
    if _is_younger(note, _ASKED_AGAIN_AFTER):
        return False
    note.unlink(missing_ok=True)
    note.parent.mkdir(parents=True, exist_ok=True)
    try:
        note.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _note(source: ZoomSource, word: str) -> Path:
    return stored_path(Area.TILES, source.sha256, f".{word}")


def _is_younger(path: Path, seconds: float) -> bool:
    try:
        return time.time() - path.stat().st_mtime < seconds
    except FileNotFoundError:
        return False
