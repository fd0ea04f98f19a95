"""Room on the disks that the platform writes to."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from archive.health.databases import database_folder
from archive.health.findings import Finding, broken, fine, warning

# Below so many times PULIH_MIN_FREE_BYTES it is time to think of more disk.
_SOON = 5
_LEAST_FREE_FILES = 0.05


@dataclass(frozen=True, slots=True)
class Room:
    """What a file system has, in bytes: `free` for this user, of `total`."""

    free: int
    total: int


def written_folders() -> dict[str, Path]:
    """Where the platform writes, by a word for it; folders of one file system only once."""
    wanted = {"media": Path(settings.MEDIA_ROOT).absolute(), "database": database_folder()}
    folders: dict[str, Path] = {}
    seen: set[int] = set()
    for word, folder in wanted.items():
        if folder is None:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            folders[word] = folder
    return folders


def room_in(folder: Path) -> Room:
    """The room of the file system that `folder` lies on."""
    usage = shutil.disk_usage(folder)
    return Room(free=usage.free, total=usage.total)


def room() -> Iterator[Finding]:
    """There is room for what comes in: at least PULIH_MIN_FREE_BYTES, and soon there will be, too."""
    for word, folder in written_folders().items():
        yield _finding_of(f"room for {word}", folder)


def doctor_room() -> Iterator[Finding]:
    """As `room`, with the folder for passing things, and with the number of files that may still be made."""
    yield from room()
    yield _finding_of("room for temporary files", Path(tempfile.gettempdir()))
    for word, folder in written_folders().items():
        figures = os.statvfs(folder)
        # Some file systems have no such limit, and say zero.
        if figures.f_files and figures.f_favail < _LEAST_FREE_FILES * figures.f_files:
            yield warning(
                f"files for {word}",
                f"only {figures.f_favail} more files can be made in {folder}",
                "Make the file system anew with more inodes, or move PULIH_VAR_DIR.",
            )


def _finding_of(name: str, folder: Path) -> Finding:
    found, least = room_in(folder), settings.PULIH_MIN_FREE_BYTES
    said = f"{filesizeformat(found.free)} free of {filesizeformat(found.total)} in {folder}"
    if found.free < least:
        return broken(
            name,
            f"{said}, less than {filesizeformat(least)}",
            f"Make room in {folder}, enlarge the disk, or empty the bin (manage.py empty_bin).",
        )
    if found.free < _SOON * least:
        return warning(name, said, f"Make room in {folder} before it is full, or enlarge the disk.")
    return fine(name, said)
