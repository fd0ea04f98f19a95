"""A disk that fills up beneath everything, database and files, while web and workers are at it; a real one.

    unshare -rm .venv/bin/python -m benchmarks.full_disk

An installation on a file system in memory (--mebibytes), on SQLite. Again and again nearly all that is free
is taken, down to the last byte, and clients go on: uploads, requests for restorations, decisions. Each must
get what it asked for, be told that there is no room (507) or to come again (503, 409); whoever only looks is
never refused. Then there is room again: the same must work, all restorations must come to their end, and
nothing may be lost, doubled or half there. Ends with 1 when that does not hold.

Mounting needs a name space of one's own (`unshare -rm`) or root. tests/archive/test_full_disk.py and
tests/operation/test_full_database.py have what can be had without.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from benchmarks.faults import Cluster
from benchmarks.verdict import complaints
from tests import pictures
from tests.processes import Installation, free_port, wait_for_answer, wait_until

SECONDS_FULL = 12.0
FINAL_WITHIN_SECONDS = 400
_REFUSALS = {409, 503, 507}
_NO_ROOM = "restoration:engine:no-room"

PREPARE = """
import os
from benchmarks.standing import prepare
from archive.models import Collection
from archive.access.scopes import Scope
from archive.services import create_api_token
prepare(title="Full", photos=2 * int(os.environ["ROUNDS"]), weights=os.environ["WEIGHTS"])
album = Collection.objects.get()
_token, key = create_api_token(user=album.owner, name="full", scopes=list(Scope))
print(key, album.pk, *album.photos.values_list("pk", flat=True))
"""

LOOK = """
import json
from benchmarks.standing import files, history, restorations, swept
print(json.dumps(swept() | restorations() | files() | history()))
"""


class Disk:
    """A file system of its own in memory, mounted at `folder`, and what takes its room."""

    def __init__(self, folder: Path, mebibytes: int) -> None:
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)], check=True)
        self._ballast = folder / "ballast"
        self.folder = folder

    def fill(self, left: int) -> None:
        """Take all that is free but for `left` KiB."""
        with self._ballast.open("ab") as file:
            while (free := self.free - left * 1024) > 0:
                try:
                    file.write(bytes(min(free, 65536)))
                    file.flush()
                except OSError:
                    return  # somebody else was quicker

    @property
    def free(self) -> int:
        """Bytes."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def give_room(self) -> None:
        self._ballast.unlink()


