"""Two clusters share the work, and one goes with its machine: the small form of benchmarks/chaos.py."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from benchmarks.chaos import arguments, run


@pytest.fixture
def database() -> Iterator[str]:
    """Address of an empty database on the server that the tests use; none where that is SQLite."""
    server = os.environ.get("PULIH_TEST_DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield ""
        return
    name = f"pulih_two_clusters_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.slow
def test_the_other_cluster_finishes_what_a_dead_machine_had_in_hand(tmp_path: Path, database: str) -> None:
    asked = ["--clusters", "2", "--kinds", "machine", "--kills", "1", "--rounds", "1", "--jobs", "16"]
    assert run(tmp_path, arguments([*asked, "--database", database])) == 0
