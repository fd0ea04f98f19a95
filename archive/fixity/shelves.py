"""What lies on the disk, shelf by shelf: MEDIA_ROOT/<area>/ab/cd is shelf 0xabcd of an area."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from archive.files.holdings import HELD_AREAS

_TWO_DIGITS = re.compile(r"[0-9a-f]{2}")


def shelf_of(sha256: str) -> int:
    """The shelf, 0 to 65,535, on which the file of this name stands."""
    return int(sha256[:4], 16)


def relative_path(path: Path) -> str:
    """The path below MEDIA_ROOT, with slashes."""
    return path.relative_to(Path(settings.MEDIA_ROOT).absolute()).as_posix()


def lying_paths(first: int, end: int) -> Iterator[str]:
    """Everything that lies on the shelves from `first` up to, without, `end`, in every held area.

    Paths below MEDIA_ROOT. What lies beside the shelves comes too, with the shelf that it lies in front of:
    whatever is neither a folder of shelves nor a file on one.
    """
    root = Path(settings.MEDIA_ROOT).absolute()
    for area in HELD_AREAS:
        for high in _entries(root / area):
            if _is_folder(high):
                yield from _lying_in(high, first, end)
            elif first == 0:
                yield relative_path(Path(high.path))


def _lying_in(high: os.DirEntry[str], first: int, end: int) -> Iterator[str]:
    """What lies in the folder `ab` of an area, of 256 shelves."""
    begins = int(high.name, 16) << 8
    if begins + 256 <= first or begins >= end:
        return
    for low in _entries(Path(high.path)):
        if not _is_folder(low):
            if first <= begins < end:
                yield relative_path(Path(low.path))
        elif first <= begins + int(low.name, 16) < end:
            for entry in _entries(Path(low.path)):
                yield relative_path(Path(entry.path))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return bool(_TWO_DIGITS.fullmatch(entry.name)) and entry.is_dir(follow_symlinks=False)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
