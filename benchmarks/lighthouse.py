"""Lighthouse's verdict on the gallery and the photo page, as `make run` serves them.

    python -m benchmarks.lighthouse
    python -m benchmarks.lighthouse --runs 3 --json lighthouse.json

Starts the platform with its demo collection in a folder of its own, waits until everything is restored, and
asks Lighthouse (npm), with the system's Chromium, about performance, accessibility and best practices: as a
telephone on a slow network, and as a desktop computer. Says the median of the runs and what was marked down;
fails below --least.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.browser import NAMES, context, headless_chromium, sign_in
from tests.journeys.platform import Platform, running_platform
from tests.processes import ROOT

CATEGORIES = ("performance", "accessibility", "best-practices")
DEVICES: dict[str, list[str]] = {"phone": [], "desktop": ["--preset=desktop"]}
ALL_RESTORED_WITHIN = 900_000  # milliseconds
PHOTO = "astronaut-heavy.png"


def main() -> None:
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder, running_platform(Path(folder)) as platform:
        addresses, cookie = prepare(platform)
        print(f"{'page':10}{'device':10}" + "".join(f"{name:>18}" for name in CATEGORIES), flush=True)
        found: dict[str, dict[str, float]] = {}
        for name, address in addresses.items():
            for device, options in DEVICES.items():
                reports = [
                    lighthouse(address, cookie, options, Path(folder) / "report.json")
                    for _ in range(asked.runs)
                ]
                scores = {
                    each: round(median(100 * report["categories"][each]["score"] for report in reports))
                    for each in CATEGORIES
                }
                found[f"{name}, {device}"] = scores
                print(f"{name:10}{device:10}" + "".join(f"{scores[each]:>18}" for each in CATEGORIES))
                for line in marked_down(reports[-1]):
                    print(f"    {line}", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n")
    low = [name for name, scores in found.items() if min(scores.values()) < asked.least]
    if low:
        sys.exit(f"below {asked.least}: {', '.join(low)}")


def prepare(platform: Platform) -> tuple[dict[str, str], str]:
    """The addresses of gallery and photo page once all is restored, and the cookie of somebody signed in."""
    with headless_chromium() as browser, context(browser, platform.address) as (profile, _complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        page.get_by_role("link", name="Demo").first.click()
        expect(page.locator("input[name=active]")).to_have_count(0, timeout=ALL_RESTORED_WITHIN)
        gallery = page.url
        photo = _photo_address(page)
        (session,) = [each for each in profile.cookies() if each["name"] == "sessionid"]
    return {"gallery": gallery, "photo": photo}, f"sessionid={session['value']}"


def lighthouse(address: str, cookie: str, options: list[str], report: Path) -> dict[str, Any]:
    """One report, as Lighthouse's JSON has it."""
    chromium = next(filter(None, map(shutil.which, NAMES)))
    subprocess.run(
        [
            *(ROOT / "node_modules" / ".bin" / "lighthouse", address, "--quiet", "--output=json"),
            *(f"--output-path={report}", f"--only-categories={','.join(CATEGORIES)}", *options),
            f"--extra-headers={json.dumps({'Cookie': cookie})}",
            "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage",
        ],
        check=True,
        timeout=300,
        env=os.environ
        | {"CHROME_PATH": chromium, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    return dict(json.loads(report.read_text()))


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
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
