"""Through a collection by keys alone: approve, reject with a reason, undo, comment, go back, again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import pictures
from tests.journeys.browser import context, create_collection, sign_in
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser

RESTORED_WITHIN = 600_000  # milliseconds; the demo's own pictures may still be in the queue
NAMES = ("one.png", "two.png", "three.png")


def fill_collection(page: Page, platform: Platform) -> None:
    sign_in(page, platform.username, platform.password)
    create_collection(page, "To be reviewed")
    images = [
        pictures.scratched(pictures.portrait(96, 128, seed=60 + number), seed=number, scratches=3)
        for number, _name in enumerate(NAMES)
    ]
    page.get_by_label("Add photographs").set_input_files(
        [
            {"name": name, "mimeType": "image/png", "buffer": pictures.png(image)}
            for name, image in zip(NAMES, images, strict=True)
        ]
    )
    expect(page.locator(".card .badge--unreviewed")).to_have_count(3, timeout=RESTORED_WITHIN)


def test_a_collection_is_reviewed_by_keys_alone(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        fill_collection(page, platform)
        page.get_by_role("navigation", name="This collection").get_by_role("link", name="Review").click()
        title = page.locator("#review-title")
        expect(page.get_by_text("3 waiting")).to_be_visible()
        # What the script offers: keys pressed before it is there are nobody's.
        expect(page.get_by_role("button", name="Keys")).to_be_visible()
        first = title.inner_text()

        # Reject with a reason and a comment; the next picture is there at once.
        page.keyboard.press("c")
        page.keyboard.type("The mouth is new.")
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        expect(page.get_by_role("button", name="Damage was left")).to_be_visible()
        page.keyboard.press("6")
        expect(title).not_to_have_text(first)
        expect(page.get_by_text("2 waiting")).to_be_visible()
        second = title.inner_text()

        # Taken back, the picture is here again, and says so until it is decided anew.
        page.keyboard.press("u")
        expect(title).to_have_text(first)
        expect(page.get_by_text("3 waiting")).to_be_visible()
        page.keyboard.press("a")
        expect(title).to_have_text(second)
        page.keyboard.press("ArrowLeft")
        expect(title).to_have_text(first)
        expect(page.get_by_text("You have decided: Approved. U undoes it.")).to_be_visible()
        page.keyboard.press("ArrowRight")
        expect(title).to_have_text(second)

        # Passed over, the second one stays; the third one is rejected without a reason.
        page.keyboard.press("ArrowRight")
        expect(title).not_to_have_text(second)
        page.keyboard.press("r")
        page.keyboard.press("r")
        expect(page.get_by_role("heading", name="Nothing more awaits your decision here")).to_be_visible()
        page.get_by_role("link", name="Begin again").click()
        expect(title).to_have_text(second)

        # The other things that keys do.
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys of the review room")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("d")
        dialog = page.get_by_role("dialog", name="Restore again")
        dialog.get_by_label("Strength").fill("60")
        dialog.get_by_role("button", name="Restore with these settings").click()
        expect(page.get_by_role("heading", name="Nothing more awaits your decision here")).to_be_visible()

        page.get_by_role("link", name="To the collection").click()
        page.get_by_role("link", name=first).click()
        history = page.get_by_role("region", name="History")
        expect(history).to_contain_text("The edges of the repair can be seen · The mouth is new.")
        expect(history).to_contain_text("Decision about the restoration undone")
        assert complaints == []


def test_no_reviewer_gets_the_other_ones_picture(platform: Platform, browser: Browser) -> None:
    with (
        context(browser, platform.address) as (first, complaints),
        context(browser, platform.address) as (second, more_complaints),
    ):
        demo, reviewer = first.new_page(), second.new_page()
        sign_in(demo, platform.username, platform.password)
        sign_in(reviewer, "demo-reviewer", platform.password)
        demo.goto(platform.demo)
        expect(demo.locator("input[name=active]")).to_have_count(0, timeout=RESTORED_WITHIN)
        shown = []
        for page in (demo, reviewer):
            page.goto(platform.demo)
            page.get_by_role("navigation", name="This collection").get_by_role("link", name="Review").click()
            shown.append(page.locator("[data-item]").get_attribute("data-photo"))
        assert shown[0] != shown[1]
        # Leaving clears the desk: the other one gets the picture that lay on it.
        demo.goto("/")
        reviewer.reload()
        expect(reviewer.locator(f'[data-photo="{shown[0]}"]')).to_be_visible()
        assert complaints == more_complaints == []
