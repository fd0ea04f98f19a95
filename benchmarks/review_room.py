"""How many decisions a minute the review room takes: a scripted browser that decides by keys.

    python -m benchmarks.review_room
    python -m benchmarks.review_room --photos 400 --waiting 8000 --pause 1

Starts Pulih as `make run` does (gunicorn, hashed files, SQLite) in a folder that goes again, with so many
restored pictures to review, and real Chromium. Says decisions a minute and the time from the key to the next
picture being shown: its files decoded and two frames painted. First flat out, the next key as soon as the
picture is there; then with a pause (seconds) before each key, as people look. Fails below 30 a minute.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page

from tests.journeys.browser import context, headless_chromium, sign_in
from tests.processes import ROOT, Installation, free_port, wait_for_answer

PASSWORD = "a long walk home"
WANTED = 30  # decisions a minute
KEYS = ("a", "a", "r5", "a", "rr")

# In the installation's own process: pictures with all files, and rows alone to make the queue long.
FILL = """
from archive.services import create_collection
from django.contrib.auth.models import User
from restoration.models import Restoration
from tests import pictures
from tests.archive.photo_rows import make_row
from tests.factories import make_photo, make_restoration
from django.db import transaction
owner = User.objects.create_user("ani", password={password!r})
album = create_collection(owner=owner, title="Album", auto_restore=False)
with transaction.atomic():
    for number in range({waiting} - {photos}):
        photo = make_row(album, f"row-{{number}}.png")
        Restoration.objects.create(photo=photo, status="done", result_sha256=photo.original.sha256,
            original_sha256=photo.original.sha256, share_damaged=0.01)
portraits = [pictures.portrait(800, 1000, seed=seed) for seed in range(4)]
bases = [pictures.scratched(portrait, seed=1, scratches=12) for portrait in portraits]
for number in range({photos}):
    image = bases[number % 4].copy()
    image.paste((number % 256, 0, 0), (0, 0, 8, 8))
    photo = make_photo(collection=album, content=pictures.encoded(image, "JPEG"), filename=f"{{number}}.jpg")
    make_restoration(photo=photo, outcome={{"share_damaged": 0.1 + number / 10000}})
print(album.pk)
"""

SHOWN = """async ([before, keys]) => {
    const shown = async () => {
        const title = document.querySelector("[data-item]:not([data-photo='" + before + "'])");
        if (!title) return false;
        const pictures = [...title.querySelectorAll("img:not([loading=lazy])")];
        await Promise.all(pictures.map((picture) => picture.decode()));
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        return true;
    };
    const from = performance.now();
    for (const key of keys) {
        const press = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
        document.activeElement.dispatchEvent(press);
    }
    while (!(await shown())) await new Promise((done) => setTimeout(done, 1));
    return performance.now() - from;
}"""


def main() -> None:
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        installation = Installation(Path(folder), PULIH_DEBUG="false", PULIH_PORT=str(port))
        try:
            album = _prepare(installation, asked)
            log = installation.start(
                "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi:application"
            )
            address = f"http://127.0.0.1:{port}"
            wait_for_answer(f"{address}/sign-in/", log)
            slowest = _measure(address, album, asked)
        finally:
            installation.stop()
    if slowest < WANTED:
        sys.exit(f"fewer than {WANTED} decisions a minute")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=160, help="pictures with all their files")
    parser.add_argument("--waiting", type=int, default=8000, help="restorations in the queue")
    parser.add_argument("--flat-out", type=int, default=100, help="decisions without a pause")
    parser.add_argument("--paced", type=int, default=40, help="decisions with one")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds before each of those")
    return parser.parse_args()


def _prepare(installation: Installation, asked: argparse.Namespace) -> str:
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("collectstatic", "--no-input", "--verbosity", "0")
    fill = FILL.format(password=PASSWORD, photos=asked.photos, waiting=asked.waiting)
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", fill],
        cwd=ROOT,
        env=installation.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    album = done.stdout.strip().splitlines()[-1]
    print(f"{asked.waiting} in the queue after {time.perf_counter() - began:.0f} s", flush=True)
    return album


def _measure(address: str, album: str, asked: argparse.Namespace) -> float:
    """The lower of both rates, in decisions a minute."""
    with (
        headless_chromium() as browser,
        context(browser, address, viewport={"width": 1440, "height": 900}) as (
            profile,
            complaints,
        ),
    ):
        page = profile.new_page()
        sign_in(page, "ani", PASSWORD)
        page.goto(f"/collections/{album}/review/?sort=damage")
        page.locator("review-room:defined").wait_for()
        rates = [
            _decide(page, "flat out", asked.flat_out, pause=0),
            _decide(page, f"a pause of {asked.pause:g} s", asked.paced, pause=asked.pause),
        ]
        assert complaints == [], complaints
    return min(rates)


def _decide(page: Page, name: str, number: int, *, pause: float) -> float:
    times, began = [], time.perf_counter()
    for index in range(number):
        time.sleep(pause)
        before = page.locator("[data-item]").get_attribute("data-photo")
        times.append(page.evaluate(SHOWN, [before, list(KEYS[index % len(KEYS)])]))
    rate = 60 * number / (time.perf_counter() - began)
    p95 = quantiles(times, n=20, method="inclusive")[-1]
    print(
        f"{name}: {rate:.0f} decisions a minute; from key to next picture p50 {median(times):.0f} ms, "
        f"p95 {p95:.0f} ms, at most {max(times):.0f} ms ({number} decisions)",
        flush=True,
    )
    return rate


if __name__ == "__main__":
    main()
