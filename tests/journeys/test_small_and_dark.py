"""Every page on a phone of 360 px, in both themes: nothing sticks out, and targets are large enough."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import context, sign_in
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
SMALLEST_TARGET = 24  # CSS pixels, WCAG 2.2, success criterion 2.5.8

TARGETS_TOO_SMALL = """smallest =>
    [...document.querySelectorAll("a.button, a.chip, a.card__link, button, select, input:not([type=hidden])")]
        .filter(element => element.checkVisibility())
        .filter(element => !element.matches(".curtain-range, [type=checkbox]"))
        .map(element => [element.outerHTML.slice(0, 90), element.getBoundingClientRect()])
        .filter(([, box]) => box.height < smallest || box.width < smallest)
        .map(([html]) => html)"""


def check_layout(page: Page) -> None:
    page.wait_for_load_state()  # a page whose style is still on its way is laid out without
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url
    assert page.evaluate(TARGETS_TOO_SMALL, SMALLEST_TARGET) == [], page.url


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_fits_a_phone(platform: Platform, browser: Browser, theme: str) -> None:
    with context(browser, platform.address, viewport=PHONE, color_scheme=theme, has_touch=True) as (
        profile,
        complaints,
    ):
        page = profile.new_page()
        page.goto("/sign-in/")
        check_layout(page)
        sign_in(page, platform.username, platform.password)
        check_layout(page)
        page.goto("/collections/new/")
        check_layout(page)
        page.goto(platform.demo)
        check_layout(page)
        for name in page.locator(".card__link").all_inner_texts():
            page.get_by_role("link", name=name).click()
            expect(page.locator("#restoration-status")).to_be_visible()
            check_layout(page)
            if page.get_by_text("Mark by hand").is_visible():
                page.get_by_text("Mark by hand").click()
                check_layout(page)
            page.go_back()
        page.goto("/models/compare/")
        check_layout(page)
        page.goto("/models/")
        check_layout(page)
        page.locator(".model__name a").first.click()
        expect(page.get_by_role("heading", name="Model card", exact=True)).to_be_visible()
        check_layout(page)
        assert complaints == []
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert ground == {"light": "rgb(245, 242, 236)", "dark": "rgb(21, 18, 16)"}[theme]


def test_chosen_theme_outlives_the_page_and_the_systems_choice(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address, color_scheme="light") as (profile, complaints):
        page = profile.new_page()
        page.goto("/sign-in/")
        page.get_by_label("Theme").select_option("Dark")
        expect(page.locator("html")).to_have_css("background-color", "rgb(21, 18, 16)")
        page.reload()
        expect(page.locator("html")).to_have_css("background-color", "rgb(21, 18, 16)")
        expect(page.get_by_label("Theme")).to_have_value("dark")
        page.get_by_label("Theme").select_option("As the system")
        expect(page.locator("html")).to_have_css("background-color", "rgb(245, 242, 236)")
        assert complaints == []


def test_keyboard_reaches_the_content_first(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        assert complaints == []
