"""Many clients at once over the API: browsing, uploading and waiting, at a real web server and a real worker.

    python -m benchmarks.load
    python -m benchmarks.load --clients 8 --seconds 20 --photos 60
    PULIH_WEB_PROCESSES=4 PULIH_WEB_THREADS=4 python -m benchmarks.load --nice 0

Makes an installation in a folder that goes again, starts gunicorn and one worker as `make run` does, and lets
the clients in within --ramp seconds, which do not count. Of ten clients six browse, two upload a new picture
every few seconds (a piece of one of scikit-image's photographs, lit differently each time), and two ask for
restorations and wait for them by long poll. Says for each kind of request how many there were, how many
failed, and the median and the 95th of their times; and how many of the machine's cores worked for what. Fails
when a request failed or the 95th of the reads is over --limit. What is held back on purpose (long polls) is
no read.
"""

from __future__ import annotations

# First of all: it changes what sockets and threads are.
from locust import FastHttpUser, between, events, task  # isort: skip
from locust.env import Environment  # isort: skip

import argparse
import hashlib
import io
import json
import os
import random
import sys
import tempfile
import time
import uuid
from collections import defaultdict, deque
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import gevent
import numpy as np
import psutil
from PIL import Image
from skimage import data

from tests.processes import Installation, free_port, wait_for_answer

API = "/api/v1/"
PREPARE = """
import io, json, sys
import numpy as np
from PIL import Image
from django.contrib.auth.models import User
from archive.access.scopes import Scope
from archive.services import create_api_token, create_collection
from restoration.registry.registration import register_shipped_model
from tests.factories import make_photo
photos, clients = {photos}, {clients}
register_shipped_model()
user = User.objects.create_user("siti")
collections = [create_collection(owner=user, title=f"Box {{n}}", auto_restore=False) for n in range(5)]
rng = np.random.default_rng(1)
for number in range(photos):
    file = io.BytesIO()
    small = Image.fromarray(rng.integers(0, 256, (20, 30, 3), dtype=np.uint8))
    small.resize((900, 600)).save(file, "JPEG")
    name = f"scan_{{number:04}}.jpg"
    make_photo(collection=collections[number % 5], content=file.getvalue(), filename=name)
tokens = [create_api_token(user=user, name=f"client {{n}}", scopes=list(Scope))[1] for n in range(clients)]
print(json.dumps({{"tokens": tokens, "collections": [str(each.pk) for each in collections]}}))
"""

# Those that come with scikit-image itself, and the size in pixels of the piece that is taken of one.
_PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")
_PIECE = (360, 240)

prepared: dict[str, list[str]] = {}
times: dict[str, list[float]] = defaultdict(list)
failures: dict[str, list[str]] = defaultdict(list)
uploaded: deque[str] = deque(maxlen=200)


class Member(FastHttpUser):
    """Somebody with a token. Requests are named "kind: what"."""

    abstract = True
    network_timeout = 120.0
    connection_timeout = 120.0

    def on_start(self) -> None:
        self.headers = {"Authorization": f"Token {prepared['tokens'].pop()}"}

    def ask(self, name: str, path: str, method: str = "GET", **more: Any) -> Any:
        """The answer's JSON; None where it failed, or is none."""
        headers = self.headers | more.pop("headers", {})
        url = path if path.startswith("/") else f"{API}{path}"
        answer = self.client.request(method, url, name=name, headers=headers, **more)
        is_json = "json" in (answer.headers or {}).get("content-type", "")
        return answer.json() if is_json and answer.status_code < 300 else None


