"""Files on a disk of this machine, each at its key below one folder."""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from archive.files.digests import sha256_of
from archive.files.stores import Lying

_TWO_DIGITS = re.compile(r"[0-9a-f]{2}")


class LocalStore:
    """See `archive.files.stores.Store`. `root`, an absolute path, need not be there yet.

    A file gets its key by one atomic rename, so incoming files must lie on the same disk.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def answer(self) -> None:
        """See the protocol. A disk is always there; what is wrong with it shows when it is used."""

    def find(self, key: str) -> Lying | None:
        """See the protocol."""
        try:
            found = os.stat(self._root / key)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return Lying(found.st_size, found.st_mtime, f"{found.st_mtime_ns:x}")

    def age(self, key: str) -> float | None:
        """See the protocol."""
        try:
            return time.time() - os.lstat(self._root / key).st_mtime
        except FileNotFoundError:
            return None

    def seems_there(self, key: str) -> bool:
        """See the protocol. Looking costs next to nothing here."""
        return os.path.exists(self._root / key)

    def digest(self, key: str) -> str | None:
        """See the protocol."""
        try:
            return sha256_of(self._root / key)
        except FileNotFoundError:
            return None

    def open(self, key: str, lying: Lying | None = None) -> BinaryIO:
        """See the protocol."""
        return (self._root / key).open("rb")

    def stream(self, key: str, *, anew: bool = False) -> BinaryIO:
        """See the protocol."""
        if not anew:
            return self.open(key)
        file = (self._root / key).open("rb", buffering=0)
        if hasattr(os, "posix_fadvise"):
            # What the system keeps of it in memory is let go.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return cast("BinaryIO", file)

    @contextmanager
    def local_copy(self, key: str) -> Iterator[Path]:
        """See the protocol. The file itself."""
        path = self._root / key
        if not path.is_file():
            raise FileNotFoundError(path)
        yield path

    def on_disk(self, key: str) -> Path | None:
        """See the protocol."""
        return self._root / key

    def put(self, path: Path, key: str, *, sha256: str | None = None) -> None:
        """See the protocol."""
        target = self._root / key
        _make_folder(target.parent)
        path.chmod(0o444)
        path.replace(target)
        flush_folder(target.parent)

    def remove(self, key: str) -> None:
        """See the protocol."""
        (self._root / key).unlink(missing_ok=True)

    def move(self, key: str, to: str) -> None:
        """See the protocol."""
        (self._root / key).rename(self._root / to)

    def mark(self, key: str) -> bool:
        """See the protocol."""
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def touch(self, key: str) -> None:
        """See the protocol."""
        os.utime(self._root / key)

    def keys(self, prefix: str) -> Iterator[str]:
        """See the protocol."""
        folder, _slash, begins = prefix.rpartition("/")
        for entry in _entries(self._root / folder):
            if entry.name.startswith(begins):
                yield from self._below(entry)

    def shelved(self, area: str, first: int, end: int) -> Iterator[str]:
        """See the protocol. Whatever is neither a folder of shelves nor a file on one lies beside them."""
        for high in _entries(self._root / area):
            if _is_of_shelves(high):
                yield from self._on_shelves(high, first, end)
            elif first == 0:
                yield self._key(high)

    def clear(self, folder: str) -> None:
        """See the protocol."""
        shutil.rmtree(self._root / folder, ignore_errors=True)

    def _below(self, entry: os.DirEntry[str]) -> Iterator[str]:
        if not entry.is_dir(follow_symlinks=False):
            yield self._key(entry)
            return
        for each in _entries(Path(entry.path)):
            yield from self._below(each)

    def _on_shelves(self, high: os.DirEntry[str], first: int, end: int) -> Iterator[str]:
        """What lies in the folder `ab` of an area, of 256 shelves."""
        begins = int(high.name, 16) << 8
        if begins + 256 <= first or begins >= end:
            return
        for low in _entries(Path(high.path)):
            if not _is_of_shelves(low):
                if first <= begins < end:
                    yield self._key(low)
            elif first <= begins + int(low.name, 16) < end:
                for entry in _entries(Path(low.path)):
                    yield self._key(entry)

    def _key(self, entry: os.DirEntry[str]) -> str:
        return Path(entry.path).relative_to(self._root).as_posix()


def flush_folder(folder: Path) -> None:
    """Write the list of names in `folder` to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(folder: Path) -> None:
    """Make `folder` and those above it so that they survive a power cut."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)


def _is_of_shelves(entry: os.DirEntry[str]) -> bool:
    return bool(_TWO_DIGITS.fullmatch(entry.name)) and entry.is_dir(follow_symlinks=False)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
