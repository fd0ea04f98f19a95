"""A file of several pages: a curator turns them on the photo's page and in the review room."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
import tifffile
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests import pictures
from tests.journeys.browser import context, create_collection, live_viewer, reach, sign_in
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser

RESTORED_WITHIN = 600_000  # milliseconds; the demo's own pictures may still be in the queue
SIZES = [(300, 400), (1800, 1200), (420, 300)]


def album() -> FilePayload:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as tiff:
        for seed, size in enumerate(SIZES):
            picture = pictures.scratched(pictures.portrait(*size, seed=seed + 70))
            tiff.write(np.asarray(picture), photometric="rgb", compression="zlib")
    return {"name": "album.tif", "mimeType": "image/tiff", "buffer": file.getvalue()}


def shown_size(page: Page) -> tuple[int, int]:
    """Of the page of the file, as the viewer knows it."""
    data = page.locator("picture-viewer").evaluate("viewer => ({ ...viewer.dataset })")
    return int(data["width"]), int(data["height"])


def test_the_pages_of_a_file_are_turned(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Albums")
        collection = page.url
        page.get_by_label("Add photographs").set_input_files(album())
        expect(page.locator(".card .badge--unreviewed")).to_have_count(1, timeout=RESTORED_WITHIN)
        page.get_by_role("link", name="album.tif").click()

        # By the keyboard alone, and one goes on comparing as one did.
        live_viewer(page).get_by_role("radio", name="Side by side").check()
        following = page.get_by_role("link", name="Next page")
        page.get_by_role("radio", name="Compare").focus()
        reach(page, following)
        with page.expect_response("**/zoom_files/11/*.jpg?page=2", timeout=RESTORED_WITHIN) as finest:
            page.keyboard.press("Enter")
            expect(page).to_have_url(re.compile(r"[?&]page=2$"))
            expect(following).to_be_focused()
            expect(page.locator("#announcer")).to_have_text("Page 2 of 3")
            assert shown_size(page) == SIZES[1]
            live_viewer(page).get_by_role("button", name="Pixels 1:1").click()
        assert finest.value.status == 200
        expect(page.get_by_role("radio", name="Side by side")).to_be_checked()
        expect(page.get_by_role("heading", name="What was changed on page 2")).to_be_visible()

        # Layers are this page's.
        with page.expect_response("**/kept/change/?page=2") as layer:
            page.get_by_role("checkbox", name="Change").check()
        assert layer.value.headers["content-type"] == "image/png"

        # By its keys, by number, by the browser's own way back; and the address is good by itself.
        page.get_by_role("link", name="Next page").focus()
        page.keyboard.press("n")
        expect(page).to_have_url(re.compile(r"[?&]page=3$"))
        assert shown_size(page) == SIZES[2]
        expect(page.get_by_role("link", name="Next page")).to_have_count(0)
        page.keyboard.press("p")
        expect(page).to_have_url(re.compile(r"[?&]page=2$"))
        page.get_by_label("Page", exact=True).fill("1")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="What was changed on page 1")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", name="What was changed on page 2")).to_be_visible()
        page.reload()
        assert shown_size(page) == SIZES[1]
        page.get_by_role("radio", name="Mark by hand").check()
        expect(page.get_by_text("Marks hold for the first page")).to_be_visible()

        # In the review room the page turns where it is, and the decision is about the whole file.
        page.goto(f"{collection}review/")
        expect(page.get_by_role("button", name="Keys")).to_be_visible()
        room = page.url
        live_viewer(page)
        page.keyboard.press("n")
        expect(page.locator("#announcer")).to_have_text("Page 2 of 3")
        assert shown_size(page) == SIZES[1]
        page.keyboard.press("3")
        expect(live_viewer(page)).to_have_attribute("data-mode", "blink")
        assert page.url == room
        page.keyboard.press("a")
        expect(page.get_by_role("heading", name="Nothing more awaits your decision here")).to_be_visible()
        assert complaints == []
