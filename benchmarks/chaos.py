"""Restorations while processes of the queue are killed (SIGKILL) at random moments: the worker, the monitor,
the pusher, the guard, the watchdog that keeps the guard, or all of them at once.

    python -m benchmarks.chaos --rounds 100 --jobs 20 --seed 1
    python -m benchmarks.chaos --clusters 2 --kinds machine --kills 1 --rounds 1 --jobs 200 \
        --database postgres://pulih@127.0.0.1:5432/empty

Each round asks for `--jobs` restorations of tiny pictures and kills `--kills` times. The cluster runs as in
`make run`, so it has to start again by itself. Then, within five minutes of the last kill, every restoration
must have ended, once: with a result whose file is there, or put aside after three attempts; the cluster must
be alive, and the working folder empty once the sweep, which comes hourly, has been there. Ends with 1 when
anything is lost or doubled.

A "machine" is one of several clusters with all that would start it again: it goes when half of the round's
work is done, and the others have to finish what it had in hand. Another one comes before the next round.

It works in a temporary folder, on SQLite there unless an empty `--database` is named. Leases are shorter than
in production (`--lease 15`) so that a hundred rounds end the same day.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from benchmarks.faults import KINDS, Cluster
from benchmarks.verdict import complaints
from tests.processes import Installation, wait_until

FINAL_WITHIN_SECONDS = 300
SHOWS_LIFE_WITHIN_SECONDS = 30
LONGEST_PAUSE_SECONDS = 8.0

PREPARE = """
import os
from benchmarks.standing import prepare
prepare(title="Chaos", photos=int(os.environ["JOBS"]), weights=os.environ["WEIGHTS"])
"""

ASK = """
from archive.models import Collection
from restoration.services import request_restorations
collection = Collection.objects.select_related("owner").get(title="Chaos")
photos = list(collection.photos.values_list("pk", flat=True))
print(request_restorations(photos=photos, requested_by=collection.owner).queued)
"""

LOOK = """
import json
from benchmarks.standing import files, restorations, swept
print(json.dumps(swept() | restorations() | files()))
"""


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="pulih-chaos-") as name:
        return run(Path(name), options)


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Those `given`, else those of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--kills", type=int, default=3, help="in each round")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS[:-1], help="what is killed")
    parser.add_argument("--clusters", type=int, default=1, help="that share the work")
    parser.add_argument("--database", default="", help="address of an empty database, instead of SQLite")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--lease", type=int, default=15, help="PULIH_LEASE_SECONDS")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(given)


def run(folder: Path, options: argparse.Namespace) -> int:
    chance = random.Random(options.seed)
    installation = installed(folder, options)
    clusters: list[Cluster] = []
    killed: Counter[str] = Counter()
    longest = 0.0
    try:
        for number in range(1, options.rounds + 1):
            while len(clusters) < options.clusters:
                clusters.append(Cluster(installation.start("-m", "config.local_run", "worker")))
            asked = int(installation.manage("shell", "--verbosity", "0", "-c", ASK))
            assert asked == options.jobs, f"{asked} of {options.jobs} could be asked for"
            for _ in range(options.kills):
                killed[_kill_one(installation, clusters, chance, options)] += 1
            since = time.monotonic()
            _until(lambda: not _moving(installation), "an end of all restorations", clusters)
            took = time.monotonic() - since
            longest = max(longest, took)
            beat = _last_beat(installation)
            is_alive = lambda beat=beat: _last_beat(installation) != beat  # noqa: E731
            _until(is_alive, "a sign of life", clusters, SHOWS_LIFE_WITHIN_SECONDS)
            found = json.loads(installation.manage("shell", "--verbosity", "0", "-c", LOOK))
            wrong = complaints(found | {"lost": number * options.jobs - found["rows"]})
            left = f", {found['swept']} files were left for the sweep" if found["swept"] else ""
            print(
                f"round {number}: all ended {took:.0f} s after the last kill{left} {wrong or ''}", flush=True
            )
            if wrong:
                return 1
        print(summary(found, killed, longest))
        return 0
    except AssertionError as error:
        print(error)
        return 1
    finally:
        installation.stop()


def _kill_one(
    installation: Installation, clusters: list[Cluster], chance: random.Random, options: argparse.Namespace
) -> str:
    """Wait for the moment, and kill; says what kind."""
    kind: str = chance.choice(options.kinds)
    if kind == "machine":
        _until(
            lambda: all(cluster.living("worker") for cluster in clusters),
            "workers everywhere",
            clusters,
        )
        _until(lambda: _moving(installation) <= options.jobs / 2, "half of the work", clusters)
    else:
        time.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))
    victim = chance.choice(clusters)
    _until(lambda: victim.kill(kind), f"a living {kind}", clusters)
    if kind == "machine":
        clusters.remove(victim)
    return kind


def installed(folder: Path, options: argparse.Namespace) -> Installation:
    """An installation with as many tiny photos as there are jobs, and a small untrained model."""
    weights = folder / "untrained.safetensors"
    installation = Installation(
        folder,
        PULIH_LEASE_SECONDS=str(options.lease),
        PULIH_WORKERS=str(options.workers),
        PULIH_WORKER_NICE="0",
        PULIH_ENGINE="torch",
        PULIH_TORCH_THREADS="1",
        PULIH_INVENTION_PASSES="0",
        JOBS=str(options.jobs),
        WEIGHTS=str(weights),
    )
    if options.database:
        installation.environment["DATABASE_URL"] = options.database
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("shell", "--verbosity", "0", "-c", PREPARE)
    installation.manage("register_model", str(weights))
    return installation


def summary(found: dict[str, object], killed: Counter[str], longest: float) -> str:
    """What there was, as JSON."""
    kept = {name: found[name] for name in ("rows", "done", "put aside", "attempts", "files")}
    kept |= {"killed": dict(killed), "longest until all had ended, s": round(longest)}
    return json.dumps(kept, indent=2)


def _until(
    condition: Callable[[], bool],
    what: str,
    clusters: list[Cluster],
    seconds: float = FINAL_WITHIN_SECONDS,
) -> None:
    try:
        wait_until(condition, seconds=seconds, what=what)
    except AssertionError as error:
        told = "\n".join(cluster.told()[-6000:] for cluster in clusters)
        raise AssertionError(f"{error}\n{told}") from None


def _moving(installation: Installation) -> int:
    query = "SELECT count(*) FROM restoration_restoration WHERE status IN ('queued', 'running')"
    return int(installation.rows(query)[0][0])


def _last_beat(installation: Installation) -> object:
    return installation.rows("SELECT max(beat_at) FROM archive_clusterbeat")[0][0]


if __name__ == "__main__":
    sys.exit(main())
