"""A browser that runs no scripts: look at photos, upload one, decide about its restoration, download it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests import pictures
from tests.journeys.browser import context, create_collection, sign_in
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser

RESTORED_WITHIN = 600  # seconds; photos of other journeys may be in the queue before


def test_view_upload_and_decide(platform: Platform, browser: Browser) -> None:
    portrait = pictures.png(pictures.scratched(pictures.portrait(160, 200, seed=32), seed=32))
    with context(browser, platform.address, java_script_enabled=False) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Without scripts")
        page.get_by_label("Add photographs").set_input_files(
            {"name": "stairs.png", "mimeType": "image/png", "buffer": portrait}
        )
        page.get_by_role("button", name="Upload").click()
        gallery = page.url
        badge = page.locator(".card", has_text="stairs.png").locator(".badge")
        expect(badge).to_be_visible()
        for _second in range(RESTORED_WITHIN):
            if badge.inner_text() == "To review":
                break
            page.wait_for_timeout(1000)
            page.goto(gallery)
        expect(badge).to_have_text("To review")

        # Both pictures are there to see, and what only a script could do is not offered.
        page.get_by_role("link", name="stairs.png").first.click()
        shown = page.locator("main img").evaluate_all(
            "all => all.filter(one => one.checkVisibility() && one.naturalWidth > 0).map(one => one.alt)"
        )
        assert {"Original picture", "Restored picture"} <= set(shown)
        page.get_by_label("Comment").fill("Good.")
        page.get_by_role("button", name="Approve", exact=True).click()
        expect(page.locator("#restoration-status .badge")).to_have_text("Approved")
        expect(page.locator(".history__item").first).to_contain_text("Good.")
        with page.expect_download() as restored:
            page.get_by_role("link", name=re.compile("^Restored")).click()
        assert restored.value.suggested_filename == "stairs-restored.png"
        page.get_by_role("link", name="Models").click()
        expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
        assert complaints == []
