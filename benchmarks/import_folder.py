"""`import_folder` of many files, killed in the middle with SIGKILL and run again: how fast, how much memory,
and whether anything is doubled or lost.

    python -m benchmarks.import_folder --files 10000 --kills 1

Small JPEGs and PNGs, brown as old prints, are made in a temporary folder; a hundredth are no pictures,
and a hundredth the same as another. It works on SQLite.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageOps

from tests.processes import ROOT, Installation

LOOK = """
import collections, hashlib, json
from archive.events.verification import verify_chain
from archive.files.holdings import holdings
from archive.models import Event, ImportItem, ImportRun, Original, Photo
from tests.stored import path_of
wrong = sum(hashlib.sha256(path_of(each.file).read_bytes()).hexdigest() != each.sha256 for each in holdings())
run = ImportRun.objects.get()
print(json.dumps({
    "state": run.state,
    "outcomes": dict(collections.Counter(ImportItem.objects.values_list("outcome", flat=True))),
    "paths": sorted(ImportItem.objects.values_list("path", flat=True)),
    "photos": sorted(Photo.objects.values_list("original__sha256", flat=True)),
    "originals": Original.objects.count(),
    "events": Event.objects.filter(kind="photo-ingested").count(),
    "wrong": wrong,
    "faults": len(list(verify_chain())),
}))
"""


@dataclass
class Figures:
    """What was measured: seconds of all runs together, files at each kill, and the largest memory (MiB)."""

    seconds: float = 0.0
    killed_at: list[int] = field(default_factory=list)
    peak_mib: float = 0.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--side", type=int, default=480, help="pixels of a picture's longer side")
    parser.add_argument("--kills", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scans = folder / "scans"
        digests = make_files(scans, options.files, options.side)
        installation = Installation(folder)
        installation.manage("migrate", "--verbosity", "0")
        installation.manage(
            "shell",
            "-v0",
            "-c",
            'from django.contrib.auth.models import User; User.objects.create_user("siti")',
        )
        figures = take(installation, scans, options.files, options.kills)
        found = json.loads(installation.manage("shell", "-v0", "-c", LOOK))
    return report(options, digests, figures, found)


def make_files(folder: Path, count: int, side: int) -> dict[str, str]:
    """{path inside the folder: SHA-256} of `count` files in folders of 250 each."""
    chance = random.Random(1)
    digests: dict[str, str] = {}
    earlier = b""
    for number in range(count):
        if number % 100 == 50:
            name, content = f"{number:05}.txt", b"a list of the scans %d" % number
        elif number % 100 == 75:
            name, content = f"{number:05}.jpg", earlier
        else:
            kind = "PNG" if number % 10 == 0 else "JPEG"
            grey = Image.frombytes("L", (60, 48), chance.randbytes(60 * 48)).resize(
                (side, side * 4 // 5), Image.Resampling.BICUBIC
            )
            file = io.BytesIO()
            ImageOps.colorize(grey, "#201810", "#f4ead8").save(file, kind)
            name, content = f"{number:05}.{kind.lower()}", file.getvalue()
            if kind == "JPEG":
                earlier = content
        path = folder / f"box-{number // 250:03}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        digests[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
    return digests


def take(installation: Installation, scans: Path, files: int, kills: int) -> Figures:
    """Run the command until it is done, killed on the way as often as it is to be."""
    figures = Figures()
    for kill in range(kills + 1):
        begun = time.monotonic()
        process = subprocess.Popen(
            [
                *(sys.executable, "manage.py", "import_folder", str(scans)),
                *("--collection", "Load", "--user", "siti", "--no-restore"),
            ],
            cwd=ROOT,
            env=installation.environment,
            stdout=subprocess.DEVNULL,
            stderr=(installation.folder / "errors.log").open("ab"),
        )
        watch = threading.Thread(target=watch_memory, args=(process, figures))
        watch.start()
        if kill < kills:
            goal = files * (kill + 1) // (kills + 1)
            while process.poll() is None and done_so_far(installation) < goal:
                time.sleep(0.2)
            process.send_signal(signal.SIGKILL)
            figures.killed_at.append(done_so_far(installation))
        process.wait()
        watch.join()
        figures.seconds += time.monotonic() - begun
        if process.returncode != (0 if kill == kills else -signal.SIGKILL):
            raise SystemExit((installation.folder / "errors.log").read_text())
    return figures


def done_so_far(installation: Installation) -> int:
    """How many files have their word."""
    return int(installation.rows("SELECT COUNT(*) FROM archive_importitem")[0][0])


def watch_memory(process: subprocess.Popen[bytes], figures: Figures) -> None:
    """Keep the largest memory that the kernel has seen of the process."""
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        try:
            text = status.read_text()
        except OSError:
            return
        for line in text.splitlines():
            if line.startswith("VmHWM"):
                figures.peak_mib = max(figures.peak_mib, int(line.split()[1]) / 1024)
        time.sleep(0.2)


def report(options: argparse.Namespace, digests: dict[str, str], figures: Figures, found: dict) -> int:
    """Print what was measured; 1 where anything was doubled, lost or changed."""
    pictures = {sha256 for path, sha256 in digests.items() if not path.endswith(".txt")}
    good = (
        found["state"] == "done"
        and found["paths"] == sorted(digests)
        and found["photos"] == sorted(pictures)
        and found["originals"] == found["events"] == len(pictures)
        and found["wrong"] == found["faults"] == 0
    )
    print(
        f"{options.files} files, {os.cpu_count()} cores: {figures.seconds:.0f} s with {options.kills} kills"
    )
    print(f"{options.files / figures.seconds:.1f} files/s, at most {figures.peak_mib:.0f} MiB")
    print(f"killed when {figures.killed_at} files had their word; outcomes {found['outcomes']}")
    print(
        "nothing doubled, nothing lost"
        if good
        else "WRONG: " + json.dumps({**found, "paths": 0, "photos": 0})
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
