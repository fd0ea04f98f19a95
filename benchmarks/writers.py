"""Many writers on one SQLite database beside a running cluster: nobody may find it locked.

    python -m benchmarks.writers --writers 8 --transactions 500

Every writer is a process of its own, and every transaction what a person's click does: it describes a photo,
which also writes an event and the catalogue, and hands the queue a message, which the cluster takes and
acknowledges meanwhile. Says how long a transaction took, and ends with 1 when one was refused, or when a
process of the cluster was. It works in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.processes import ROOT, Installation, wait_until

PREPARE = """
import os
from django.contrib.auth.models import User
from tests.factories import make_collection, make_photo
collection = make_collection(owner=User.objects.create_user("writer"), title="Writers", auto_restore=False)
for _ in range(int(os.environ["WRITERS"])):
    make_photo(collection=collection)
"""

WRITE = """
import json, os, sys, time
from django_q.tasks import async_task
from archive.models import Collection
from archive.services import describe_photo
collection = Collection.objects.select_related("owner").get(title="Writers")
photo = collection.photos.order_by("pk")[int(os.environ["WRITER"])]
took, refused = [], []
for number in range(int(os.environ["TRANSACTIONS"])):
    began = time.monotonic()
    try:
        describe_photo(photo=photo, actor=collection.owner, title=f"Title {number}")
        async_task("operator.add", number, 1)
    except Exception as error:
        refused.append(str(error))
    took.append(time.monotonic() - began)
print(json.dumps({"took": took, "refused": refused}))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--transactions", type=int, default=500, help="of each writer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pulih-writers-") as folder:
        return run(Path(folder), options.writers, options.transactions)


def run(folder: Path, writers: int, transactions: int) -> int:
    installation = Installation(
        folder,
        PULIH_QUEUE_LOG_LEVEL="WARNING",
        WRITERS=str(writers),
        TRANSACTIONS=str(transactions),
    )
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("shell", "--verbosity", "0", "-c", PREPARE)
    log = installation.start("manage.py", "qcluster")
    began = time.monotonic()
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", WRITE]
    started = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=installation.environment | {"WRITER": str(number)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(writers)
    ]
    try:
        found = [json.loads(writer.communicate()[0].splitlines()[-1]) for writer in started]
        wrote = time.monotonic() - began
        wait_until(
            lambda: installation.rows("SELECT count(*) FROM django_q_ormq") == [(0,)],
            seconds=1800,
            what="an empty queue",
        )
        worked = time.monotonic() - began
    finally:
        for writer in started:
            writer.kill()
        installation.stop()
    took = sorted(seconds for each in found for seconds in each["took"])
    refused = [error for each in found for error in each["refused"]]
    in_cluster = log.read_text().count("database is locked")
    print(
        f"{len(took)} transactions of {writers} writers in {wrote:.0f} s, with starting them: median "
        f"{1000 * took[len(took) // 2]:.0f} ms, 99 % within {1000 * took[len(took) * 99 // 100]:.0f} ms, "
        f"longest {1000 * took[-1]:.0f} ms; the cluster was through with them after {worked:.0f} s; "
        f"{len(refused)} refused {refused[:1] or ''}; "
        f"the cluster found the database locked {in_cluster} times"
    )
    return 1 if refused or in_cluster else 0


if __name__ == "__main__":
    sys.exit(main())
