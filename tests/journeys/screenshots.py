"""The README's pictures, taken of the demo collection: `make screenshots`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import context, headless_chromium, live_viewer, sign_in
from tests.journeys.platform import PASSWORD, USERNAME, running_platform
from tests.processes import ROOT

FOLDER = ROOT / "docs" / "screenshots"
DESKTOP = {"width": 1200, "height": 880}
VIEWS = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True},
}
ALL_RESTORED_WITHIN = 900_000  # milliseconds
TITLE = "Demo"
PHOTO = "astronaut-light.png"
# Something of every state to see, and an exhibition for visitors.
PREPARE = f"""
from archive.models import Collection
from archive.services import describe_photo, publish_collection
from restoration.models import Restoration, Review
from restoration.services import review_restoration

collection = Collection.objects.get(title__startswith={TITLE!r})
owner = collection.owner
for restoration in Restoration.objects.awaiting_review().exclude(photo__filename__contains="heavy"):
    review_restoration(restoration=restoration, reviewer=owner, decision=Review.Decision.APPROVED)
publish_collection(collection=collection, actor=owner, is_public=True)
"""


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as var_dir,
        running_platform(Path(var_dir)) as platform,
        headless_chromium() as browser,
    ):
        take_all(browser, platform.address, lambda code: platform.installation.manage("shell", "-c", code))


def take_all(browser: Browser, address: str, run: Callable[[str], object]) -> None:
    """Every picture, of the platform at `address`; `run` executes Python in it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, options in VIEWS.items():
        with context(browser, address, **options) as (profile, complaints):
            page = profile.new_page()
            sign_in(page, USERNAME, PASSWORD)
            page.get_by_role("link", name=TITLE).first.click()
            expect(page.locator("input[name=active]")).to_have_count(0, timeout=ALL_RESTORED_WITHIN)
            collection = page.url
            if name == "light":
                page.goto("/review/")
                live_viewer(page)
                take(page, "review-light")
                run(PREPARE)
            page.goto(collection)
            take(page, f"gallery-{name}")
            page.get_by_role("link", name=PHOTO).first.click()
            live_viewer(page)
            take(page, f"photo-{name}")
            if name == "dark":
                page.goto(f"{collection}progress/")
                take(page, "progress-dark")
                page.goto("/models/")
                page.locator(".model__name a").first.click()
                page.get_by_role("heading", level=1).wait_for()
                take(page, "model-dark")
            assert complaints == []
    with context(browser, address, **VIEWS["light"]) as (visitor, complaints):
        page = visitor.new_page()
        page.goto("/public/")
        page.get_by_role("link", name=TITLE).first.click()
        take(page, "exhibition-light")
        assert complaints == []


def take(page: Page, name: str) -> None:
    """One picture of what fits the window, once all in it is there. JPEG, for it is mostly photographs."""
    # What is hidden may never be fetched, and would be waited for without end.
    page.evaluate(
        """() => Promise.all(
            [...document.images]
                .filter(image => image.checkVisibility() && image.getBoundingClientRect().top < innerHeight)
                .map(image => image.decode()))"""
    )
    page.mouse.move(2, 2)
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=88)


if __name__ == "__main__":
    main()
