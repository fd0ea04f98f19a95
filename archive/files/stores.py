"""What every store of files can do, wherever it keeps them.

A key is a file's name in the store, with slashes: "originals/ab/cd/<sha256>". A store knows nothing of what a
file is to the archive; see `archive.files.storage`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Lying:
    """A file that lies in a store: its size in bytes and when it was last changed (seconds since the epoch).

    `version` tells its bytes from others that lay under the same key.
    """

    byte_size: int
    changed_at: float
    version: str


class StoreUnavailableError(Exception):
    """The store does not answer, or not as it should: nobody knows what it holds. It passes."""


class Store(Protocol):
    """Whoever reads what is not there gets FileNotFoundError. A store that is not on this machine raises
    StoreUnavailableError at any time.
    """

    def answer(self) -> None:
        """Ask whether the store is there and may be used. Raises StoreUnavailableError where it is not."""

    def find(self, key: str) -> Lying | None:
        """What lies there; None where there is no such file."""

    def age(self, key: str) -> float | None:
        """Seconds since whatever lies there, of any kind, was changed; None where nothing does."""

    def seems_there(self, key: str) -> bool:
        """Whether the file is there, for pages with very many pictures: taken for granted where asking for
        each of them would take long.
        """

    def digest(self, key: str) -> str | None:
        """SHA-256 of the bytes that lie there now; None where there is no such file."""

    def open(self, key: str, lying: Lying | None = None) -> BinaryIO:
        """The file, for reading here and there; `lying` spares looking for it once more."""

    def stream(self, key: str, *, anew: bool = False) -> BinaryIO:
        """The file, for reading from its beginning to its end, even if it is removed meanwhile.

        `anew`: from where it is kept, not from what was remembered of it.
        """

    def local_copy(self, key: str) -> AbstractContextManager[Path]:
        """A path at which the file can be read, for programs that take no other; not to be written to."""

    def on_disk(self, key: str) -> Path | None:
        """Where the file lies on a disk of this machine; None where it does not."""

    def put(self, path: Path, key: str, *, sha256: str | None = None) -> None:
        """Give the whole, flushed file at `path`, in the incoming folder, that key, in place of what is
        there. It is gone from `path` then. `sha256`: what it contains, where that is known.
        """

    def remove(self, key: str) -> None:
        """Remove a file; one that is gone already is no error."""

    def move(self, key: str, to: str) -> None:
        """Give a file another key, in place of what is there."""

    def mark(self, key: str) -> bool:
        """Leave an empty file; False where there is a file already."""

    def touch(self, key: str) -> None:
        """Let the file have been changed just now, without changing it."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Every file's key that begins so, in order."""

    def shelved(self, area: str, first: int, end: int) -> Iterator[str]:
        """Everything in `area` on the shelves from `first` up to, without, `end`: area/ab/cd is shelf 0xabcd.

        What lies beside the shelves comes too, with the one that it lies in front of.
        """

    def clear(self, folder: str) -> None:
        """Remove everything in a folder, and the folder."""
