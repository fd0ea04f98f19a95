"""Notes about files that are about to get their name, kept until rows speak of them.

A file is in its place before the row that names it is committed. Where everything stops in between, the note
is what tells such a file from one that somebody has put there, or whose row an older database has lost: those
are for people to judge, this one nobody has ever been promised.

A note is a folder with an empty file for each name, in the store itself: whoever uses the same store sees it.
Names only: a file system that keeps the order in which names come and go needs no flushing for them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from archive.files.stores import Store

_PREFIX = "incoming/placing-"

_note: ContextVar[_OpenNote | None] = ContextVar("archive.files.placing_notes", default=None)


@dataclass(slots=True)
class _OpenNote:
    """A note that is kept just now: its folder, which there is from the first name on, and its names."""

    folder: str
    names: set[str] = field(default_factory=set)


@contextmanager
def note_in(store: Store) -> Iterator[None]:
    """Keep a note in `store` of what is written down meanwhile. It goes when everything went well and stays
    otherwise; inside another one it is part of that.
    """
    if _note.get() is not None:
        yield
        return
    note = _OpenNote(f"{_PREFIX}{secrets.token_hex(8)}")
    token = _note.set(note)
    try:
        yield
    finally:
        _note.reset(token)
    if note.names:
        store.clear(note.folder)


def write_down(store: Store, name: str) -> None:
    """Add a file's name to the note that is kept just now, if one is."""
    note = _note.get()
    if note is not None and name not in note.names:
        store.mark(f"{note.folder}/{name}")
        note.names.add(name)


def notes_in(store: Store) -> dict[str, set[str]]:
    """The names in every note, of work that goes on or was broken off, by the note's folder."""
    notes: dict[str, set[str]] = {}
    for key in store.keys(_PREFIX):
        folder, _slash, name = key.rpartition("/")
        notes.setdefault(folder, set()).add(name)
    return notes
