"""Two clusters share the work, and one goes with its machine: the small form of benchmarks/chaos.py."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.chaos import arguments, run
from tests.databases import new_database


@pytest.fixture
def database() -> Iterator[str]:
    """Address of an empty database on the server that the tests use; none where that is SQLite."""
    server = os.environ.get("PULIH_TEST_DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield ""
        return
    with new_database(server, f"pulih_two_clusters_{os.getpid()}") as address:
        yield address


@pytest.mark.slow
def test_the_other_cluster_finishes_what_a_dead_machine_had_in_hand(tmp_path: Path, database: str) -> None:
    asked = ["--clusters", "2", "--kinds", "machine", "--kills", "1", "--rounds", "1", "--jobs", "16"]
    assert run(tmp_path, arguments([*asked, "--database", database])) == 0
