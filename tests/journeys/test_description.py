"""A curator chooses photos in the gallery and describes them together, by mouse and by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.browser import context, sign_in
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser


def test_choosing_a_range_and_describing_it(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        page.goto(platform.demo)
        boxes = page.locator("input[name=photo]")
        count = page.locator("#selection-count")
        describe = page.locator("#selection").get_by_role("button", name="Describe")
        expect(describe).to_be_disabled()

        boxes.nth(0).click()
        boxes.nth(2).click(modifiers=["Shift"])
        expect(count).to_have_text("3 chosen")
        boxes.nth(1).focus()
        page.keyboard.press("Space")
        expect(count).to_have_text("2 chosen")

        page.get_by_label("All photos of this collection").check()
        expect(boxes.nth(1)).to_be_checked()
        page.get_by_role("button", name="Choose none").click()
        expect(describe).to_be_disabled()
        boxes.nth(0).click()
        boxes.nth(2).click()
        describe.click()

        expect(page.get_by_role("heading", name="Describe 2 photos")).to_be_visible()
        page.get_by_label("Add tags").fill("album, house")
        page.get_by_role("textbox", name="Place").fill("Bandung")
        page.get_by_role("textbox", name="Date").fill("long ago")
        page.get_by_role("button", name="Describe 2 photos").click()
        expect(page.locator(".field__errors")).to_contain_text("not a date in EDTF")
        page.get_by_role("textbox", name="Date").fill("196X")
        page.get_by_role("button", name="Describe 2 photos").click()

        expect(page.locator(".notices")).to_have_text("2 photos have been described.")
        page.locator(".card__link").first.click()
        said = page.get_by_role("region", name="Description")
        expect(said).to_contain_text(re.compile(r"196X.*Bandung.*album.*house", re.DOTALL))
        expect(page.get_by_role("region", name="History")).to_contain_text("Bandung")
        assert complaints == []
