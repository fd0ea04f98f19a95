"""Bags that come as ZIPs: unpacked with distrust, and entry by entry, to be gone on with after any stop."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from archive.files.room import is_full
from archive.importing.zips import declared_entries, refuse_overlapping, refuse_too_much
from archive.messages import input_error

_UNFINISHED = ".unpacking"


def unpacking(path: Path, folder: Path, *, from_stranger: bool = False) -> Iterator[str]:
    """Unpack the ZIP into `folder`, but for what an earlier try has left there. Gives the name of each entry
    before it is touched; whoever stops there can go on another time.

    `from_stranger`: within the limits that the settings set to every ZIP that is sent. Raises InputError
    `archive:bag:not-a-bag`, `archive:bag:unsafe`, `archive:bag:invalid`, `archive:bag:no-room`, and for a
    stranger's archive:zip:too-many-entries, archive:zip:too-much, archive:zip:overlapping. A disk that fills
    meanwhile is not the bag's fault: OSError.
    """
    if from_stranger:
        declared_entries(path)
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
            if from_stranger:
                refuse_overlapping(archive)
                refuse_too_much(sum(entry.file_size for entry in entries))
            for entry in entries:
                parts = entry.filename.split("/")
                if entry.filename.startswith("/") or "\\" in entry.filename or ".." in parts:
                    raise input_error("archive:bag:unsafe")
            # Of two with one name, the second would take the first's place after that was verified.
            names = [Path(entry.filename) for entry in entries if not entry.is_dir()]
            if len(set(names)) < len(names):
                raise input_error("archive:bag:invalid", reason="two files of one name in the ZIP")
            missing = [entry for entry in entries if not _is_there(entry, folder)]
            if sum(entry.file_size for entry in missing) > shutil.disk_usage(folder).free:
                raise input_error("archive:bag:no-room")
            for entry in missing:
                yield entry.filename
                _unpack(archive, entry, folder)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        if is_full(error):
            raise
        raise input_error("archive:bag:not-a-bag") from error


def bag_inside(folder: Path) -> Path:
    """The folder of the bag that was unpacked into `folder`: that, or the only one there."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _is_there(entry: ZipInfo, folder: Path) -> bool:
    """Whether it was unpacked whole. Its size is asked, too: a machine that lost its power may have kept a
    name and not what was written.
    """
    path = folder / entry.filename
    return path.is_dir() if entry.is_dir() else path.is_file() and path.stat().st_size == entry.file_size


def _unpack(archive: ZipFile, entry: ZipInfo, folder: Path) -> None:
    """Folders and plain files only, never links, and nothing becomes larger than the ZIP says."""
    path = folder / entry.filename
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside the folder, so that a piece of a file never counts as a file of the bag.
    unfinished = folder.with_name(folder.name + _UNFINISHED)
    with archive.open(entry) as packed, unfinished.open("wb") as file:
        shutil.copyfileobj(packed, file, 1024 * 1024)
    unfinished.replace(path)
