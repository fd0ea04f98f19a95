"""A restored photo on its page: layers over it, another strength at once, and its versions side by side."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import pictures
from tests.journeys.browser import context, create_collection, sign_in
from tests.journeys.platform import Platform
from tests.processes import wait_until

pytestmark = pytest.mark.browser

RESTORED_WITHIN = 600_000  # milliseconds; the demo's own pictures may still be in the queue

DRAWN_PIXELS = """canvas => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] > 0 && (data[at] !== data[at + 1] || data[at] !== data[at + 2])) coloured += 1;
    }
    return coloured;
}"""


def open_restored_photo(page: Page, platform: Platform, title: str, *, seed: int) -> None:
    image = pictures.scratched(pictures.portrait(320, 400, seed=seed), seed=seed, scratches=12)
    sign_in(page, platform.username, platform.password)
    create_collection(page, title)
    page.get_by_label("Add photographs").set_input_files(
        {"name": "kakek.png", "mimeType": "image/png", "buffer": pictures.png(image)}
    )
    expect(page.locator(".card .badge")).to_have_text("To review", timeout=RESTORED_WITHIN)
    page.get_by_role("link", name="kakek.png").click()


def curtain(page: Page) -> Locator:
    return page.get_by_role("slider", name="Share of the picture that shows the original")


def test_layers_are_laid_over_and_explained(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        open_restored_photo(page, platform, "Layers", seed=21)
        for name, key in [
            ("Damage found", "Outlined and hatched"),
            ("Change", "The brighter, the further"),
            ("Invention", "The brighter, the more the model made up"),
        ]:
            box = page.get_by_role("checkbox", name=name)
            expect(page.get_by_text(key)).to_be_hidden()
            box.focus()
            page.keyboard.press("Space")
            layer = page.get_by_role("img", name=name).and_(page.locator("canvas"))
            expect(layer).to_be_visible()
            expect(page.get_by_text(key)).to_be_visible()
            wait_until(lambda at=layer: at.evaluate(DRAWN_PIXELS), seconds=10, what=f"{name} is drawn")
            page.keyboard.press("Space")
            expect(layer).to_be_hidden()
        expect(page.get_by_role("heading", name="What was changed")).to_be_visible()
        expect(page.get_by_text("Outside the repaired area every pixel is the original's.")).to_be_visible()
        expect(page.get_by_role("meter", name="Invention")).to_be_visible()
        assert complaints == []


def test_strength_is_seen_at_once_and_kept_as_a_version(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        open_restored_photo(page, platform, "Strength", seed=22)
        strength = page.get_by_role("slider", name="Strength of the restoration")
        keep = page.get_by_role("button", name="Keep this strength")
        expect(keep).to_be_disabled()
        strength.focus()
        for _ in range(70):
            page.keyboard.press("ArrowLeft")
        expect(strength).to_have_attribute("aria-valuetext", "30 percent")
        expect(page.get_by_label("Strength, in percent")).to_have_value("30")
        expect(page.locator("[data-stage] .stage-label--right")).to_have_text("Restored · 30 %")
        keep.click()

        expect(curtain(page)).to_be_visible(timeout=RESTORED_WITHIN)
        newest = page.locator(".version").first
        expect(newest).to_contain_text("Version 2")
        expect(newest).to_contain_text("30 %")
        expect(page.locator("[data-stage] .stage-label--right")).to_have_text("Restored · 30 %")

        # More than this version has is foretold by the first one, which kept the same repair.
        page.get_by_label("Strength, in percent").fill("100")
        expect(page.locator("[data-stage] .stage-label--right")).to_have_text("Restored")
        first = page.get_by_role("link", name="Version 1")
        first.click()
        expect(page.locator("#restoration-status")).to_contain_text("You are looking at version 1.")
        expect(first).to_have_attribute("aria-current", "true")
        page.get_by_role("button", name="Approve").click()
        expect(page.locator("#restoration-status .badge")).to_have_text("Approved")
        expect(page.locator(".version", has_text="Version 2").locator(".badge")).to_have_text("To review")
        assert complaints == []


def test_older_version_tells_when_the_newer_one_has_finished(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        open_restored_photo(page, platform, "Followed", seed=23)
        page.get_by_label("Quick").check()
        page.get_by_label("Thorough").check()
        page.get_by_role("button", name="Restore with these settings").click()
        expect(page.locator(".version")).to_have_count(2)
        page.get_by_role("link", name="Version 1").click()
        page.evaluate("window.neverReloaded = true")
        page.get_by_label("Comment").fill("The mouth is right.")
        expect(page.get_by_text("The new version has finished.")).to_be_visible(timeout=RESTORED_WITHIN)
        assert page.evaluate("window.neverReloaded") is True
        expect(page.get_by_label("Comment")).to_have_value("The mouth is right.")
        expect(page.locator("#announcer")).to_contain_text("Version 2: To review")
        page.get_by_role("link", name="Look at it").click()
        # What the page that is being left does not show.
        expect(page.get_by_role("link", name="Version 2")).to_have_attribute("aria-current", "true")
        expect(page.locator(".version").first).to_contain_text("quick · thorough")
        page.locator("picture-viewer").hover()
        expect(page.locator("picture-viewer[data-live]")).to_be_visible(timeout=RESTORED_WITHIN)
        curtain(page).press("End")
        expect(curtain(page)).to_have_attribute("aria-valuetext", "100 percent original")
        assert complaints == []


def test_gallery_stands_in_the_order_that_was_asked_for(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        open_restored_photo(page, platform, "Ordered", seed=24)
        page.get_by_role("link", name="Ordered").click()
        page.get_by_label("Order", exact=True).select_option("damage")
        expect(page.locator(".card")).to_contain_text("% damaged")
        page.get_by_label("Order", exact=True).select_option("invention")
        expect(page.locator(".card")).to_contain_text("Invention:")
        assert complaints == []
