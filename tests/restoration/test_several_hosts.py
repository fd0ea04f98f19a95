"""Real processes of three hosts, each with a disk of its own, on one database and one bucket."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from tests import pictures
from tests.buckets import Bucket, make_bucket
from tests.processes import ROOT, Installation, free_port, wait_for_answer

PASSWORD = "a long walk home"


@dataclass(frozen=True)
class Hosts:
    """Two web hosts with their addresses, and one with workers."""

    first: Installation
    second: Installation
    worker: Installation
    addresses: tuple[str, str]
    bucket: Bucket


@pytest.fixture
def hosts(tmp_path: Path, s3_address: str, weights: Path) -> Iterator[Hosts]:
    bucket = make_bucket(s3_address, f"hosts-{uuid4()}")
    shared = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shared.sqlite3'}",
        "PULIH_SECRET_KEY": "the same on every host",
        "PULIH_BUCKET": bucket.settings.name,
        "PULIH_BUCKET_ENDPOINT": s3_address,
        "PULIH_BUCKET_PREFIX": bucket.settings.prefix,
        "PULIH_BUCKET_ADDRESSING": "path",
        "PULIH_BUCKET_ACCESS_KEY": bucket.settings.access_key,
        "PULIH_BUCKET_SECRET_KEY": bucket.settings.secret_key,
        "PULIH_TORCH_THREADS": "1",
        "PULIH_ENGINE": "torch",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    installations = []
    for name in ("first", "second", "worker"):
        (tmp_path / name).mkdir()
        installations.append(Installation(tmp_path / name, **shared))
    first, second, worker = installations
    first.manage("migrate", "--verbosity", "0")
    first.manage("createsuperuser", "--noinput", "--username", "siti", "--email", "")
    first.manage("register_model", str(weights))
    try:
        addresses = (_web(first), _web(second))
        worker.start("manage.py", "qcluster")
        yield Hosts(first, second, worker, addresses, bucket)
    finally:
        for installation in installations:
            installation.stop()


def _web(installation: Installation) -> str:
    address = f"127.0.0.1:{free_port()}"
    log = installation.start("-m", "gunicorn", "--bind", address, "config.wsgi:application")
    wait_for_answer(f"http://{address}/api/v1/schema/", log)
    return f"http://{address}"


def _restored(address: str, collection: str, photo: Path, out: Path) -> None:
    """Upload, have it restored, and download the result, all by that web host."""
    command = ["examples/restore_over_api.py", address, "--user", "siti", "--collection", collection]
    done = subprocess.run(
        [sys.executable, *command, "--out", str(out), "--approve", str(photo)],
        cwd=ROOT,
        env={"PULIH_PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_what_one_host_takes_in_another_restores_and_a_third_shows(hosts: Hosts, tmp_path: Path) -> None:
    photo = tmp_path / "torn.png"
    for number, address in enumerate(hosts.addresses):
        photo.write_bytes(pictures.png(pictures.scratched(pictures.portrait(seed=number))))
        _restored(address, f"Album {number}", photo, tmp_path / f"out-{number}")
        with Image.open(tmp_path / f"out-{number}" / "torn-restored.png") as result:
            assert result.size == (128, 160)
    for host in (hosts.first, hosts.second, hosts.worker):
        media = host.folder / "media"
        assert [path for path in media.rglob("*") if path.is_file()] == []
    areas = {key.partition("/")[0] for key in hosts.bucket.held()}
    assert areas == {"originals", "renditions", "results", "layers"}
    hosts.worker.stop()
    shutil.rmtree(hosts.worker.folder)
    told = hosts.second.manage("check_fixity")
    assert told.endswith("0 faults\n")
    assert int(told.split()[0]) >= 8