class Browser(Member):
    """Looks around: lists, words, single photos, files."""

    weight = 6
    wait_time = between(1, 3)

    def on_start(self) -> None:
        super().on_start()
        self.seen: list[str] = []
        self.next = ""

    @task(2)
    def collections(self) -> None:
        self.ask("read: collections", "collections/")

    @task(5)
    def photos(self) -> None:
        found = self.ask("read: photos", f"collections/{random.choice(prepared['collections'])}/photos/")
        if found:
            self.seen = [photo["id"] for photo in found["results"]] or self.seen
            self.next = (found["next"] or "").partition(API)[2]

    @task(2)
    def next_page(self) -> None:
        if self.next:
            self.ask("read: next page", self.next)
            self.next = ""

    @task(3)
    def words(self) -> None:
        self.ask("read: search", f"photos/?q=scan_00{random.randrange(100):02}")

    @task(5)
    def photo(self) -> None:
        if self.seen:
            photo = random.choice(self.seen)
            self.ask("read: photo", f"photos/{photo}/")
            self.ask("read: restorations", f"photos/{photo}/restorations/")

    @task(4)
    def thumbnail(self) -> None:
        if self.seen:
            self.ask("read: thumbnail", f"photos/{random.choice(self.seen)}/renditions/thumbnail/")

    @task(1)
    def original(self) -> None:
        if self.seen:
            self.ask("read: original", f"photos/{random.choice(self.seen)}/original/")


class Sender(Member):
    """Sends pictures, none twice."""

    weight = 2
    wait_time = between(4, 8)
    size = (1200, 800)

    @task
    def send(self) -> None:
        content = picture(self.size)
        sent = self.ask(
            "upload: photo",
            f"collections/{random.choice(prepared['collections'])}/photos/",
            "POST",
            files={"file": (f"{uuid.uuid4().hex}.jpg", content, "image/jpeg")},
            data={"sha256": hashlib.sha256(content).hexdigest()},
            headers=new_key(),
        )
        if sent:
            uploaded.append(sent["id"])


class Waiter(Member):
    """Asks for the restoration of a picture that came in, and waits for it."""

    weight = 2
    wait_time = between(1, 2)

    @task
    def restore(self) -> None:
        if not uploaded:
            return
        begun = self.ask(
            "start: restoration",
            f"photos/{uploaded.popleft()}/restorations/",
            "POST",
            json={"quick": True},
            headers=new_key(),
        )
        version = ""
        while begun:
            path = f"restorations/{begun['id']}/progress/?wait=25&after={version}"
            told = self.ask("wait: long poll", path)
            if told is None or told["status"] not in {"queued", "running"}:
                self.ask("read: restoration", f"restorations/{begun['id']}/")
                return
            if told["version"] == version:
                # Too many wait already: come back as the answer says.
                gevent.sleep(5)
            version = told["version"]


def new_key() -> dict[str, str]:
    """A header by which a request that is sent again is known."""
    return {"Idempotency-Key": str(uuid.uuid4())}