class Clients:
    """What people do, by the API, and what they are told."""

    def __init__(self, address: str, key: str, collection: str, photos: list[str]) -> None:
        self._api = httpx.Client(
            base_url=f"{address}/api/v1", headers={"Authorization": f"Token {key}"}, timeout=90
        )
        self._collection = collection
        self._photos = photos
        self._number = 0
        self.told: Counter[str] = Counter()
        self.uploaded: set[str] = set()
        self.asked: list[str] = []

    def upload(self) -> bool:
        self._number += 1
        content = pictures.png(pictures.portrait(200, 150, seed=self._number))
        answer = self._say(
            "upload", f"/collections/{self._collection}/photos/", files={"file": ("one.png", content)}
        )
        if answer.status_code == 201:
            self.uploaded.add(answer.json()["id"])
        return answer.status_code == 201

    def restore(self) -> bool:
        """Ask for the next photo's restoration."""
        answer = self._say("restore", f"/photos/{self._photos[0]}/restorations/", json={})
        if answer.is_success:
            self.asked.append(self._photos.pop(0))
        return answer.is_success

    def retry(self) -> None:
        """Ask again for what failed for want of room."""
        self._say("retry", f"/collections/{self._collection}/progress/retry/", json={})

    def decide(self, restoration: str) -> bool:
        answer = self._say(
            "decide",
            f"/restorations/{restoration}/reviews/",
            json={"decision": "approved", "comment": "x" * 1500},
        )
        return answer.is_success

    def _say(self, what: str, path: str, **content: Any) -> httpx.Response:
        answer = self._api.post(path, **content)
        code = "" if answer.is_success else answer.json().get("code", "")
        self.told[f"{what}: {answer.status_code} {code}".strip()] += 1
        return answer

    def look(self) -> int:
        """Look at a list."""
        answer = self._api.get(f"/collections/{self._collection}/photos/")
        self.told[f"look: {answer.status_code}"] += 1
        return answer.status_code

    @property
    def unclear(self) -> dict[str, int]:
        """Answers that are none; whoever only looks must not be refused at all."""
        return {
            said: times
            for said, times in self.told.items()
            if int(said.split()[1]) >= 300
            and (said.startswith("look") or int(said.split()[1]) not in _REFUSALS)
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mebibytes", type=int, default=96)
    parser.add_argument(
        "--left", type=int, nargs="+", default=[0, 16, 64, 128, 256, 512], help="KiB, each round"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pulih-full-disk-") as name:
        disk = Disk(Path(name) / "disk", options.mebibytes)
        try:
            return run(disk, options.left, weights=Path(name) / "untrained.safetensors")
        finally:
            subprocess.run(["umount", "--lazy", str(Path(name) / "disk")], check=True)


def run(disk: Disk, rounds: list[int], *, weights: Path) -> int:
    installation = Installation(
        disk.folder,
        PULIH_PORT=str(free_port()),
        PULIH_WEB_PROCESSES="1",
        PULIH_LEASE_SECONDS="15",
        PULIH_WORKERS="1",
        PULIH_ENGINE="torch",
        PULIH_TORCH_THREADS="1",
        PULIH_INVENTION_PASSES="0",
        WEIGHTS=str(weights),
        ROUNDS=str(len(rounds)),
    )
    installation.manage("migrate", "--verbosity", "0")
    key, collection, *photos = _shell(installation, PREPARE).split()
    installation.manage("register_model", str(weights))
    address = f"http://127.0.0.1:{installation.environment['PULIH_PORT']}"
    clients = Clients(address, key, collection, photos)
    web = installation.start("-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi:application")
    cluster = Cluster(installation.start("-m", "config.local_run", "worker"))
    try:
        wait_for_answer(f"{address}/health/live", web)
        for left in rounds:
            _round(installation, disk, clients, left)
        found = json.loads(_shell(installation, LOOK))
    except AssertionError as error:
        print(f"{error}\n{web.read_text()[-6000:]}\n{cluster.told()[-6000:]}\n{dict(clients.told)}")
        return 1
    finally:
        installation.stop()
    found["unexpected failures"] = sorted(set(found["unexpected failures"]) - {_NO_ROOM})
    wrong = complaints(found | {"photos lost": _lost(installation, clients)})
    if clients.unclear:
        wrong.append(f"unclear answers: {clients.unclear}")
    print(json.dumps({"told": clients.told, "found": found, "wrong": wrong}, indent=2))
    return 1 if wrong else 0


def _round(installation: Installation, disk: Disk, clients: Clients, left: int) -> None:
    clients.restore()
    disk.fill(left)
    until = time.monotonic() + SECONDS_FULL
    while time.monotonic() < until:
        clients.upload()
        clients.look()
        for restoration in _waiting(installation)[:1]:
            clients.decide(restoration)
        disk.fill(left)
    clients.restore()
    disk.give_room()
    assert clients.upload(), "there is room again, and an upload is refused"
    wait_until(lambda: not _moving(installation), seconds=FINAL_WITHIN_SECONDS, what="an end of all")
    clients.retry()
    wait_until(lambda: not _moving(installation), seconds=FINAL_WITHIN_SECONDS, what="an end of what failed")
    done = {photo for (photo,) in installation.rows(f"{_PHOTOS} status = 'done'")}
    missing = {photo.replace("-", "") for photo in clients.asked} - done
    assert not missing, f"there is room again, and these are not restored: {missing}"
    # One is left for the next round, in which there is no room.
    for restoration in _waiting(installation)[1:]:
        assert clients.decide(restoration), "there is room again, and a decision is refused"
    print(f"{left} KiB: {dict(clients.told)}", flush=True)


_PHOTOS = "SELECT photo_id FROM restoration_restoration WHERE"


def _waiting(installation: Installation) -> list[str]:
    """Restorations that nobody has decided about."""
    rows = installation.rows(
        "SELECT id FROM restoration_restoration WHERE status = 'done' AND review_state = 'unreviewed'"
    )
    return [str(UUID(key)) for (key,) in rows]


def _moving(installation: Installation) -> bool:
    return bool(installation.rows(f"{_PHOTOS} status IN ('queued', 'running')"))


def _lost(installation: Installation, clients: Clients) -> int:
    here = {photo for (photo,) in installation.rows("SELECT id FROM archive_photo")}
    return len({photo.replace("-", "") for photo in clients.uploaded} - here)


def _shell(installation: Installation, script: str) -> str:
    return installation.manage("shell", "--verbosity", "0", "-c", script).strip()


if __name__ == "__main__":
    sys.exit(main())
