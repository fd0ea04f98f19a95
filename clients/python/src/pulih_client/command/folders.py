"""The files of a folder that are to be sent."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_SUFFIXES = {".jpg", ".jpeg", ".jpe", ".png", ".tif", ".tiff", ".webp", ".bmp"}
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, and in which folder it lies, seen from the one that was named ("" for that itself)."""

    path: Path
    folder: str

    @property
    def shown(self) -> str:
        """Its name, with its folder."""
        return f"{self.folder}/{self.path.name}" if self.folder else self.path.name


def entries_of(named: Path) -> list[Entry]:
    """Every file below a folder that is not hidden, by name; or the one file that is named. Links to folders
    are not followed. Raises FileNotFoundError.
    """
    if named.is_file():
        return [Entry(named, "")]
    if not named.is_dir():
        raise FileNotFoundError(f"There is no folder or file “{named}”.")
    found = []
    for parent, folders, names in os.walk(named):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = Path(parent).relative_to(named)
        folder = "" if inside == Path() else inside.as_posix()
        found += [Entry(Path(parent, name), folder) for name in names if not name.startswith(".")]
    return sorted(found, key=lambda entry: entry.shown)


def may_be_picture(path: Path) -> bool:
    """Whether it claims to be one by its name or is one by its beginning; what it really is, Pulih finds out.
    Raises OSError where it cannot be read.
    """
    with path.open("rb") as file:
        begins = file.read(12)
    is_webp = begins[:4] == b"RIFF" and begins[8:] == b"WEBP"
    return path.suffix.lower() in _SUFFIXES or is_webp or begins.startswith(_BEGINNINGS)
