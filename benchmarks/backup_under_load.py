"""Backups of an archive at work: writers in processes of their own upload and delete for good, without a
pause, while one backup after the other is made; then each is restored elsewhere and compared.

    python -m benchmarks.backup_under_load --writers 2 --backups 3 --photos 200 --incremental
    python -m benchmarks.backup_under_load --server postgres://pulih@127.0.0.1:5432/postgres

It works in a temporary folder, on SQLite there unless a `--server` of PostgreSQL is named, on which it makes
databases and drops them again. With `--incremental` each backup links to the one before it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.databases import new_database
from tests.processes import ROOT, Installation, wait_until

PREPARE = """
from django.contrib.auth.models import User
from archive.services import create_collection
create_collection(owner=User.objects.create_user("writer"), title="Load", auto_restore=False)
"""

# Keeps every second photo, and deletes the others for good; says what it did when it is told to stop.
WRITE = """
import io, os, pathlib, random
from PIL import Image
from archive.models import Collection
from archive.services import delete_photo, ingest_photo, purge_photo
stop, limit = pathlib.Path(os.environ["STOP"]), int(os.environ["PHOTOS"])
collection = Collection.objects.select_related("owner").get(title="Load")
kept = gone = 0
while kept < limit or not stop.exists():
    file = io.BytesIO()
    Image.frombytes("RGB", (200, 150), random.randbytes(90000)).save(file, "PNG")
    file.seek(0)
    photo = ingest_photo(collection=collection, uploaded_by=collection.owner, file=file, filename="load.png")
    if kept > gone:
        delete_photo(photo=photo, actor=collection.owner)
        purge_photo(photo=photo)
        gone += 1
    else:
        kept += 1
    if kept == limit:
        pathlib.Path(os.environ["STOP"] + "-warm").touch()
print(kept, gone)
"""

LOOK = """
import json
from archive.models import Photo
from benchmarks.standing import files, history
print(json.dumps({"photos": Photo.objects.count()} | files() | history()))
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--backups", type=int, default=3)
    parser.add_argument("--photos", type=int, default=200, help="kept by each writer before the first backup")
    parser.add_argument("--incremental", action="store_true")
    parser.add_argument(
        "--server", default="", help="address of a database of PostgreSQL, to make others beside"
    )
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        return measure(folder, options, stack)


def measure(folder: Path, options: argparse.Namespace, stack: ExitStack) -> int:
    stop = folder / "stop"
    home = installation(folder / "home", options.server, stack)
    home.environment |= {"STOP": str(stop), "PHOTOS": str(options.photos)}
    home.manage("migrate", "--verbosity", "0")
    home.manage("shell", "--command", PREPARE)
    writers = [start_writer(home) for _ in range(options.writers)]
    try:
        wait_until((folder / "stop-warm").exists, seconds=3600, what="enough photos")
        for number in range(options.backups):
            begun = time.monotonic()
            how = ["--incremental"] if options.incremental else []
            print(home.manage("backup", str(folder / f"backup-{number}"), *how).strip())
            print(
                f"    in {time.monotonic() - begun:.1f} s, with {options.writers} writers at work; "
                f"{own_bytes(folder / f'backup-{number}') / 1e6:.1f} MB of its own"
            )
        stop.touch()
        for writer in writers:
            print("a writer kept and deleted for good:", writer.communicate()[0].strip())
    finally:
        for writer in writers:
            writer.kill()
    good = True
    for number in range(options.backups):
        away = installation(folder / f"away-{number}", options.server, stack)
        begun = time.monotonic()
        away.manage("restore", str(folder / f"backup-{number}"))
        seconds = time.monotonic() - begun
        found = json.loads(away.manage("shell", "--command", LOOK).splitlines()[-1])
        print(f"backup {number}, restored in {seconds:.1f} s: {found}")
        good &= not (found["wrong"] or found["strangers"] or found["faults in the history"])
    print("all consistent" if good else "NOT CONSISTENT")
    return 0 if good else 1


def own_bytes(backup: Path) -> int:
    """Of files that no other backup has a link to when this one was made."""
    return sum(
        each.stat().st_size for each in backup.rglob("*") if each.is_file() and each.stat().st_nlink == 1
    )


def installation(folder: Path, server: str, stack: ExitStack) -> Installation:
    folder.mkdir()
    if not server:
        return Installation(folder)
    name = f"pulih_backup_{os.getpid()}_{folder.name}".replace("-", "_")
    return Installation(folder, DATABASE_URL=stack.enter_context(new_database(server, name)))


def start_writer(home: Installation) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "shell", "--command", WRITE]
    return subprocess.Popen(command, cwd=ROOT, env=home.environment, stdout=subprocess.PIPE, text=True)


if __name__ == "__main__":
    sys.exit(main())
