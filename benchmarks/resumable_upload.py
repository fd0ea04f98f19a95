"""Resumable uploads, proved: two clients, a connection cut again and again, a server of two processes.

    python -m benchmarks.resumable_upload
    python -m benchmarks.resumable_upload --megabytes 20 --cuts 30

For each client: how often the connection was cut, how many bytes had to be sent again at worst and in all,
whether the original is the file byte for byte, and what is left after the uploads that nobody finished have
expired.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from tusclient.client import TusClient

from benchmarks.cutting_proxy import CuttingProxy
from tests.processes import Installation, free_port, wait_for_answer

CHUNK_BYTES = 8 * 1024 * 1024
MIB = 1024 * 1024
_SCRIPT = Path(__file__).with_name("tus_upload.mjs")
_PREPARE = """
import json
from django.contrib.auth.models import User
from archive.access.scopes import Scope
from archive.services import create_api_token, create_collection
user = User.objects.create_user("siti")
collections = [create_collection(owner=user, title=title, auto_restore=False) for title in ("one", "two")]
token, key = create_api_token(user=user, name="benchmark", scopes=list(Scope))
print(json.dumps({"token": key, "collections": [str(collection.pk) for collection in collections]}))
"""
_SWEEP = """
from datetime import timedelta
from django.utils import timezone
from archive.services import sweep_uploads
print(sweep_uploads(now=timezone.now() + timedelta(days=2)))
"""


@dataclass(frozen=True)
class Outcome:
    """What one client's upload went through."""

    client: str
    seconds: float
    cuts: int
    most_sent_again: int
    sent_again: int
    arrived_unchanged: bool

    def __str__(self) -> str:
        return (
            f"{self.client}: {self.cuts} cuts in {self.seconds:.0f} s; sent again at most "
            f"{self.most_sent_again / MIB:.2f} MiB after a cut, {self.sent_again / MIB:.1f} MiB in all; "
            f"{'the same bytes arrived' if self.arrived_unchanged else 'OTHER BYTES ARRIVED'}"
        )


@dataclass(frozen=True)
class Server:
    """A running Pulih: its port, an API token and two empty collections."""

    installation: Installation
    port: int
    token: str
    collections: list[str]

    def left_over(self) -> list[str]:
        """What lies in the folder of unfinished uploads once all of them have expired."""
        self.installation.manage("shell", "--verbosity", "0", "-c", _SWEEP)
        folder = self.installation.folder / "media" / "incoming"
        return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


@contextmanager
def running_server(folder: Path) -> Iterator[Server]:
    """Gunicorn with two processes, its data in `folder`."""
    port = free_port()
    installation = Installation(folder, PULIH_PORT=str(port), PULIH_WEB_PROCESSES="2")
    installation.manage("migrate", "--verbosity", "0")
    prepared = json.loads(installation.manage("shell", "--verbosity", "0", "-c", _PREPARE).splitlines()[-1])
    log = installation.start("-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi:application")
    try:
        wait_for_answer(f"http://127.0.0.1:{port}/sign-in/", log)
        yield Server(installation, port, prepared["token"], prepared["collections"])
    finally:
        installation.stop()


def make_scan(path: Path, megabytes: int) -> None:
    """A TIFF of noise of so many MiB."""
    width = 8192 if megabytes > 50 else 1024
    height = megabytes * MIB // (3 * width)
    rng = np.random.default_rng(1)
    tifffile.imwrite(path, rng.integers(0, 256, (height, width, 3), dtype=np.uint8), rowsperstrip=64)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def with_tus_js(path: Path, endpoint: str, token: str, sha256: str, chunk_bytes: int) -> None:
    """Upload with tus-js-client in Node."""
    node = Path(sys.executable).with_name("node")
    subprocess.run(
        [str(node), str(_SCRIPT), str(path), endpoint, token, sha256, str(chunk_bytes)],
        check=True,
        capture_output=True,
        timeout=1800,
    )


def with_tuspy(path: Path, endpoint: str, token: str, sha256: str, chunk_bytes: int) -> None:
    """Upload with tuspy."""
    # It forgets its tries only after a whole part, and there is none when it is cut off so often; each try is
    # a call deeper.
    sys.setrecursionlimit(50_000)
    client = TusClient(endpoint, headers={"Authorization": f"Token {token}"})
    uploader = client.uploader(
        str(path),
        chunk_size=chunk_bytes,
        retries=5000,
        retry_delay=0.02,
        metadata={"filename": path.name, "sha256": sha256},
    )
    uploader.upload()


CLIENTS: dict[str, Callable[[Path, str, str, str, int], None]] = {
    "tus-js-client": with_tus_js,
    "tuspy": with_tuspy,
}


def upload_with(
    name: str, server: Server, collection: str, scan: Path, *, cuts: int, chunk_bytes: int = CHUNK_BYTES
) -> Outcome:
    """Upload `scan` with the client `name`, cut off at `cuts` places drawn by chance."""
    sha256 = sha256_of(scan)
    places = random.Random(name).sample(range(scan.stat().st_size - 1), cuts)
    with CuttingProxy(server.port, places) as proxy:
        endpoint = f"{proxy.address}/api/v1/collections/{collection}/uploads/"
        begun = time.monotonic()
        CLIENTS[name](scan, endpoint, server.token, sha256, chunk_bytes)
        seconds = time.monotonic() - begun
    stored = server.installation.folder / "media" / "originals" / sha256[:2] / sha256[2:4] / sha256
    again = [cut.sent_again for cut in proxy.cuts]
    return Outcome(
        client=name,
        seconds=seconds,
        cuts=len(again),
        most_sent_again=max(again, default=0),
        sent_again=sum(again),
        arrived_unchanged=stored.exists() and sha256_of(stored) == sha256,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--cuts", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scan = folder / "scan.tif"
        make_scan(scan, options.megabytes)
        (folder / "var").mkdir()
        with running_server(folder / "var") as server:
            for client, collection in zip(CLIENTS, server.collections, strict=True):
                print(upload_with(client, server, collection, scan, cuts=options.cuts), flush=True)
            print(f"left over after expiry: {server.left_over() or 'nothing'}")


if __name__ == "__main__":
    main()
