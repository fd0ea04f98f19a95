"""A bag that was sent as a ZIP: unpacked entry by entry, verified file by file, taken in photo by photo.

All of it in turns that are much shorter than a task may take. What a turn has done stays done, however it
ends: the next one goes on with the entry, file or photo that was in hand.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from typing import Any

from archive.bags.incoming import IncomingBag, read_bag
from archive.bags.reading import validating
from archive.bags.records import EVENTS
from archive.bags.unpacking import bag_inside, unpacking
from archive.errors import InputError
from archive.importing.running import TURN_SECONDS
from archive.messages import input_error
from archive.models import ImportRun
from archive.services import (
    BagImportReport,
    BagPhotos,
    begin_bag_run,
    end_bag_run,
    end_import,
    hold_import,
    pause_import,
    take_bag_photo,
)
from archive.services.imports import UNFINISHED

# So often (seconds) it is written down which entry or file is in hand; most of them are small.
_HOLD_SECONDS = 5.0


def continue_bag_import(run: ImportRun, *, seconds: float = TURN_SECONDS) -> bool:
    """A turn of a claimed import of a bag; True when it has come to its end, be that a failure."""
    until = time.monotonic() + seconds
    try:
        if not _verify(run, until=until):
            pause_import(run=run)
            return False
        bag = read_bag(bag_inside(run.unpacked_path))
        # Its history comes in at once, before the first photo; then there is a total.
        if not run.total:
            _hold(run, EVENTS)
        collections = begin_bag_run(run=run, bag=bag)
        done = _go_through(run, bag, until=until)
    except InputError as error:
        end_import(run=run, error=error)
        return True
    if done:
        end_bag_run(run=run, bag=bag, collections=collections)
    else:
        pause_import(run=run)
    return done


def _verify(run: ImportRun, *, until: float) -> bool:
    """Unpack the bag, then read every file of it and compare; False once it is `until`, with some left."""
    if run.unpacked_path.exists():
        return True
    # Under another name until it is found good.
    unfinished = run.unpacked_path.with_name(run.unpacked_path.name + UNFINISHED)
    files = unfinished / "files"
    files.mkdir(parents=True, exist_ok=True)
    done = _work(run, unpacking(run.upload.part_path, files, from_stranger=True), until=until)
    done = done and _work(run, validating(bag_inside(files), unfinished / "found-good"), until=until)
    if done:
        files.replace(run.unpacked_path)
        shutil.rmtree(unfinished)
    return done


def _work(run: ImportRun, pieces: Iterator[str], *, until: float) -> bool:
    """Have the `pieces` done, each of which gives its name before it begins; False once it is `until`, with
    some left.
    """
    held_at = float("-inf")
    begun = False
    for name in pieces:
        now = time.monotonic()
        # Never before the first one: a turn always comes forward.
        if begun and now >= until:
            return False
        if now - held_at >= _HOLD_SECONDS:
            # Where workers die over one piece, it becomes the first one of a turn, and so it is held.
            _hold(run, name)
            held_at = now
        begun = True
    return True


def _hold(run: ImportRun, name: str) -> None:
    if hold_import(run=run, path=name):
        raise input_error("archive:import:given-up")


def _go_through(run: ImportRun, bag: IncomingBag, *, until: float) -> bool:
    """Take the photos that the run has no word of yet; False once it is `until`, with some left."""
    known = set(run.items.values_list("path", flat=True))
    photos = BagPhotos(bag, run.started_by, BagImportReport())
    taken = False
    for number, record in enumerate(bag.photos(), start=1):
        path = _path_of(record, number)
        if path in known:
            continue
        if taken and time.monotonic() >= until:
            return False
        take_bag_photo(run=run, photos=photos, record=record, path=path)
        taken = True
    return True


def _path_of(record: dict[str, Any], number: int) -> str:
    """What the photo is called in the run; its record may be broken, and two must not have one name."""
    return str(record.get("path") or f"photo {number}")[:2000]
