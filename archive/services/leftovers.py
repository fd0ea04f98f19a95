"""Files that somebody's crash has left: those that got their name and no row, those that never got a name.

A file without a row that no note tells of is not touched: a person may have put it there, or an older
database been restored. The fixity check reports it.
"""

from __future__ import annotations

import logging
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from archive.files.holdings import HELD_AREAS, is_named
from archive.files.placing_notes import names_in, notes_in
from archive.files.renditions import remove_renditions
from archive.files.storage import Area, incoming_folder, stored_path
from archive.models.ingest import uploads_folder
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
    notes = {note: _touched(note) for note in notes_in(incoming_folder())}
    removed = 0
    for note, touched in notes.items():
        if touched < now - BROKEN_OFF:
            for name in sorted({name.removeprefix(_ASIDE) for name in names_in(note)}):
                removed += _discard(name, note, now)
            shutil.rmtree(note, ignore_errors=True)
    for entry in sorted(incoming_folder().iterdir()):
        if entry != uploads_folder() and _touched(entry) < now - FORGOTTEN:
            logger.warning("removing %s, which was left behind", entry)
            removed += _remove(entry)
    return removed


def _discard(name: str, note: Path, now: datetime) -> bool:
    """Remove the file of this name in a broken-off note, unless something names it; whether it went.

    It is moved away first and looked for once more: whoever has found it in its place meanwhile had written
    it down before, and gets it back.
    """
    area, sha256, suffix = _parts(name)
    path, aside = stored_path(area, sha256, suffix), note / f"{_ASIDE}{name}"
    if area not in HELD_AREAS:
        return False
    if not _is_wanted(name, note, now) and path.exists():
        path.rename(aside)
    if not aside.exists():
        return False
    if _is_wanted(name, note, now):
        if not path.exists():
            aside.rename(path)
        return False
    logger.warning("removing %s, which was stored for a row that never came", path)
    aside.unlink()
    if not (is_named(Area.ORIGINALS, sha256, "") or is_named(Area.RESULTS, sha256, suffix)):
        remove_renditions(sha256)
        remove_tiles(sha256)
    return True


def _is_wanted(name: str, note: Path, now: datetime) -> bool:
    """Whether a row names the file, or somebody who is at work, and has another note, is about to."""
    others = (other for other in notes_in(incoming_folder()) if other != note)
    at_work = (other for other in others if _touched(other) >= now - BROKEN_OFF)
    return is_named(*_parts(name)) or any(name in names_in(other) for other in at_work)


def _parts(name: str) -> tuple[Area, str, str]:
    """The area, SHA-256 and suffix of a name as `note_name` gives it."""
    area, _dot, rest = name.partition(".")
    return Area(area), rest[:_SHA256_LENGTH], rest[_SHA256_LENGTH:]


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
