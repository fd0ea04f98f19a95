"""The README's pictures, taken of the demo collection: `make screenshots`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.browser import context, headless_chromium, sign_in
from tests.journeys.platform import running_platform
from tests.processes import ROOT

FOLDER = ROOT / "docs" / "screenshots"
DESKTOP = {"width": 1200, "height": 760}
VIEWS = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True},
}
ALL_RESTORED_WITHIN = 600_000  # milliseconds
PHOTO = "astronaut-heavy.png"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as var_dir,
        running_platform(Path(var_dir)) as platform,
        headless_chromium() as browser,
    ):
        for name, options in VIEWS.items():
            with context(browser, platform.address, **options) as (profile, complaints):
                page = profile.new_page()
                sign_in(page, platform.username, platform.password)
                page.get_by_role("link", name="Demo").click()
                expect(page.locator("input[name=active]")).to_have_count(0, timeout=ALL_RESTORED_WITHIN)
                take(page, f"gallery-{name}")
                page.get_by_role("link", name=PHOTO).click()
                expect(page.get_by_role("slider", name="Share of the picture")).to_be_visible()
                take(page, f"photo-{name}")
                assert complaints == []


def take(page: Page, name: str) -> None:
    """One picture of what fits the window, once all in it is there. JPEG, for it is mostly photographs."""
    page.evaluate(
        """() => Promise.all(
            [...document.images]
                .filter(image => image.getBoundingClientRect().top < innerHeight)
                .map(image => image.decode()))"""
    )
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=88)


if __name__ == "__main__":
    main()
