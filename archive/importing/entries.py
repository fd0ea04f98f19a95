"""One file of an import, wherever it lies."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from archive.errors import InputError
from archive.files.filenames import clean_filename, clean_folder


class Source(Protocol):
    """What a file's bytes are read from. Raises InputError where they cannot be."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to be taken in: `path` inside its ZIP or folder, with "/" between names.

    `refusal`: why it is not even opened, if that is so.
    """

    path: str
    open: Callable[[], AbstractContextManager[Source]]
    refusal: InputError | None = None

    @property
    def filename(self) -> str:
        """Its last name, fit to be shown."""
        return clean_filename(self.path)

    @property
    def folder(self) -> str:
        """The names before the last one."""
        return clean_folder(self.path.rpartition("/")[0])

    @property
    def claims_to_be_a_picture(self) -> bool:
        """Whether its name ends like a picture's, of any kind."""
        media_type, _encoding = mimetypes.guess_type(self.filename, strict=False)
        return (media_type or "").startswith("image/")


def is_hidden(path: str) -> bool:
    """Whether the system that packed it keeps the file at `path` to itself: dot files, resource forks."""
    names = path.split("/")
    return any(name.startswith(".") or name == "__MACOSX" for name in names) or names[-1] in {
        "Thumbs.db",
        "desktop.ini",
    }
