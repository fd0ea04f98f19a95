"""Going through the files of an import, from where it was left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from archive.errors import InputError
from archive.importing.entries import Entry
from archive.importing.zips import open_zip
from archive.models import ImportItem, ImportRun
from archive.services import end_import, pause_import, take_entry

# After this (seconds) a ZIP's import lets the restorations that wait behind it have a turn.
TURN_SECONDS = 60.0


def go_through(
    run: ImportRun,
    entries: Iterable[Entry],
    *,
    until: float | None = None,
    bytes_read: Callable[[], int] = lambda: 0,
    on_item: Callable[[ImportItem], Any] = lambda item: None,
) -> bool:
    """Take the `entries` that the run has no word of yet. True at their end; False once it is `until` (by
    time.monotonic), with some left.
    """
    known = set(run.items.values_list("path", flat=True))
    taken = False
    for entry in entries:
        if entry.path[:2000] in known:
            continue
        # Asked before a file, but never before the first one: a turn always comes forward.
        if until is not None and taken and time.monotonic() >= until:
            return False
        on_item(take_entry(run=run, entry=entry, bytes_read=bytes_read()))
        taken = True
    return True


def continue_zip_import(run: ImportRun, *, seconds: float = TURN_SECONDS) -> bool:
    """A turn of a claimed ZIP import; True when it has come to its end, be that a failure."""
    try:
        with open_zip(run.upload.part_path, bytes_read=run.bytes_read) as opened:
            run.total = len(opened.entries)
            run.save(update_fields=["total"])
            done = go_through(
                run,
                opened.entries,
                until=time.monotonic() + seconds,
                bytes_read=lambda: opened.bytes_read,
            )
    except InputError as error:
        end_import(run=run, error=error)
        return True
    if done:
        end_import(run=run)
    else:
        pause_import(run=run)
    return done
