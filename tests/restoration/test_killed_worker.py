"""The accident that the queue does not notice: a worker killed in the middle of a photo."""

import os
import signal

import pytest

from archive.files.storage import sha256_of
from restoration.models import Restoration
from tests import pictures
from tests.processes import Installation, wait_until, worker_pids

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values

STATE = "SELECT status, progress, attempts, result_sha256, error_code FROM restoration_restoration"


@pytest.fixture
def installation(tmp_path, weights):
    """A photo that takes a while, waiting in an installation whose leases are short."""
    folder = tmp_path / "var"
    folder.mkdir()
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "large.png").write_bytes(pictures.png(pictures.portrait(900, 900)))
    installation = Installation(
        folder,
        PULIH_LEASE_SECONDS="3",
        PULIH_TILE="256",
        PULIH_ENGINE="torch",
        PULIH_TORCH_THREADS="1",
        DJANGO_SUPERUSER_PASSWORD="a long walk home",
    )
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("createsuperuser", "--noinput", "--username", "siti", "--email", "")
    installation.manage("register_model", str(weights))
    installation.manage("import_folder", str(scans), "--collection", "Large", "--user", "siti")
    yield installation
    installation.stop()


def kill_the_worker_at_work(installation, log):
    """SIGKILL, as the kernel does when memory runs out; returns the attempt that died."""
    wait_until(
        lambda: installation.rows(f"{STATE} WHERE status = '{RUNNING}' AND progress > 5"),
        seconds=60,
        what="a restoration under way",
    )
    os.kill(worker_pids(log)[-1], signal.SIGKILL)
    ((status, progress, attempts, _result, _error),) = installation.rows(STATE)
    assert status == RUNNING, f"finished before it could be killed, at {progress} per cent"
    return attempts


@pytest.mark.slow
def test_the_scheduled_sweep_queues_it_again_and_it_is_done(installation):
    log = installation.start("manage.py", "qcluster")
    assert kill_the_worker_at_work(installation, log) == 1
    wait_until(
        lambda: installation.rows(f"{STATE} WHERE status = '{DONE}'"),
        seconds=240,
        what="the second attempt's result",
    )
    ((status, progress, attempts, result, error),) = installation.rows(STATE)
    assert (status, progress, attempts, error) == (DONE, 100, 2, "")
    path = installation.folder / "media" / "results" / result[:2] / result[2:4] / f"{result}.png"
    assert sha256_of(path) == result
    kinds = [kind for (kind,) in installation.rows("SELECT kind FROM archive_event ORDER BY created_at")]
    assert kinds[-2:] == ["restoration-requeued", "restoration-done"]
    incoming = installation.folder / "media" / "incoming"
    assert [path for path in incoming.rglob("*") if path.is_file()] == []
