"""Headless Chromium, and a list of everything that it complained about."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    TimeoutError,
    expect,
    sync_playwright,
)

from tests.processes import ROOT

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The shell first: bars and bubbles of a whole Chromium, though hidden, may take the focus from a page."""
MOST_STEPS = 120  # presses of Tab within which everything on a page must be reached
SEEN = ROOT / "screenshots"
"""What journeys saw last, passed or failed; not kept in the repository."""


@contextmanager
def headless_chromium() -> Iterator[Browser]:
    """The system's own Chromium. Raises AssertionError where there is none: a journey is never left out."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    assert executable, f"none of {', '.join(NAMES)} is installed"
    with sync_playwright() as playwright:
        # Inside containers there is neither a sandbox nor much shared memory.
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@contextmanager
def context(browser: Browser, address: str, **options: Any) -> Iterator[tuple[BrowserContext, list[str]]]:
    """A fresh profile, and the list of complaints that grows while it is used. What its pages show in the end
    is kept in SEEN, after a failure too.
    """
    opened = browser.new_context(base_url=address, **options)
    complaints: list[str] = []
    opened.on(
        "console",
        lambda message: (
            complaints.append(f"console {message.type}: {message.text}")
            if message.type in {"error", "warning"}
            else None
        ),
    )
    opened.on("weberror", lambda error: complaints.append(f"uncaught: {error.error}"))
    opened.on(
        "response",
        lambda response: (
            complaints.append(f"{response.status} {response.url}") if response.status >= 500 else None
        ),
    )
    try:
        yield opened, complaints
    finally:
        for number, page in enumerate(opened.pages, start=1):
            shoot(page, f"end-{number}")
        opened.close()


def shoot(page: Page, name: str) -> None:
    """Keep what the page shows, under the running test's name and this one; nothing where no test runs."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
    words = re.findall(r"\w+", f"{test.removeprefix('tests/journeys/')} {name}")
    if not test:
        return
    # A page that is just going away is no reason to fail.
    with contextlib.suppress(Error):
        page.screenshot(path=SEEN / f"{'-'.join(words)}.jpg", type="jpeg", quality=70, full_page=True)


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Collections").wait_for()


def create_collection(page: Page, title: str, *, auto_restore: bool = True) -> None:
    page.goto("/collections/new/")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Restore new photos at once").set_checked(auto_restore)
    page.get_by_role("button", name="Create collection").click()
    page.get_by_role("heading", name=title).wait_for()


def reach(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; it must show it, and lie where it can be seen."""
    target.wait_for()
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            expect(target).to_be_in_viewport()
            assert target.evaluate("element => element.matches(':focus-visible')")
            return
    raise AssertionError(f"{MOST_STEPS} presses of Tab do not reach {target}")


def live_viewer(page: Page, *, within: float = 30_000) -> Locator:
    """The viewer of a photo, once it draws: it does so for whoever moves. `within`: milliseconds."""
    page.locator("picture-viewer").wait_for(timeout=within)
    viewer = page.locator("picture-viewer[data-live]")
    deadline = time.monotonic() + within / 1000
    for place in itertools.cycle((3, 5)):
        page.mouse.move(place, place)
        with contextlib.suppress(TimeoutError):
            viewer.wait_for(timeout=500)
            return viewer
        assert time.monotonic() < deadline, "the viewer does not begin to draw"
    raise AssertionError


def touch_drag(page: Page, target: Locator, to_x: float, to_y: float) -> None:
    """Put a finger on the middle of `target`, move it in steps, lift it: real touch events of the browser."""
    box = target.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)

    def send(kind: str, *points: dict[str, float]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    send("touchStart", {"x": x, "y": y})
    for step in range(1, 9):
        send("touchMove", {"x": x + (to_x - x) * step / 8, "y": y + (to_y - y) * step / 8})
    send("touchEnd")
    session.detach()


def pinch(page: Page, target: Locator, *, larger: float) -> None:
    """Put two fingers on `target` and move them apart until they are `larger` times as far apart."""
    box = target.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)

    def send(kind: str, away: float | None = None) -> None:
        points = [] if away is None else [{"x": x - away, "y": y, "id": 1}, {"x": x + away, "y": y, "id": 2}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 30)
    for step in range(1, 9):
        send("touchMove", 30 * (1 + (larger - 1) * step / 8))
    send("touchEnd")
    session.detach()