def picture(size: tuple[int, int]) -> bytes:
    """A photograph that was never there before; as a JPEG of 1200 x 800 pixels, 50 to 150 kB."""
    chance = np.random.default_rng()
    whole = _photographs()[chance.integers(len(_PHOTOGRAPHS))]
    width, height = _PIECE
    left, top = chance.integers(whole.width - width + 1), chance.integers(whole.height - height + 1)
    light = chance.uniform(0.8, 1.1)
    piece = whole.crop((left, top, left + width, top + height)).point(lambda value: value * light)
    file = io.BytesIO()
    piece.resize(size, Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
    return file.getvalue()


@cache
def _photographs() -> list[Image.Image]:
    return [Image.fromarray(getattr(data, name)()).convert("RGB") for name in _PHOTOGRAPHS]


def _note(name: str, response_time: float, exception: Exception | None, **_more: Any) -> None:
    times[name].append(response_time)
    if exception:
        failures[name].append(str(exception))


def run(address: str, *, clients: int, seconds: float, ramp: float) -> dict[str, float]:
    """Let them loose; cores that each part of the machine's work took meanwhile."""
    environment = Environment(user_classes=[Browser, Sender, Waiter], events=events, host=address)
    environment.events.request.add_listener(_note)
    runner = environment.create_local_runner()
    runner.start(clients, spawn_rate=clients / ramp)
    gevent.sleep(ramp)
    times.clear()
    failures.clear()
    began, before = time.monotonic(), _computed()
    gevent.sleep(seconds)
    took, after = time.monotonic() - began, _computed()
    # What was asked for until here counts; what is cut off now does not.
    environment.events.request.remove_listener(_note)
    runner.quit()
    return {part: (after[part] - before.get(part, 0)) / took for part in after}


def _computed() -> dict[str, float]:
    """Seconds on a processor so far, by what for."""
    found: dict[str, float] = defaultdict(float)
    this = psutil.Process()
    found["these clients"] = sum(this.cpu_times()[:2])
    for process in this.children(recursive=True):
        try:
            part = "web" if "gunicorn" in " ".join(process.cmdline()) else "worker"
            found[part] += sum(process.cpu_times()[:2])
        except psutil.Error:
            continue
    return found


def report(cores: dict[str, float], *, seconds: float, limit: float) -> bool:
    """Say what came of it; whether it is within bounds."""
    print(f"{'request':28}{'requests':>10}{'errors':>8}{'a second':>10}{'p50 ms':>10}{'p95 ms':>10}")
    for name in sorted(times):
        _line(name, times[name], len(failures[name]), seconds)
    kinds = sorted({name.partition(":")[0] for name in times})
    for kind in kinds:
        names = [name for name in times if name.startswith(f"{kind}:")]
        errors = sum(len(failures[name]) for name in names)
        _line(f"all: {kind}", [each for name in names for each in times[name]], errors, seconds)
    print("cores: " + ", ".join(f"{part} {share:.2f}" for part, share in sorted(cores.items())))
    for name, told in failures.items():
        for sentence in sorted(set(told))[:5]:
            print(f"{name}: {sentence} ({told.count(sentence)} times)")
    reads = [each for name in times if name.startswith("read:") for each in times[name]]
    slow, failed = _p95(reads), sum(map(len, failures.values()))
    verdict = "met" if slow < limit and not failed else "NOT met"
    print(f"bar: reads' p95 < {limit:.0f} ms and no error: {slow:.0f} ms, {failed} errors: {verdict}")
    return verdict == "met"


def _line(name: str, took: list[float], errors: int, seconds: float) -> None:
    figures = (
        f"{len(took):>10}{errors:>8}{len(took) / seconds:>10.1f}{median(took):>10.0f}{_p95(took):>10.0f}"
    )
    print(f"{name:28}{figures}")


def _p95(took: list[float]) -> float:
    return quantiles(took, n=20, method="inclusive")[18] if len(took) > 1 else sum(took)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--ramp", type=float, default=15)
    parser.add_argument("--photos", type=int, default=500, help="that are there from the beginning")
    parser.add_argument("--limit", type=float, default=300, help="milliseconds that the reads' 95th may take")
    parser.add_argument("--nice", type=int, default=10, help="how far the worker steps back")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        options = {name: value for name, value in os.environ.items() if name.startswith("PULIH_WEB_")}
        options["PULIH_WORKER_NICE"] = str(asked.nice)
        installation = Installation(Path(folder), PULIH_PORT=str(port), PULIH_DEBUG="false", **options)
        installation.environment["PULIH_STATIC_DIR"] = str(Path(folder) / "static")
        installation.manage("migrate", "--verbosity", "0")
        script = PREPARE.format(photos=asked.photos, clients=asked.clients)
        prepared.update(
            json.loads(installation.manage("shell", "--verbosity", "0", "-c", script).splitlines()[-1])
        )
        try:
            installation.start("-m", "config.local_run", "worker")
            log = installation.start(
                "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi:application"
            )
            address = f"http://127.0.0.1:{port}"
            wait_for_answer(f"{address}{API}schema/", log)
            cores = run(address, clients=asked.clients, seconds=asked.seconds, ramp=asked.ramp)
        finally:
            installation.stop()
    sys.exit(0 if report(cores, seconds=asked.seconds, limit=asked.limit) else 1)


if __name__ == "__main__":
    main()
