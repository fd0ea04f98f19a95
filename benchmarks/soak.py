"""Hours of use while things are killed: uploads, restorations, reviews and exports over the API, and SIGKILL.

    python -m benchmarks.soak
    python -m benchmarks.soak --minutes 40 --pause 60 --json soak.json

Makes an installation in a folder that goes again, with gunicorn and the queue as `make run` has them, and
lets a few clients in that wait between their requests. Every --pause seconds or so something is killed: one
process of the queue, all of it, a process of the web, or all of the web, which is then started again. Who
gets no answer asks again with the same Idempotency-Key. Nobody's memory may grow for good, and at the end all
that clients were told of must be there, once: photos, restorations, decisions; every file has its row and
every row its files; the chain of events is whole. Exports are unpacked and verified as bags as they come.
PULIH_WORKER_NICE, PULIH_ENGINE and PULIH_INVENTION_PASSES count as everywhere.

Says for each kind of process its memory: resident, and without what it shares with others and with files
("private"; the database's file is read through mapped memory). How much it grows an hour is judged process by
process once they have lived for --warm-up seconds ("by age"), and by the time since the soak began for a kind
that is replaced again and again, as workers and web processes are. Ends with 1 when anything was lost or
doubled, or one grows by more than --limit.
"""

from __future__ import annotations

# First of all: locust changes what sockets and threads are.
from benchmarks import load  # isort: skip
from locust import between, constant_pacing, events, task  # isort: skip
from locust.env import Environment  # isort: skip

import argparse
import io
import json
import os
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit
import gevent

from benchmarks.faults import KINDS, Cluster
from benchmarks.memory import Memory
from benchmarks.verdict import complaints
from tests.processes import Installation, free_port, wait_for_answer, wait_until

WEB_KINDS = ("web process", "web")
PATIENCE_SECONDS = 180.0
"""How long a client asks again for what it got no answer to: a web that is killed takes a while to start."""
FINAL_WITHIN_SECONDS = 300
TAKEN_OVER = ("PULIH_WORKER_NICE", "PULIH_ENGINE", "PULIH_INVENTION_PASSES")

ledger: dict[str, Any] = {"uploads": {}, "restorations": [], "reviews": {}}
counts: Counter[str] = Counter()

LOOK = """
import json, os, pathlib
from benchmarks.standing import files, history, promises, restorations, swept
promised = promises(pathlib.Path(os.environ["LEDGER"]))
print(json.dumps(swept() | restorations() | files() | history() | promised))
"""


class Patient(load.Member):
    """Asks again until there is an answer, and writes down what it was told."""

    abstract = True

    def ask(self, name: str, path: str, method: str = "GET", **more: Any) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        headers = self.headers | more.pop("headers", {})
        url = path if path.startswith("/") else f"{load.API}{path}"
        while True:
            answer = self.client.request(method, url, name=name, headers=headers, **more)
            if answer.status_code and answer.status_code < 500:
                break
            counts["asked again"] += 1
            if time.monotonic() > deadline:
                counts["never answered"] += 1
                return None
            gevent.sleep(1)
        counts[f"{name} {answer.status_code}"] += 1
        is_json = "json" in (answer.headers or {}).get("content-type", "")
        found = answer.json() if is_json and answer.status_code < 300 else None
        if found:
            self.note(name, found, more)
        return found

    def note(self, name: str, found: Any, asked: dict[str, Any]) -> None:
        """Write down what must not be lost."""
        if name == "upload: photo":
            ledger["uploads"][found["id"]] = asked["data"]["sha256"]
        elif name == "start: restoration":
            ledger["restorations"].append(found["id"])


class Browser(Patient, load.Browser):
    fixed_count = 2


class Sender(Patient, load.Sender):
    fixed_count = 2
    wait_time = between(8, 16)
    size = (480, 320)


class Waiter(Patient, load.Waiter):
    fixed_count = 2


class Reviewer(Patient):
    """Takes what is next in the queue and decides."""

    fixed_count = 1
    wait_time = between(2, 6)

    @task
    def decide(self) -> None:
        taken = self.ask("take: next", "review/next/", "POST", headers=load.new_key())
        if not taken:
            return
        restoration = taken["restoration"]["id"]
        decision = random.choice(("approved", "approved", "rejected"))
        answer = self.ask(
            "decide: review",
            "review/decisions/",
            "POST",
            json={"decisions": [{"restoration": restoration, "decision": decision}]},
            headers=load.new_key(),
        )
        if answer:
            ledger["reviews"][restoration] = decision


class Exporter(Patient):
    """Takes some photos away as a bag, and looks whether it is one."""

    fixed_count = 1
    wait_time = constant_pacing(60)

    @task
    def export(self) -> None:
        collection = random.choice(load.prepared["collections"])
        found = self.ask("read: photos", f"collections/{collection}/photos/")
        if not found or not found["results"]:
            return
        asked = {"purpose": "keeping", "photos": [photo["id"] for photo in found["results"][:20]]}
        address = f"{load.API}collections/{collection}/export/"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = self.client.request(
                "POST", address, name="export: bag", headers=self.headers, json=asked
            )
            if answer.status_code == 200 and is_bag(answer.content):
                counts["bags"] += 1
                return
            counts["downloads that ended early"] += 1
            gevent.sleep(1)
        counts["never answered"] += 1


