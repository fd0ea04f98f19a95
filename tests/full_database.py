"""A database that is really full: SQLite's own limit, on the connection that a test works with."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

_PAGE_BYTES = 512
_NO_LIMIT = 4_294_967_294


@contextmanager
def database_of_small_pages(folder: Path) -> Iterator[None]:
    """Inside, the database is a copy in `folder` with pages so small that nearly every row needs others."""
    assert connection.vendor == "sqlite", "this limit is SQLite's"
    at_home = connection.settings_dict["NAME"]
    path = str(folder / "small-pages.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        cursor.execute("VACUUM INTO %s", [path])
    connection.close()
    connection.settings_dict["NAME"] = path
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = at_home


@contextmanager
def room_for(pages: int) -> Iterator[None]:
    """Inside, the database has room for so many pages more; whatever needs another one finds it full."""
    with connection.cursor() as cursor:
        # What has become free in it would be room, too.
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        (now,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {now + pages}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {_NO_LIMIT}")


@contextmanager
def no_file_larger_than(byte_count: int) -> Iterator[None]:
    """Inside, this process can write no file any further than that: what stands in for a full disk where
    nobody may make one.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (byte_count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
