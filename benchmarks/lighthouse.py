"""Lighthouse's verdict on the gallery and the photo page, as `make run` serves them.

    python -m benchmarks.lighthouse
    python -m benchmarks.lighthouse --runs 3 --json lighthouse.json

Starts the platform with its demo collection in a folder of its own, waits until everything is restored, signs
in, and asks Lighthouse (npm), in that very browser, about performance, accessibility and best practices: as a
telephone on a slow network, and as a desktop computer. Says the median of the runs and what was marked down;
fails below --least. With --platform, what runs there already is asked.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from tests.journeys.browser import NAMES, sign_in
from tests.journeys.platform import PASSWORD, USERNAME, running_platform
from tests.processes import ROOT, free_port

CATEGORIES = ("performance", "accessibility", "best-practices")
DEVICES: dict[str, list[str]] = {"phone": [], "desktop": ["--preset=desktop"]}
TIMINGS = (  # milliseconds, but the fourth is a share
    "first-contentful-paint",
    "largest-contentful-paint",
    "total-blocking-time",
    "cumulative-layout-shift",
    "speed-index",
)
ALL_RESTORED_WITHIN = 900_000  # milliseconds
PHOTO = "astronaut-heavy.png"


def main() -> None:
    asked = _arguments()
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name, _platform(asked.platform, Path(name)) as platform:
        folder = Path(name)
        with signed_in_browser(platform, folder / "profile") as (addresses, port):
            print(f"{'page':10}{'device':10}" + "".join(f"{name:>18}" for name in CATEGORIES), flush=True)
            for page, address in addresses.items():
                for device, options in DEVICES.items():
                    reports = [
                        lighthouse(address, port, options, folder / "report.json") for _ in range(asked.runs)
                    ]
                    scores = {
                        each: round(median(100 * report["categories"][each]["score"] for report in reports))
                        for each in CATEGORIES
                    }
                    found[f"{page}, {device}"] = scores
                    print(f"{page:10}{device:10}" + "".join(f"{scores[each]:>18}" for each in CATEGORIES))
                    for line in [*timings(reports), *marked_down(reports[-1])]:
                        print(f"    {line}", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n")
    low = [name for name, scores in found.items() if min(scores.values()) < asked.least]
    if low:
        sys.exit(f"below {asked.least}: {', '.join(low)}")


@contextmanager
def signed_in_browser(platform: str, profile: Path) -> Iterator[tuple[dict[str, str], int]]:
    """The addresses of gallery and photo page once all is restored, and the port at which Lighthouse finds a
    browser that is signed in. A cookie among its extra headers would not do: pictures are asked for without.
    """
    port = free_port()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=next(filter(None, map(shutil.which, NAMES))),
            args=["--no-sandbox", "--disable-dev-shm-usage", f"--remote-debugging-port={port}"],
            base_url=platform,
        )
        page = browser.new_page()
        sign_in(page, USERNAME, PASSWORD)
        page.get_by_role("link", name="Demo").first.click()
        expect(page.locator("input[name=active]")).to_have_count(0, timeout=ALL_RESTORED_WITHIN)
        gallery = page.url
        photo = _photo_address(page)
        page.close()
        yield {"gallery": gallery, "photo": photo}, port
        browser.close()


def lighthouse(address: str, port: int, options: list[str], report: Path) -> dict[str, Any]:
    """One report, as Lighthouse's JSON has it. Raises AssertionError where it saw another page."""
    subprocess.run(
        [
            *(ROOT / "node_modules" / ".bin" / "lighthouse", address, "--quiet", "--output=json"),
            *(f"--output-path={report}", f"--only-categories={','.join(CATEGORIES)}", *options),
            f"--port={port}",
        ],
        check=True,
        timeout=300,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    read = dict(json.loads(report.read_text()))
    assert read["finalDisplayedUrl"] == address, f"{address} led to {read['finalDisplayedUrl']}"
    return read


def timings(reports: list[dict[str, Any]]) -> list[str]:
    """What performance is made of: the medians of the runs."""
    return [
        f"{name}: {median(report['audits'][name]['numericValue'] for report in reports):.4g}"
        for name in TIMINGS
    ]


def marked_down(report: dict[str, Any]) -> list[str]:
    """What cost points, in Lighthouse's words."""
    audits = report["audits"]
    return [
        f"{category}: {audits[each['id']]['title']} {audits[each['id']].get('displayValue', '')}".rstrip()
        for category in CATEGORIES
        for each in report["categories"][category]["auditRefs"]
        if each["weight"] and (audits[each["id"]]["score"] or 0) < 0.9
        if audits[each["id"]]["scoreDisplayMode"] not in {"notApplicable", "manual", "informative"}
    ]


@contextmanager
def _platform(running: str | None, folder: Path) -> Iterator[str]:
    if running:
        yield running
    else:
        with running_platform(folder) as platform:
            yield platform.address


def _photo_address(page: Page) -> str:
    page.get_by_role("link", name=PHOTO).first.click()
    page.get_by_role("heading", level=1).wait_for()
    return page.url


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--least", type=int, default=95, help="the least that every category must have, of 100"
    )
    parser.add_argument(
        "--platform", help=f"the address of one that runs already, whose {USERNAME} has the tests' password"
    )
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
