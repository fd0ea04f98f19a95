"""A second installation inside a test, to restore into, and what a restored archive must be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.db import connection
from django.test import override_settings

from archive.events.verification import verify_chain
from archive.files.holdings import holdings
from archive.files.storage import sha256_of
from archive.models import Rendition
from tests.stored import path_of, rendition_path


@contextmanager
def another_installation(folder: Path) -> Iterator[None]:
    """Inside, the database is another one, without any table, and the media lie in `folder`."""
    at_home = connection.settings_dict["NAME"]
    name = f"restored_{uuid4().hex}"
    if connection.vendor == "sqlite":
        name = str(folder.with_suffix(".sqlite3"))
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with override_settings(MEDIA_ROOT=folder):
            yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = at_home
        if connection.vendor != "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name}")


def assert_whole() -> None:
    """Every file that a row names is there and is what its name says; the history is unbroken."""
    for each in holdings():
        assert sha256_of(path_of(each.file)) == each.sha256
    for rendition in Rendition.objects.select_related("original"):
        assert rendition_path(rendition.original.sha256, Rendition.Kind(rendition.kind)).is_file()
    assert list(verify_chain()) == []