def is_bag(content: bytes) -> bool:
    """Whether it is a whole ZIP with a valid bag; a download that was cut off is none."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as file:
                file.extractall(folder)
        except zipfile.BadZipFile:
            return False
        (top,) = Path(folder).iterdir()
        return bool(bagit.Bag(str(top)).is_valid())


class Web:
    """gunicorn on one port, started again after it was killed."""

    def __init__(self, installation: Installation, port: int) -> None:
        self._installation = installation
        self.address = f"http://127.0.0.1:{port}"
        self.start()

    def start(self) -> None:
        command = ("-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi:application")
        log = self._installation.start(*command)
        wait_for_answer(f"{self.address}/health/live", log)

    def kill(self, kind: str) -> bool:
        """A process of it, or all, which are started again."""
        found = Memory.processes("web process" if kind == "web process" else "web: first process")
        if not found:
            return False
        if kind == "web process":
            random.choice(found).kill()
        else:
            for process in [*found, *Memory.processes("web process")]:
                process.kill()
            self.start()
        return True


def soak(asked: argparse.Namespace, installation: Installation, web: Web, cluster: Cluster) -> Memory:
    """Let clients, faults and the memory's watch loose for the time that was asked for."""
    memory = Memory(cluster, warm_up=asked.warm_up)
    environment = Environment(
        user_classes=[Browser, Sender, Waiter, Reviewer, Exporter], events=events, host=web.address
    )
    runner = environment.create_local_runner()
    runner.start(sum(each.fixed_count for each in environment.user_classes), spawn_rate=1)
    began = time.monotonic()
    watch = gevent.spawn(_every, asked.sample, memory.sample)
    faults = gevent.spawn(_inject, asked, web, cluster)
    while time.monotonic() - began < 60 * asked.minutes:
        gevent.sleep(min(60, asked.minutes * 6))
        for greenlet in (watch, faults):
            if greenlet.ready():
                greenlet.get()  # raises what it died of
        told = {kind: len(rows) for kind, rows in ledger.items()}
        print(f"{(time.monotonic() - began) / 60:.0f} minutes: {told}", flush=True)
    faults.kill()
    watch.kill()
    runner.quit()
    return memory


def _every(seconds: float, act: Callable[[], None]) -> None:
    while True:
        act()
        gevent.sleep(seconds)


def _inject(asked: argparse.Namespace, web: Web, cluster: Cluster) -> None:
    chance = random.Random(asked.seed)
    while True:
        gevent.sleep(chance.uniform(0.5, 1.5) * asked.pause)
        kind = chance.choice((*KINDS[:-1], *WEB_KINDS))
        victim = web if kind in WEB_KINDS else cluster
        wait_until(lambda kind=kind, victim=victim: victim.kill(kind), seconds=120, what=f"a living {kind}")
        counts[f"killed: {kind}"] += 1


def main() -> int:
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="pulih-soak-") as name:
        folder = Path(name)
        installation, port = _prepared(folder, asked)
        try:
            cluster = Cluster(installation.start("-m", "config.local_run", "worker"))
            memory = soak(asked, installation, Web(installation, port), cluster)
            query = "SELECT count(*) FROM restoration_restoration WHERE status IN ('queued', 'running')"
            wait_until(
                lambda: installation.rows(query)[0][0] == 0,
                seconds=FINAL_WITHIN_SECONDS,
                what="an end of all restorations",
            )
        finally:
            installation.stop()
        (folder / "ledger.json").write_text(json.dumps(ledger))
        found = json.loads(installation.manage("shell", "--verbosity", "0", "-c", LOOK))
    return report(asked, found, memory.figures())


def report(asked: argparse.Namespace, found: dict[str, Any], memory: dict[str, dict[str, float]]) -> int:
    """Say what came of it; 1 when it is not as promised."""
    whole = {"minutes": asked.minutes, "counts": dict(sorted(counts.items())), "found": found}
    print(json.dumps(whole, indent=2))
    print(f"{'process, MiB':24}" + "".join(f"{name:>18}" for name in next(iter(memory.values()))))
    for kind, figures in memory.items():
        print(f"{kind:24}" + "".join(f"{figure:>18.1f}" for figure in figures.values()))
    if asked.json:
        asked.json.write_text(json.dumps(whole | {"memory": memory}, indent=2) + "\n")
    growing = [
        f"{kind} grows by {figures['grows']:.0f} MiB an hour"
        for kind, figures in memory.items()
        if figures["grows"] > asked.limit
    ]
    wrong = complaints(found | {"answers lost": counts["never answered"]}) + growing
    print("\n".join(wrong) or "nothing lost, nothing doubled, memory flat")
    return 1 if wrong else 0


def _prepared(folder: Path, asked: argparse.Namespace) -> tuple[Installation, int]:
    port = free_port()
    installation = Installation(
        folder,
        PULIH_PORT=str(port),
        PULIH_DEBUG="false",
        PULIH_STATIC_DIR=str(folder / "static"),
        PULIH_LEASE_SECONDS=str(asked.lease),
        LEDGER=str(folder / "ledger.json"),
        **{name: os.environ[name] for name in TAKEN_OVER if name in os.environ},
    )
    installation.manage("migrate", "--verbosity", "0")
    script = load.PREPARE.format(photos=asked.photos, clients=8)
    answer = installation.manage("shell", "--verbosity", "0", "-c", script)
    load.prepared.update(json.loads(answer.splitlines()[-1]))
    return installation, port


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--pause", type=float, default=60, help="seconds between two faults, on average")
    parser.add_argument("--sample", type=float, default=15, help="seconds between two looks at the memory")
    parser.add_argument("--warm-up", type=float, default=120, help="seconds of a process that do not count")
    parser.add_argument("--photos", type=int, default=50, help="that are there from the beginning")
    parser.add_argument("--lease", type=int, default=90, help="PULIH_LEASE_SECONDS")
    parser.add_argument("--limit", type=float, default=20, help="MiB an hour that a kind of process may grow")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where the figures go, besides the screen")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
