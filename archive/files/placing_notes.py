"""Notes about files that are about to get their name, kept until rows speak of them.

A file is in its place before the row that names it is committed. Where everything stops in between, the note
is what tells such a file from one that somebody has put there, or whose row an older database has lost: those
are for people to judge, this one nobody has ever been promised.

A note is a folder with an empty file for each name. Names only: a file system that keeps the order in which
names come and go needs no flushing for them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_PREFIX = "placing-"

_note: ContextVar[Path | None] = ContextVar("archive.files.placing_notes", default=None)


@contextmanager
def note_in(folder: Path) -> Iterator[None]:
    """Keep a note in `folder` of what is written down meanwhile. It goes when everything went well and stays
    otherwise; inside another one it is part of that.
    """
    if _note.get() is not None:
        yield
        return
    note = Path(tempfile.mkdtemp(dir=folder, prefix=_PREFIX))
    token = _note.set(note)
    try:
        yield
    except BaseException:
        if not any(note.iterdir()):
            note.rmdir()
        raise
    else:
        shutil.rmtree(note)
    finally:
        _note.reset(token)


def write_down(name: str) -> None:
    """Add a file's name to the note that is kept just now, if one is."""
    note = _note.get()
    if note is not None:
        (note / name).touch()


def notes_in(folder: Path) -> list[Path]:
    """Every note, of work that goes on or was broken off."""
    return sorted(folder.glob(f"{_PREFIX}*"))


def names_in(note: Path) -> list[str]:
    """What was written down; nothing where the note is gone meanwhile."""
    try:
        return sorted(entry.name for entry in note.iterdir())
    except FileNotFoundError:
        return []
