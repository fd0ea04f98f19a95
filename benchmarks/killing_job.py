"""How long a picture that kills every worker which tries it keeps the others waiting, with production's
leases, sweeps and engine.

    python -m benchmarks.killing_job --others 20

One large picture is asked for of one worker, and behind it, at each of its attempts, many small ones.
Whenever the large one is under way (five per cent of it), its worker is killed (SIGKILL), as for want of
memory. It must be put aside after three attempts, every other one must be done at its first, and the others
may lose 60 seconds at most: that is, from each start of the large one until the next of the others starts,
which counts the computing, the kill, the new worker and its loading of the model. Ends with 1 when that does
not hold.

Works in a temporary folder, on SQLite. Every attempt takes two minutes or three: the lease must run out, and
the sweep comes each minute.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from benchmarks.faults import Cluster
from benchmarks.verdict import complaints
from tests.processes import Installation, wait_until

MOST_LOST_SECONDS = 60
ATTEMPTS = 3
# Lease and sweep, twice over on a machine that has other work.
_NEXT_ATTEMPT_SECONDS = 400.0
_UNDER_WAY_PERCENT = 5

PREPARE = """
import os
from restoration.registry.registration import register_shipped_model
from restoration.services import request_restoration
from tests import pictures
from tests.factories import make_collection, make_photo
register_shipped_model()
album = make_collection(title="Killing job", auto_restore=False)
large = make_photo(collection=album, content=pictures.png(pictures.portrait(1800, 1800)))
for _ in range(3 * int(os.environ["OTHERS"])):
    make_photo(collection=album)
print(request_restoration(photo=large, requested_by=album.owner).pk)
"""

ASK = """
import os
from archive.models import Collection
from restoration.services import request_restorations
album = Collection.objects.select_related("owner").get(title="Killing job")
others = album.photos.filter(restorations=None).values_list("pk", flat=True)
request_restorations(photos=list(others[:int(os.environ["OTHERS"])]), requested_by=album.owner)
"""

LOOK = """
import json
from benchmarks.standing import files, history, restorations, swept
print(json.dumps(swept() | restorations() | files() | history()))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--others", type=int, default=20, help="at each attempt")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pulih-killing-job-") as name:
        return run(Path(name), others=options.others)


def run(folder: Path, *, others: int) -> int:
    installation = Installation(folder, PULIH_WORKERS="1", PULIH_WORKER_NICE="0", OTHERS=str(others))
    installation.manage("migrate", "--verbosity", "0")
    deadly = installation.manage("shell", "--verbosity", "0", "-c", PREPARE).split()[-1].replace("-", "")
    installation.manage("shell", "--verbosity", "0", "-c", ASK)
    cluster = Cluster(installation.start("-m", "config.local_run", "worker"))
    try:
        begun = [_kill(installation, cluster, deadly)]
        for _ in range(ATTEMPTS - 1):
            installation.manage("shell", "--verbosity", "0", "-c", ASK)
            begun.append(_kill(installation, cluster, deadly))
        wait_until(
            lambda: not _rows(installation, "status IN ('queued', 'running')"),
            seconds=_NEXT_ATTEMPT_SECONDS,
            what="an end of all",
        )
    except AssertionError as error:
        print(f"{error}\n{cluster.told()[-6000:]}")
        return 1
    finally:
        installation.stop()
    started = sorted(
        _moment(moment)
        for key, moment in _rows(installation, "status = 'done' AND attempts = 1")
        if key != deadly
    )
    waits = [
        min((each - moment).total_seconds() for each in started if each > moment)
        if moment < started[-1]
        else 0
        for moment in begun
    ]
    found = json.loads(installation.manage("shell", "--verbosity", "0", "-c", LOOK))
    wrong = complaints(found)
    if len(started) != ATTEMPTS * others or found["put aside"] != 1:
        wrong.append(f"{len(started)} of the others done at their first attempt, {found['put aside']} aside")
    if sum(waits) > MOST_LOST_SECONDS:
        wrong.append(f"the others lost {sum(waits):.1f} s")
    told = {
        "others": ATTEMPTS * others,
        "deaths while others waited": sum(wait > 0 for wait in waits),
        "lost by each, s": [round(wait, 1) for wait in waits],
        "lost by all, s": round(sum(waits), 1),
        "wrong": wrong,
    }
    print(json.dumps(told, indent=2))
    return 1 if wrong else 0


def _kill(installation: Installation, cluster: Cluster, deadly: str) -> datetime:
    """Wait for the next attempt, and kill its worker; returns when the attempt began."""
    under_way = f"id = '{deadly}' AND status = 'running' AND progress >= {_UNDER_WAY_PERCENT}"
    wait_until(lambda: _rows(installation, under_way), seconds=_NEXT_ATTEMPT_SECONDS, what="the next attempt")
    worker = cluster.living("worker")[-1]
    os.kill(worker, signal.SIGKILL)
    ((_key, moment),) = _rows(installation, f"id = '{deadly}' AND status = 'running'")
    print(f"killed {worker}, whose attempt began at {moment}", flush=True)
    # It is under way, as far as its row says, until the sweep comes.
    wait_until(lambda: not _rows(installation, under_way), seconds=_NEXT_ATTEMPT_SECONDS, what="a sweep")
    return _moment(moment)


def _rows(installation: Installation, condition: str) -> list[tuple[str, str]]:
    return [
        (str(key), str(moment))
        for key, moment in installation.rows(
            f"SELECT id, started_at FROM restoration_restoration WHERE {condition}"
        )
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


if __name__ == "__main__":
    sys.exit(main())
