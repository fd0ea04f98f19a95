"""Files on disk, named by what is in them: MEDIA_ROOT/<area>/ab/cd/<sha256><suffix>.

A file gets its name only when it is whole, on disk, and has the SHA-256 that it is named by; so whatever has
a name can be trusted, and a crash leaves at worst a nameless file in `incoming/`. Paths go in, paths come
out; the database is somebody else's business.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from archive.files.placing_notes import note_in, write_down
from archive.messages import input_error, too_large

_CHUNK_BYTES = 1024 * 1024


class Area(StrEnum):
    """What a stored file is; each has a folder of its own."""

    ORIGINALS = "originals"
    RENDITIONS = "renditions"
    RESULTS = "results"
    LAYERS = "layers"
    TILES = "tiles"


# What can be made anew at any time is named by what it was made from.
_NAMED_BY_SOURCE = {Area.RENDITIONS, Area.TILES}


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that has arrived whole: where it lies for now, its SHA-256 (hex) and its size."""

    path: Path
    sha256: str
    byte_size: int


def stored_path(area: Area, sha256: str, suffix: str = "") -> Path:
    """Return the absolute path for content `sha256` (64 hex digits) in `area`, where a file may lie or not.

    Raises ValueError when `sha256` is not one, or `suffix` would lead elsewhere.
    """
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"not a SHA-256 in lower-case hex: {sha256!r}")
    if "/" in suffix or "\0" in suffix:
        raise ValueError(f"not a suffix: {suffix!r}")
    return area_folder(area) / sha256[:2] / sha256[2:4] / f"{sha256}{suffix}"


def area_folder(area: Area) -> Path:
    """The folder of all files of that kind; it may not be there yet."""
    return Path(settings.MEDIA_ROOT).absolute() / area


def incoming_folder() -> Path:
    """The folder for files that have no name yet.

    It shares a disk with the areas, so naming is one atomic rename.
    """
    folder = Path(settings.MEDIA_ROOT).absolute() / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def receive(file: IO[bytes] | Any, *, max_bytes: int | None = None) -> Iterator[ReceivedFile]:
    """Stream `file` (anything with .chunks() or .read()) to a temporary file while hashing it.

    The temporary file is gone afterwards, unless `adopt` has given it its name.
    Raises InputError: archive:file:empty, or archive:file:too-large as soon as `max_bytes` is passed.
    """
    handle, name = tempfile.mkstemp(dir=incoming_folder())
    path = Path(name)
    try:
        digest = hashlib.sha256()
        byte_size = 0
        with open(handle, "wb") as temporary:
            for chunk in _chunks(file):
                byte_size += len(chunk)
                if max_bytes is not None and byte_size > max_bytes:
                    raise too_large(max_bytes)
                digest.update(chunk)
                temporary.write(chunk)
        if byte_size == 0:
            raise input_error("archive:file:empty")
        yield ReceivedFile(path, digest.hexdigest(), byte_size)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def placing() -> Iterator[None]:
    """Around giving files their names and committing the rows that speak of them: what is broken off between
    the two, `archive.files.leftovers` finds and removes.
    """
    with note_in(incoming_folder()):
        yield


def note_name(area: Area, sha256: str, suffix: str) -> str:
    """What a stored file is called in a note."""
    return f"{area}.{sha256}{suffix}"


def adopt(path: Path, *, area: Area, sha256: str, suffix: str = "") -> Path:
    """Move the file at `path` to its name in `area` after reading it back from disk; return the new path.

    Does nothing but remove `path` when the same content is there already. Raises FixityError, leaving
    everything as it was, when the content is not `sha256`.
    """
    verify(path, sha256=sha256)
    return place(path, area=area, sha256=sha256, suffix=suffix)


def verify(path: Path, *, sha256: str) -> None:
    """Flush the file at `path` to disk and read it back.

    Raises FixityError when its content is not `sha256`.
    """
    with open(path, "rb") as file:
        os.fsync(file.fileno())
    found = sha256_of(path)
    if found != sha256:
        raise FixityError(f"{path} should have SHA-256 {sha256} but has {found}")


def place(path: Path, *, area: Area, sha256: str, suffix: str = "") -> Path:
    """Give the file at `path`, which must lie on the same disk, its name in `area`; return the new path.

    For content that was verified, or (renditions, tiles) that is named by its source. Where an intact file of
    that name is stored already it stays, and `path` goes; a decayed one is replaced.
    """
    target = stored_path(area, sha256, suffix)
    write_down(note_name(area, sha256, suffix))
    if area not in _NAMED_BY_SOURCE and target.exists() and sha256_of(target) == sha256:
        path.unlink()
        return target
    _make_folder(target.parent)
    path.chmod(0o444)
    path.replace(target)
    flush_folder(target.parent)
    return target


def remove(*, area: Area, sha256: str, suffix: str = "") -> None:
    """Remove a stored file; one that is gone already is no error."""
    stored_path(area, sha256, suffix).unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 (64 hex digits) of the file at `path`."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class FixityError(Exception):
    """A file does not contain what it should: the disk or a programmer is at fault, never the person
    uploading."""


def _chunks(file: Any) -> Iterator[bytes]:
    if hasattr(file, "chunks"):
        yield from file.chunks(_CHUNK_BYTES)
    else:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _make_folder(folder: Path) -> None:
    """Make `folder` and those above it so that they survive a power cut."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)


def flush_folder(folder: Path) -> None:
    """Write the list of names in `folder` to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
