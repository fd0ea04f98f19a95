"""Clusters share the work, and one goes with its machine: the small form of benchmarks/chaos.py."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.chaos import ASK, LOOK, arguments, installed, run
from benchmarks.faults import Cluster
from benchmarks.verdict import complaints
from tests.databases import new_database
from tests.processes import wait_until

RESTORES = "restoration.tasks.run_restoration"
SWEEPS = "restoration.tasks.sweep"


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


@pytest.mark.slow
def test_restorations_of_a_dead_machine_are_finished_by_one_that_restores(
    tmp_path: Path, database: str
) -> None:
    """And not by the one that does everything else, which brings them back."""
    jobs = 16
    options = arguments(["--jobs", str(jobs), "--workers", "1", "--database", database])
    installation = installed(tmp_path, options)

    def start(queue: str) -> Cluster:
        installation.environment["PULIH_QUEUES"] = queue
        return Cluster(installation.start("-m", "config.local_run", "worker"))

    def moving() -> int:
        rows = installation.rows("SELECT status FROM restoration_restoration")
        return sum(status in {"queued", "running"} for (status,) in rows)

    try:
        general, doomed, other = start("general"), start("restoration"), start("restoration")
        for cluster in (general, doomed, other):
            wait_until(lambda cluster=cluster: cluster.living("worker"), seconds=120, what="a worker")
        assert int(installation.manage("shell", "--verbosity", "0", "-c", ASK)) == jobs
        wait_until(lambda: RESTORES in doomed.told() and moving() < jobs, seconds=120, what="a start")
        assert doomed.kill("machine")
        wait_until(lambda: not moving(), seconds=300, what="an end of all restorations")
        found = json.loads(installation.manage("shell", "--verbosity", "0", "-c", LOOK))
        assert not complaints(found | {"lost": jobs - found["rows"]})
        assert found["done"] == jobs
        assert RESTORES in other.told()
        assert RESTORES not in general.told()
        assert SWEEPS in general.told()
        assert SWEEPS not in other.told()
    finally:
        installation.stop()
