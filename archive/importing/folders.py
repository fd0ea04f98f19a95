"""The files of a folder on the server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from archive.importing.entries import Entry, Source, is_hidden
from archive.messages import input_error


def folder_entries(folder: Path) -> list[Entry]:
    """Every file below `folder` that is not hidden, nor in a hidden folder, by name. Links to folders are not
    followed. Raises NotADirectoryError.
    """
    if not folder.is_dir():
        raise NotADirectoryError(folder)
    paths = []
    for parent, folders, names in os.walk(folder):
        inside = Path(parent).relative_to(folder)
        folders[:] = [name for name in folders if not is_hidden(name)]
        paths += [inside / name for name in names if not is_hidden(name)]
    # Names that are no Unicode are shown with a mark in place of what they hold.
    return [
        Entry(os.fsencode(path).decode(errors="replace"), partial(_opened, folder / path))
        for path in sorted(paths)
    ]


@contextmanager
def _opened(path: Path) -> Iterator[Source]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise input_error("archive:file:unreadable", reason=error.strerror) from error
    with file:
        yield _Reader(file)


class _Reader:
    """Tells a file that cannot be read from a disk that cannot be written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int, /) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            raise input_error("archive:file:unreadable", reason=error.strerror) from error
