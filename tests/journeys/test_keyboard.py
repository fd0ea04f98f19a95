"""The whole journey by keyboard alone: sign in, create, upload, look, decide, download. No mouse is moved."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import pictures
from tests.journeys.browser import context, reach
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser

RESTORED_WITHIN = 600_000  # milliseconds; photos of other journeys may be in the queue before


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    reach(page, target)
    page.keyboard.press(key)


def write(page: Page, target: Locator, text: str) -> None:
    reach(page, target)
    page.keyboard.type(text)


def test_whole_journey_by_keyboard(platform: Platform, browser: Browser, tmp_path: Path) -> None:
    portrait = tmp_path / "porch.png"
    portrait.write_bytes(pictures.png(pictures.scratched(pictures.portrait(160, 200, seed=31), seed=31)))
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        page.goto("/sign-in/")
        write(page, page.get_by_label("Username"), platform.username)
        write(page, page.get_by_label("Password"), platform.password)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Collections").wait_for()

        press(page, page.get_by_role("link", name="New collection").first)
        write(page, page.get_by_label("Title"), "By keyboard")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="By keyboard").wait_for()

        chosen = page.locator("#upload-files")
        expect(page.get_by_role("button", name="Choose a folder")).to_be_visible()  # the script is there
        reach(page, chosen)
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Space")
        chooser.value.set_files(portrait)
        card = page.locator(".card", has_text="porch.png")
        expect(card.locator(".badge")).to_have_text("To review", timeout=RESTORED_WITHIN)

        press(page, page.get_by_role("link", name="porch.png").first)
        page.get_by_role("heading", name="porch.png").wait_for()
        # A page without its style shows two sliders, that of the plain pictures and the viewer's.
        page.wait_for_load_state()
        slider = page.get_by_role("slider", name="Share of the picture that shows the original")
        reach(page, slider)
        page.keyboard.press("Home")
        expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\b0 percent original"))
        page.keyboard.press("End")
        expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\b100 percent original"))

        write(page, page.get_by_label("Comment"), "The face is his own.")
        press(page, page.get_by_role("button", name="Approve", exact=True), "Space")
        expect(page.locator("#restoration-status .badge")).to_have_text("Approved")

        with page.expect_download() as download:
            press(page, page.get_by_role("link", name=re.compile("^Restored")))
        assert download.value.suggested_filename == "porch-restored.png"

        # Menus open, and Escape closes them and gives the focus back.
        menu = page.locator("summary", has_text=platform.username)
        press(page, menu)
        out = page.get_by_role("button", name="Sign out")
        expect(out).to_be_visible()
        press(page, out)
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert complaints == []
