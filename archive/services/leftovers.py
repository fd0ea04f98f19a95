"""Files that somebody's crash has left: those that got their name and no row, those that never got a name.

A file without a row that no note tells of is not touched: a person may have put it there, or an older
database been restored. The fixity check reports it.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from archive.files.holdings import HELD_AREAS, is_named
from archive.files.placing_notes import notes_in
from archive.files.renditions import remove_renditions
from archive.files.storage import Area, StoredFile, incoming_folder, store
from archive.models import Original
from archive.models.ingest import uploads_folder
from archive.services.deletion import discard_unused_original
from archive.zooming.pyramids import remove_tiles

logger = logging.getLogger(__name__)

BROKEN_OFF = timedelta(hours=1)
"""How old the note of a process is that is surely gone: from placing to the commit takes seconds."""

FORGOTTEN = timedelta(days=2)
"""How long nobody has written to what has no name. Receiving a file or packing a bag takes hours at most."""

_SHA256_LENGTH = 64
_ASIDE = "aside-"


def sweep_leftovers(*, now: datetime | None = None) -> int:
    """Remove what was broken off between getting its name and its row, and what never got a name; how many
    files that were.

    Whatever a row names, or somebody is just about to name, stays.
    """
    now = now or timezone.now()
    removed = 0
    for note, names in notes_in(store()).items():
        if _is_broken_off(note, names, now):
            for name in sorted({name.removeprefix(_ASIDE) for name in names}):
                removed += _discard(name, note, now)
            store().clear(note)
    # Whoever purged their photos was broken off before their files went.
    unused = Original.objects.filter(photos__isnull=True, created_at__lt=now - BROKEN_OFF)
    for original_id in list(unused.values_list("pk", flat=True)):
        discard_unused_original(original_id=original_id)
        removed += 1
    for entry in sorted(incoming_folder().iterdir()):
        if entry != uploads_folder() and _touched(entry) < now - FORGOTTEN:
            logger.warning("removing %s, which was left behind", entry)
            removed += _remove(entry)
    return removed


def _discard(name: str, note: str, now: datetime) -> bool:
    """Remove the file of this name in a broken-off note, unless something names it; whether it went.

    It is moved away first and looked for once more: whoever has found it in its place meanwhile had written
    it down before, and gets it back.
    """
    file, aside = _file(name), f"{note}/{_ASIDE}{name}"
    if file.area not in HELD_AREAS:
        return False
    if not _is_wanted(name, note, now) and file.exists():
        store().move(file.key, aside)
    if store().find(aside) is None:
        return False
    if _is_wanted(name, note, now):
        if not file.exists():
            store().move(aside, file.key)
        return False
    logger.warning("removing %s, which was stored for a row that never came", file.key)
    store().remove(aside)
    if not (is_named(Area.ORIGINALS, file.sha256, "") or is_named(Area.RESULTS, file.sha256, file.suffix)):
        remove_renditions(file.sha256)
        remove_tiles(file.sha256)
    return True


def _is_wanted(name: str, note: str, now: datetime) -> bool:
    """Whether a row names the file, or somebody who is at work, and has another note, is about to."""
    file = _file(name)
    return is_named(file.area, file.sha256, file.suffix) or any(
        name in names and not _is_broken_off(other, names, now)
        for other, names in notes_in(store()).items()
        if other != note
    )


def _is_broken_off(note: str, names: Iterable[str], now: datetime) -> bool:
    """Whether nothing was written into the note for so long that whoever kept it is gone."""
    written = (store().find(f"{note}/{name}") for name in names)
    # One that has just gone belongs to somebody who was at work until now.
    newest = max((each.changed_at if each else time.time() for each in written), default=0.0)
    return newest < (now - BROKEN_OFF).timestamp()


def _file(name: str) -> StoredFile:
    """The file of a name as `note_name` gives it."""
    area, _dot, rest = name.partition(".")
    return StoredFile(Area(area), rest[:_SHA256_LENGTH], rest[_SHA256_LENGTH:])


def _touched(path: Path) -> datetime:
    """When something was last written in it; now, where it has just gone."""
    try:
        newest = max(each.lstat().st_mtime for each in [path, *path.rglob("*")])
    except FileNotFoundError:
        return timezone.now()
    return datetime.fromtimestamp(newest, tz=timezone.get_current_timezone())


def _remove(path: Path) -> int:
    """Remove a file, or a folder with what is in it; how many files that were."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return 1
    count = sum(1 for each in path.rglob("*") if each.is_file())
    shutil.rmtree(path, ignore_errors=True)
    return count
