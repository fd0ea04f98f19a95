"""What photos cost in room, processor time and rows: measured on a few, derived for up to a million.

    python -m benchmarks.capacity
    python -m benchmarks.capacity --megapixels 12 --photos 4 --rounds 2
    python -m benchmarks.capacity --database sqlite:////srv/large.sqlite3
    python -m benchmarks.capacity --measured capacity.json --plan-megapixels 24 --core-hour 0.02

Makes an installation in a folder that goes again and takes in photographs, half of them JPEG, half TIFF; has
the shipped model restore them in a real worker, and makes their tiles. Then two workers do the same again,
for the ratio; with --rounds, one and two once more, in the other order. Says bytes by kind of file, processor
time by step (of all processes that took part, since a busy machine makes other times longer), and what two
workers get done against one. With --database, rows and bytes of one that `benchmarks.gallery` made. --json
keeps what was measured; --measured derives from such a file and measures nothing.

Bytes and time of a photo grow with its pixels, those of its rows do not. What is no measurement is an
assumption with an argument of its own: the size of a scan, what a rented core, a kilowatt-hour and a gigabyte
cost, what a core draws.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path
from statistics import mean
from typing import Any

import psutil
import psycopg

from tests.processes import Installation, wait_until

SIZES = (1_000, 10_000, 40_000, 100_000, 1_000_000)
KEPT = ("originals", "renditions", "results", "repairs", "layers", "tiles")
TABLES = (
    "archive_photo",
    "archive_original",
    "archive_rendition",
    "restoration_restoration",
    "restoration_restorationentry",
    "restoration_review",
    "archive_event",
    "archive_chainlink",
    "archive_catalogueentry",
)
MOST_SECONDS = 1_800
SMALL = 0.3
"""Megapixels of the photos that workers begin with (benchmarks.contents)."""


def main() -> None:
    asked = _arguments()
    if asked.measured:
        measured = json.loads(asked.measured.read_text())
    else:
        with tempfile.TemporaryDirectory() as folder:
            measured = measure(Path(folder), asked)
    if asked.database:
        measured["database"] = rows_of(asked.database)
    if asked.json:
        asked.json.write_text(json.dumps(measured, indent=2) + "\n")
    report(measured)
    plan(measured, asked)


def measure(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """{"megapixels", "photos", "bytes": by kind and area, "cpu": seconds by step, "workers": [rounds]}."""
    installation = Installation(folder)
    installation.manage("migrate", "--verbosity", "0")
    sizes = f"megapixels={asked.megapixels}, small_megapixels={SMALL}"
    cpu = _inside(installation, f"take_in(photos={asked.photos}, {sizes})")
    rounds = [restore(folder, 1)]
    found = _inside(installation, "sizes()")
    for _ in range(asked.rounds - 1):
        rounds += [restore(folder, 2), restore(folder, 1)]
    rounds.append(restore(folder, 2))
    cpu["tiles"] = found["tiles"]
    cpu["restoration"] = mean(each["cpu_seconds"] for each in rounds)
    cpu["small restoration"] = mean(each["small_cpu_seconds"] for each in rounds if each["workers"] == 1)
    return {
        "megapixels": asked.megapixels,
        "photos": asked.photos,
        "load": os.getloadavg()[1],
        "bytes": found["bytes"],
        "cpu": cpu,
        "workers": rounds,
    }


def restore(folder: Path, workers: int) -> dict[str, float]:
    """One round, with models loaded before: {"workers", "photos", "seconds" by the clock, "cpu_seconds" of a
    photo, "small_cpu_seconds" of the second of two small ones, where one worker did it}.
    """
    installation = Installation(
        folder, PULIH_WORKERS=str(workers), PULIH_WORKER_NICE="0", PULIH_TASK_TIMEOUT_SECONDS="1800"
    )
    installation.start("-m", "config.local_run", "worker")
    try:
        ended = _ended(installation)
        small = int(_inside(installation, "ask(WARM)"))
        _until(installation, ended + 1)
        first = _computed()
        _until(installation, ended + small)
        second = _computed()
        photos = int(_inside(installation, "ask(ALBUM)"))
        _until(installation, ended + small + photos)
        last = _computed()
        ((began, ended_at),) = installation.rows(
            "SELECT min(started_at), max(finished_at) FROM (SELECT started_at, finished_at"
            f" FROM restoration_restoration ORDER BY requested_at DESC LIMIT {photos}) newest"
        )
    finally:
        installation.stop()
    figures = {
        "workers": workers,
        "photos": photos,
        "seconds": (datetime.fromisoformat(ended_at) - datetime.fromisoformat(began)).total_seconds(),
        "cpu_seconds": (last - second) / photos,
        "small_cpu_seconds": second - first,
    }
    print(figures, flush=True)
    return figures


def _ended(installation: Installation) -> int:
    """How many restorations have ended, all of them well."""
    rows = dict(installation.rows("SELECT status, count(*) FROM restoration_restoration GROUP BY status"))
    assert not rows.get("failed"), rows
    return rows.get("done", 0)


def _until(installation: Installation, ended: int) -> None:
    wait_until(lambda: _ended(installation) >= ended, seconds=MOST_SECONDS, what="an end of restorations")


def _inside(installation: Installation, call: str) -> Any:
    """What a call of `benchmarks.contents` gives in the installation."""
    script = f"import json; from benchmarks.contents import *; print(json.dumps({call}))"
    return json.loads(installation.manage("shell", "--verbosity", "0", "-c", script))


def _computed() -> float:
    """Seconds that the cluster below this process has computed, with its workers that are gone: the kernel
    adds a process's times to its parent's when it is waited for.
    """
    while True:
        try:
            return float(sum(sum(each.cpu_times()[:4]) for each in psutil.Process().children(recursive=True)))
        except psutil.NoSuchProcess:
            continue  # One was replaced at this moment; its parent has its time by now.


def rows_of(address: str) -> dict[str, Any]:
    """{"bytes": of the whole database, "rows": by table} of the one at `address`, as DATABASE_URL has it."""
    counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in TABLES)
    if address.startswith("sqlite"):
        with sqlite3.connect(address.partition("://")[2].removeprefix("/")) as file:
            ((size,),) = file.execute(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            )
            return {"bytes": size, "rows": dict(file.execute(counts))}
    with psycopg.connect(address) as server:
        ((size,),) = server.execute("SELECT pg_database_size(current_database())").fetchall()
        return {"bytes": size, "rows": dict(server.execute(counts.encode()).fetchall())}


def report(measured: dict[str, Any]) -> None:
    """What was measured, as tables."""
    pixels = measured["megapixels"]
    print(
        f"{measured['photos']} photographs of each kind, {pixels} megapixels; load {measured['load']:.1f}\n"
    )
    print("| MB a photo | " + " | ".join(KEPT) + " | together |")
    print("| --- |" + " ---: |" * (len(KEPT) + 1))
    for kind, areas in measured["bytes"].items():
        figures = [areas.get(area, 0) / 1e6 for area in KEPT]
        print(f"| {kind} | " + " | ".join(f"{each:.2f}" for each in (*figures, sum(figures))) + " |")
    print("\n| processor time | s a photo |\n| --- | ---: |")
    for step, seconds in measured["cpu"].items():
        print(f"| {step} | {seconds:.2f} |")
    for larger in (4 * pixels, 12, 24):
        print(f"| restoration of {larger:g} megapixels, derived | {restoring(measured, larger):.0f} |")
    print("\n| workers | photos | seconds | photos an hour | processor time, s a photo |")
    print("| ---: |" + " ---: |" * 4)
    for each in measured["workers"]:
        cells = [f"{each['workers']}", f"{each['photos']}", f"{each['seconds']:.0f}"]
        cells += [f"{3600 * each['photos'] / each['seconds']:.0f}", f"{each['cpu_seconds']:.1f}"]
        print("| " + " | ".join(cells) + " |")
    one, two = (_hourly(measured, workers) for workers in (1, 2))
    print(f"\nTwo workers get done {two / one:.2f} times what one does.")
    if database := measured.get("database"):
        photos = database["rows"]["archive_photo"]
        each_kb = database["bytes"] / photos / 1e3
        print(f"\n{photos} photos: {database['bytes']} bytes, {each_kb:.1f} kB a photo\n")
        print("| table | rows a photo |\n| --- | ---: |")
        for table, rows in database["rows"].items():
            print(f"| {table} | {rows / photos:.2f} |")


def _hourly(measured: dict[str, Any], workers: int) -> float:
    rounds = [each for each in measured["workers"] if each["workers"] == workers]
    return 3600 * sum(each["photos"] for each in rounds) / sum(each["seconds"] for each in rounds)


def plan(measured: dict[str, Any], asked: argparse.Namespace) -> None:
    """What follows for many photos, from the measured and the assumed."""
    scale = asked.plan_megapixels / measured["megapixels"]
    hours = (scale * measured["cpu"]["ingest"] + restoring(measured, asked.plan_megapixels)) / 3600
    database = measured.get("database")
    kilobytes = database["bytes"] / database["rows"]["archive_photo"] / 1e3 if database else None
    print(f"\nScans of {asked.plan_megapixels} megapixels, each restored once; {asked.cores} cores")
    kinds = list(measured["bytes"])
    heads = [f"{kind}, GB" for kind in kinds] + [f"with all tiles, {kind}, GB" for kind in kinds]
    heads += ["database, GB", "core hours", "days", "electricity", "rented"]
    print("| photos | " + " | ".join(heads) + " |\n| ---: |" + " ---: |" * len(heads))
    for photos in SIZES:
        kept = [_bytes(measured["bytes"][kind], scale, tiles=False) for kind in kinds]
        kept += [_bytes(measured["bytes"][kind], scale, tiles=True) for kind in kinds]
        cells = [f"{photos * each / 1e9:,.0f}" for each in kept]
        cells += [f"{photos * kilobytes / 1e6:,.2f}" if kilobytes else "?"]
        cells += [f"{photos * hours:,.0f}", f"{photos * hours / asked.cores / 24:,.1f}"]
        cells += [f"{photos * hours * price:,.1f}" for price in (_electricity(asked), asked.core_hour)]
        print(f"| {photos:,} | " + " | ".join(cells) + " |")
    thousand = 1000 * hours
    print(
        f"\nFor 1,000 photos: {thousand:.1f} core hours, {thousand * _electricity(asked):.2f} of electricity "
        f"({asked.watts} W a core, {asked.kwh} a kWh), {thousand * asked.core_hour:.2f} rented "
        f"({asked.core_hour} a core hour)"
    )
    for kind in kinds:
        kept = 1000 * _bytes(measured["bytes"][kind], scale, tiles=False) / 1e9
        print(f"{kind}: {kept * asked.gb_year:.2f} a year for {kept:.0f} GB ({asked.gb_year} a GB and year)")


def restoring(measured: dict[str, Any], megapixels: float) -> float:
    """Seconds of processor time for a scan of that size: a part for every photo, and one for its pixels."""
    cpu = measured["cpu"]
    by_pixels = (cpu["restoration"] - cpu["small restoration"]) / (measured["megapixels"] - SMALL)
    return float(cpu["restoration"] + by_pixels * (megapixels - measured["megapixels"]))


def _bytes(areas: dict[str, float], scale: float, *, tiles: bool) -> float:
    """Of one photo; renditions and layers are of a side of their own and do not grow with the scan."""
    grows = {"originals", "results", "repairs", "tiles"}
    counted = {area: number for area, number in areas.items() if tiles or area != "tiles"}
    return sum(number * (scale if area in grows else 1) for area, number in counted.items())


def _electricity(asked: argparse.Namespace) -> float:
    """What a core hour costs in electricity."""
    return float(asked.watts * asked.kwh / 1000)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=1, help="of each of the two kinds")
    parser.add_argument("--megapixels", type=float, default=2, help="more than 0.3")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--database", default="", help="address of one that benchmarks.gallery made")
    parser.add_argument("--json", type=Path, help="where the figures go, besides the screen")
    parser.add_argument("--measured", type=Path, help="what --json has written, to derive from")
    parser.add_argument("--plan-megapixels", type=float, default=12)
    parser.add_argument("--cores", type=int, default=8, help="that restore all day")
    parser.add_argument("--watts", type=float, default=15, help="that a computing core draws, all told")
    parser.add_argument("--kwh", type=float, default=0.25, help="price of a kilowatt-hour")
    parser.add_argument("--gb-year", type=float, default=0.25, help="price of a gigabyte kept for a year")
    parser.add_argument("--core-hour", type=float, default=0.03, help="price of a rented core for an hour")
    return parser.parse_args()


if __name__ == "__main__":
    main()
