"""What every test gets: a media folder of its own, and a database that can be emptied after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils import translation
from pytest_django import Settings

from archive.events.guards import install_guards, remove_guards

if TYPE_CHECKING:
    from tests.buckets import Bucket

# Before torch is loaded, and for the programs that tests start: networks as small as ours are computed by one
# thread in a sixth of the processor time, since threads wait for one another by turning round.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    """An empty folder in which this test's originals, renditions and results lie."""
    root = tmp_path / "media"
    settings.MEDIA_ROOT = root
    return root


@pytest.fixture(autouse=True)
def runs_dir(settings: Settings, tmp_path: Path) -> Path:
    """A folder in which this test's training runs lie."""
    settings.PULIH_RUNS_DIR = tmp_path / "runs"
    return settings.PULIH_RUNS_DIR


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """English. A request in another language leaves it active in its thread, for whatever runs there next."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session", autouse=True)
def events_can_be_flushed() -> Iterator[None]:
    """Tests with real transactions empty all tables afterwards, which the event log's triggers refuse."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_without_guards(operations: BaseDatabaseOperations, sql_list: Any) -> None:
        connection = operations.connection
        remove_guards(connection)
        flush(operations, sql_list)
        install_guards(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_without_guards)
        yield


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """The address of a server that speaks S3."""
    from tests.buckets import s3_server

    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(s3_address: str, settings: Settings) -> Bucket:
    """An empty bucket, in which this test's stored files lie."""
    from tests.buckets import make_bucket

    made = make_bucket(s3_address, f"pulih-{uuid4()}")
    settings.PULIH_BUCKET = made.settings
    return made
