"""A damaged photograph goes in, the restored one appears, is compared, approved and downloaded."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests import pictures
from tests.journeys.browser import context, create_collection, live_viewer, sign_in, touch_drag
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser

RESTORED_WITHIN = 600_000  # milliseconds; the demo's own pictures may still be in the queue


def damaged(name: str, seed: int) -> FilePayload:
    image = pictures.scratched(pictures.portrait(320, 400, seed=seed), seed=seed)
    return {"name": name, "mimeType": "image/jpeg", "buffer": pictures.jpeg(image)}


def badge_of(page: Page, name: str) -> Locator:
    return page.locator(".card", has_text=name).locator(".badge")


def curtain(page: Page) -> Locator:
    """The slider between original and restored picture."""
    return page.get_by_role("slider", name="Share of the picture that shows the original")


def share_shown(page: Page) -> float:
    return curtain(page).evaluate("element => element.valueAsNumber")


def width_uncovered(page: Page) -> float:
    """Where the line stands on the picture, in per cent of its width; the picture is seen whole."""
    return page.locator(".viewer__stage").evaluate(
        """stage => {
            const box = stage.getBoundingClientRect();
            const line = stage.querySelector("[data-stage] [data-handle]").getBoundingClientRect();
            const width = Math.min(box.width, (box.height * 320) / 400);
            return 50 + (100 * (line.left + line.width / 2 - box.left - box.width / 2)) / width;
        }"""
    )


def test_from_upload_to_download(platform: Platform, browser: Browser, tmp_path: Path) -> None:
    portrait = damaged("bibi-sri.jpg", seed=1)
    with context(browser, platform.address, has_touch=True) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Album of 1932")
        expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()

        # Several files at once, one of them no picture.
        page.get_by_label("Add photographs").set_input_files(
            [
                portrait,
                {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 no picture"},
            ]
        )
        refused = page.locator(".upload__item", has_text="letter.pdf")
        expect(refused).to_contain_text("Only JPEG, PNG, TIFF, WebP and BMP pictures are accepted.")
        expect(page.locator(".upload__item", has_text="bibi-sri.jpg")).to_contain_text("Stored")
        expect(page.locator("[data-summary]")).to_have_text("1 of 2 stored, 1 refused")
        # A refusal is answered with status 400, which Chromium notes; that line is expected, once.
        expected = [line for line in complaints if "400 (Bad Request)" in line]
        assert complaints == expected
        assert len(expected) == 1
        complaints.clear()

        # The gallery follows the worker without being reloaded.
        page.evaluate("window.neverReloaded = true")
        expect(badge_of(page, "bibi-sri.jpg")).to_have_text("To review", timeout=RESTORED_WITHIN)
        expect(page.get_by_role("link", name=re.compile("^To review"))).to_have_text("To review 1")
        assert page.evaluate("window.neverReloaded") is True
        expect(page.locator("#announcer")).to_contain_text("bibi-sri.jpg: To review")

        page.get_by_role("link", name="bibi-sri.jpg").click()
        live_viewer(page)
        check_slider(page)

        page.get_by_label("Comment").fill("Scratches are gone, the face is his own.")
        page.get_by_role("button", name="Approve").click()
        expect(page.locator("#restoration-status .badge")).to_have_text("Approved")
        expect(page.locator(".history__item").first).to_contain_text("Scratches are gone")

        with page.expect_download() as original:
            page.get_by_role("link", name=re.compile("^Original")).click()
        assert original.value.suggested_filename == "bibi-sri.jpg"
        original.value.save_as(tmp_path / "original")
        assert (tmp_path / "original").read_bytes() == portrait["buffer"]

        with page.expect_download() as restored:
            page.get_by_role("link", name=re.compile("^Restored")).click()
        assert restored.value.suggested_filename == "bibi-sri-restored.jpg"
        restored.value.save_as(tmp_path / "restored")
        with (
            Image.open(tmp_path / "restored") as result,
            Image.open(io.BytesIO(portrait["buffer"])) as before,
        ):
            assert (result.format, result.size) == ("JPEG", before.size)
            assert result.convert("RGB").tobytes() != before.convert("RGB").tobytes()

        page.locator("summary", has_text=platform.username).click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert complaints == []


def check_slider(page: Page) -> None:
    """The line moves by mouse, by finger and by keys, and value and picture agree."""
    line = page.locator("[data-stage] .curtain-line")
    box, stage = line.bounding_box(), page.locator(".viewer__stage").bounding_box()
    assert box is not None
    assert stage is not None
    assert share_shown(page) == 50
    middle = box["y"] + box["height"] / 2
    width = stage["height"] * 320 / 400
    left = stage["x"] + (stage["width"] - width) / 2

    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(left + width * 0.8, middle, steps=5)
    page.mouse.up()
    assert share_shown(page) == pytest.approx(80, abs=1)
    assert width_uncovered(page) == pytest.approx(80, abs=1)
    page.mouse.move(left + width * 0.1, middle)
    assert share_shown(page) == pytest.approx(80, abs=1), "it let go of the line"

    touch_drag(page, line, left + width * 0.25, middle)
    assert share_shown(page) == pytest.approx(25, abs=2)
    assert width_uncovered(page) == pytest.approx(25, abs=2)

    slider = curtain(page)
    slider.focus()
    page.keyboard.press("Home")
    assert width_uncovered(page) == pytest.approx(0, abs=1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert share_shown(page) == 2
    page.keyboard.press("End")
    assert width_uncovered(page) == pytest.approx(100, abs=1)
    expect(slider).to_have_attribute("aria-valuetext", "100 percent original")


def test_dropped_files_are_uploaded(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Dropped", auto_restore=False)
        content = list(damaged("dropped.jpg", seed=2)["buffer"])
        transfer = page.evaluate_handle(
            """content => {
                const transfer = new DataTransfer();
                const bytes = new Uint8Array(content);
                transfer.items.add(new File([bytes], "dropped.jpg", { type: "image/jpeg" }));
                return transfer;
            }""",
            content,
        )
        form = page.locator(".upload__form")
        form.dispatch_event("dragover", {"dataTransfer": transfer})
        expect(form).to_have_attribute("data-dragging", "")
        form.dispatch_event("drop", {"dataTransfer": transfer})
        expect(form).not_to_have_attribute("data-dragging", "")
        expect(badge_of(page, "dropped.jpg")).to_have_text("Not restored")
        assert complaints == []


def test_photo_page_follows_the_worker(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Started by hand", auto_restore=False)
        page.get_by_label("Add photographs").set_input_files(damaged("paman-budi.jpg", seed=3))
        page.get_by_role("link", name="paman-budi.jpg").click()
        page.get_by_role("button", name="Restore", exact=True).click()
        expect(page.locator(".version")).to_have_count(1)
        page.evaluate("window.neverReloaded = true")
        expect(curtain(page)).to_be_visible(timeout=RESTORED_WITHIN)
        expect(page.get_by_role("button", name="Restore with these settings")).to_be_visible()
        expect(page.locator("#announcer")).to_contain_text("To review")
        assert page.evaluate("window.neverReloaded") is True

        # What came by itself works like what came with the page.
        live_viewer(page)
        curtain(page).press("Home")
        assert width_uncovered(page) == pytest.approx(0, abs=1)
        assert complaints == []


def test_works_without_script(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address, java_script_enabled=False) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Without script")
        page.get_by_label("Add photographs").set_input_files(
            [damaged("one.jpg", seed=4), damaged("two.jpg", seed=5)]
        )
        page.get_by_role("button", name="Upload").click()
        expect(page.locator(".card")).to_have_count(2)
        deadline = time.monotonic() + RESTORED_WITHIN / 1000
        while badge_of(page, "one.jpg").inner_text() != "To review":
            assert time.monotonic() < deadline
            time.sleep(1)
            page.reload()
        page.get_by_role("link", name="one.jpg").click()
        expect(page.get_by_alt_text("Original picture")).to_be_visible()
        expect(page.get_by_alt_text("Restored picture")).to_be_visible()
        page.get_by_role("button", name="Reject").click()
        expect(page.locator("#restoration-status .badge")).to_have_text("Rejected")
        assert complaints == []
