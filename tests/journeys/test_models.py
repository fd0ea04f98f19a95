"""Two models meet on the same pictures: from the list of models to the slider."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from archive.files.storage import sha256_of
from restoration.registry.sample_pictures import SAMPLES
from tests.benchmarks import record
from tests.journeys.browser import context, sign_in
from tests.journeys.platform import Platform
from tests.restoration.conftest import save_untrained

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RESTORED_WITHIN = 600_000  # milliseconds; photos of other journeys may be in the queue before
PHONE = {"width": 360, "height": 740}


def register_a_second_model(platform: Platform, folder: Path) -> None:
    weights = save_untrained(folder / "untrained.safetensors")
    (folder / "benchmark.json").write_text(json.dumps(record(sha256_of(weights))))
    (folder / "card.md").write_text("# Untrained\n\nKnows nothing.")
    platform.installation.manage(
        *("register_model", str(weights), "--name", "untrained", "--ver", "1"),
        *("--benchmark", str(folder / "benchmark.json"), "--card", str(folder / "card.md")),
    )


def fits(page: Page) -> bool:
    page.wait_for_load_state()  # a page whose style is still on its way is laid out without
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_two_models_are_compared_on_the_same_pictures(
    platform: Platform, browser: Browser, tmp_path: Path
) -> None:
    register_a_second_model(platform, tmp_path)
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        page.get_by_role("link", name="Models").click()
        mine = page.locator(".models > li", has_text="untrained")
        expect(mine).to_contain_text("Heavy damage")

        # What speaks against it is told before anybody presses anything.
        mine.get_by_role("link", name="untrained").click()
        expect(page.locator(".card-text")).to_contain_text("Knows nothing.")
        expect(page.get_by_role("button", name="Make it the default all the same")).to_be_visible()

        # The pictures are asked for by the page itself and come in without reloading.
        page.get_by_role("link", name="Compare with the default").click()
        page.evaluate("window.neverReloaded = true")
        expect(page.locator("input[name=pending]")).to_have_count(0, timeout=RESTORED_WITHIN)
        expect(page.get_by_role("slider")).to_have_count(len(SAMPLES))
        expect(page.locator("#announcer")).to_contain_text("All pictures are restored.")
        assert page.evaluate("window.neverReloaded") is True

        slider = page.get_by_role("slider").first
        slider.focus()
        page.keyboard.press("End")
        expect(slider).to_have_attribute("aria-valuetext", "100 percent of the first model")
        images = page.locator("before-after img")
        assert images.evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")
        page.set_viewport_size(PHONE)
        assert fits(page)
        assert complaints == []
