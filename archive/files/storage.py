"""Stored files, named by what is in them: <area>/ab/cd/<sha256><suffix>, in the store that keeps them.

A file gets its name only when it is whole, on disk, and has the SHA-256 that it is named by; so whatever has
a name can be trusted, and a crash leaves at worst a nameless file in the incoming folder. The database is
somebody else's business.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.conf import settings

from archive.files.digests import FixityError, compare, sha256_of, sha256_of_stream, verify
from archive.files.local_store import LocalStore
from archive.files.placing_notes import note_in, write_down
from archive.files.stores import Lying, Store
from archive.messages import input_error, too_large

__all__ = [
    "Area",
    "FixityError",
    "ReceivedFile",
    "StoredFile",
    "adopt",
    "incoming_folder",
    "note_name",
    "place",
    "placing",
    "receive",
    "remove",
    "sha256_of",
    "store",
    "verify",
]

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


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file by its name, which may be in the store or not: `sha256` is that of its content (64 hex digits),
    or of what it was made from.

    Raises ValueError when `sha256` is not one, or `suffix` would lead elsewhere. Whoever reads a file that is
    not there gets FileNotFoundError.
    """

    area: Area
    sha256: str
    suffix: str = ""

    def __post_init__(self) -> None:
        if len(self.sha256) != 64 or not set(self.sha256) <= set("0123456789abcdef"):
            raise ValueError(f"not a SHA-256 in lower-case hex: {self.sha256!r}")
        if "/" in self.suffix or "\0" in self.suffix:
            raise ValueError(f"not a suffix: {self.suffix!r}")

    @property
    def name(self) -> str:
        """What it is called, without its folder."""
        return f"{self.sha256}{self.suffix}"

    @property
    def key(self) -> str:
        """Its name in the store."""
        return f"{self.area}/{self.sha256[:2]}/{self.sha256[2:4]}/{self.name}"

    def find(self) -> Lying | None:
        """Size and time of what lies there; None where nothing does."""
        return store().find(self.key)

    def exists(self) -> bool:
        """Whether it is there."""
        return self.find() is not None

    def seems_there(self) -> bool:
        """Whether it is there, for pages with very many pictures; see `Store.seems_there`."""
        return store().seems_there(self.key)

    def open(self, lying: Lying | None = None) -> BinaryIO:
        """Its bytes, for reading here and there; `lying`: what `find` has given."""
        return store().open(self.key, lying)

    def stream(self) -> BinaryIO:
        """Its bytes, from the beginning to the end, even if it is removed meanwhile."""
        return store().stream(self.key)

    def local_copy(self) -> AbstractContextManager[Path]:
        """A path at which it can be read, for programs that take no other; not to be written to."""
        return store().local_copy(self.key)

    def verify(self) -> None:
        """Read all of it. Raises FixityError when its content is not what it is named by."""
        with self.stream() as file:
            found = sha256_of_stream(file)
        compare(self.key, found=found, sha256=self.sha256)


def store() -> Store:
    """Where stored files are."""
    if settings.PULIH_BUCKET is None:
        return LocalStore(Path(settings.MEDIA_ROOT).absolute())
    # Imported here: boto3 takes half a second, and most archives have a disk.
    from archive.files.bucket_store import bucket_store

    return bucket_store(settings.PULIH_BUCKET, incoming_folder())


def incoming_folder() -> Path:
    """The folder for files that have no name yet, always on this machine.

    It shares a disk with a local store, where naming is one atomic rename.
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
    the two, `archive.services.leftovers` finds and removes.
    """
    with note_in(store()):
        yield


def note_name(area: Area, sha256: str, suffix: str) -> str:
    """What a stored file is called in a note."""
    return f"{area}.{sha256}{suffix}"


def adopt(path: Path, *, area: Area, sha256: str, suffix: str = "") -> StoredFile:
    """Move the file at `path` to its name in `area` after reading it back from disk; return its name.

    Does nothing but remove `path` when the same content is there already. Raises FixityError, leaving
    everything as it was, when the content is not `sha256`.
    """
    verify(path, sha256=sha256)
    return place(path, area=area, sha256=sha256, suffix=suffix)


def place(path: Path, *, area: Area, sha256: str, suffix: str = "") -> StoredFile:
    """Give the file at `path`, which must lie in the incoming folder, its name in `area`; return that.

    For content that was verified, or (renditions, tiles) that is named by its source. Where an intact file of
    that name is stored already it stays, and `path` goes; a decayed one is replaced.
    """
    file = StoredFile(area, sha256, suffix)
    write_down(store(), note_name(area, sha256, suffix))
    content = None if area in _NAMED_BY_SOURCE else sha256
    if content is not None and store().digest(file.key) == content:
        path.unlink()
    else:
        store().put(path, file.key, sha256=content)
    return file


def remove(*, area: Area, sha256: str, suffix: str = "") -> None:
    """Remove a stored file; one that is gone already is no error."""
    store().remove(StoredFile(area, sha256, suffix).key)


def _chunks(file: Any) -> Iterator[bytes]:
    if hasattr(file, "chunks"):
        yield from file.chunks(_CHUNK_BYTES)
    else:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
