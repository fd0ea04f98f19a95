"""A bag that was sent as a ZIP: unpacked and verified once, then taken in photo by photo, in turns."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from archive.bags.incoming import IncomingBag, read_bag
from archive.bags.reading import bag_inside, unpack_bag, validate_bag
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

# What an import turns to before its first photo.
_WHOLE = "bagit.txt"


def continue_bag_import(run: ImportRun, *, seconds: float = TURN_SECONDS) -> bool:
    """A turn of a claimed import of a bag; True when it has come to its end, be that a failure."""
    try:
        bag = read_bag(_verified(run))
        collections = begin_bag_run(run=run, bag=bag)
        done = _go_through(run, bag, until=time.monotonic() + seconds)
    except InputError as error:
        end_import(run=run, error=error)
        return True
    if done:
        end_bag_run(run=run, bag=bag, collections=collections)
    else:
        pause_import(run=run)
    return done


def _verified(run: ImportRun) -> Path:
    """The folder of the bag, in which every file was read and compared, by this turn or an earlier one."""
    folder = run.unpacked_path
    if not folder.exists():
        if hold_import(run=run, path=_WHOLE):
            raise input_error("archive:import:given-up")
        # Under another name until it is found good: a worker may be killed in the middle.
        unfinished = folder.with_name(folder.name + UNFINISHED)
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        try:
            validate_bag(unpack_bag(run.upload.part_path, unfinished, from_stranger=True))
            unfinished.replace(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return bag_inside(folder)


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
