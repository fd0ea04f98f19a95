"""The README's pictures, taken of the demo collection: `make screenshots`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.browser import context, headless_chromium, sign_in
from tests.journeys.platform import ROOT, running_platform

FOLDER = ROOT / "docs" / "screenshots"
DESKTOP = {"width": 1200, "height": 760}
PHONE = {"width": 360, "height": 740}
ALL_RESTORED_WITHIN = 600_000  # milliseconds
PHOTO = "astronaut-heavy.png"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as var_dir,
        running_platform(Path(var_dir)) as platform,
        headless_chromium() as browser,
    ):
        for name, options in {
            "light": {"viewport": DESKTOP, "color_scheme": "light"},
            "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
            "phone": {"viewport": PHONE, "color_scheme": "dark", "has_touch": True},
        }.items():
            with context(browser, platform.address, **options) as (profile, complaints):
                page = profile.new_page()
                sign_in(page, platform.username, platform.password)
                take_all(page, name)
                assert complaints == []


def take_all(page: Page, name: str) -> None:
    """The list, the gallery once everything is restored, and one photo."""
    page.get_by_role("link", name="Demo").click()
    expect(page.locator("input[name=active]")).to_have_count(0, timeout=ALL_RESTORED_WITHIN)
    page.reload()
    take(page, f"gallery-{name}")
    page.get_by_role("link", name=PHOTO).click()
    expect(page.get_by_role("slider")).to_be_visible()
    take(page, f"photo-{name}")


def take(page: Page, name: str) -> None:
    """One picture, once every picture on the page is there."""
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
