"""The curator's hand: marks by mouse, finger and keys go to the worker, come back, and are obeyed."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from restoration.running.hands import PROTECT, REPAIR
from tests import pictures
from tests.journeys.browser import context, create_collection, reach, sign_in, touch_drag
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser

RESTORED_WITHIN = 600_000  # milliseconds; the demo's own pictures may still be in the queue
WIDTH, HEIGHT = 320, 400


def open_new_photo(page: Page, platform: Platform, title: str, *, seed: int) -> bytes:
    """A photo that waits to be restored by hand, its page open; returns the file's content."""
    content = pictures.png(pictures.scratched(pictures.portrait(WIDTH, HEIGHT, seed=seed), seed=seed))
    sign_in(page, platform.username, platform.password)
    create_collection(page, title, auto_restore=False)
    page.get_by_label("Add photographs").set_input_files(
        {"name": "ibu.png", "mimeType": "image/png", "buffer": content}
    )
    page.get_by_role("link", name="ibu.png").click()
    return content


def brush(page: Page) -> Locator:
    """Where one paints, with the brush taken up."""
    page.get_by_text("Mark by hand").click()
    return page.get_by_role("application", name="The picture, to be marked with the brush")


def paint(page: Page, canvas: Locator, *places: tuple[float, float]) -> None:
    """Draw with the mouse from place to place, each in shares of width and height."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(places):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def saved_marks(page: Page, path: Path) -> NDArray[np.uint8]:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the marks as a file").click()
    download.value.save_as(path)
    with Image.open(path) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "L", (WIDTH, HEIGHT))
        return np.asarray(image)


def result_of(page: Page, path: Path) -> NDArray[np.uint8]:
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^Restored")).click()
    download.value.save_as(path)
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.slow
def test_marks_are_drawn_taken_back_saved_and_obeyed(
    platform: Platform, browser: Browser, tmp_path: Path
) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        original = open_new_photo(page, platform, "Marked", seed=11)
        canvas = brush(page)
        said = page.locator("#brush-said")

        paint(page, canvas, (0.3, 0.7), (0.7, 0.7))
        expect(said).to_have_text(re.compile(r"Marked by hand: [\d.]+ % to be repaired, 0 % protected\."))
        page.get_by_label("Protect").check()
        page.get_by_label("Size").fill("60")
        paint(page, canvas, (0.3, 0.2), (0.6, 0.2))
        paint(page, canvas, (0.9, 0.9))
        page.get_by_role("button", name="Undo").click()
        marks = saved_marks(page, tmp_path / "hand.png")
        assert set(np.unique(marks)) == {0, PROTECT, REPAIR}
        assert marks[int(0.7 * HEIGHT), WIDTH // 2] == REPAIR
        assert marks[int(0.2 * HEIGHT), WIDTH // 2] == PROTECT
        assert marks[int(0.9 * HEIGHT), int(0.9 * WIDTH)] == 0
        page.get_by_role("button", name="Redo").click()
        assert saved_marks(page, tmp_path / "more.png")[int(0.9 * HEIGHT), int(0.9 * WIDTH)] == PROTECT

        # A file is as good as a hand, and is shown before it is sent.
        page.get_by_role("button", name="Clear").click()
        expect(said).to_have_text("Nothing is marked by hand.")
        page.get_by_label("Mask file").set_input_files(tmp_path / "hand.png")
        expect(said).to_contain_text("protected")
        assert np.array_equal(saved_marks(page, tmp_path / "again.png"), marks)

        page.get_by_role("button", name="Restore with these settings").click()
        expect(page.locator(".version")).to_contain_text("marked by hand")
        expect(page.locator("#download-restored")).to_be_visible(timeout=RESTORED_WITHIN)
        before = np.asarray(pictures.opened(original).convert("RGB"))
        after = result_of(page, tmp_path / "restored.png")
        assert np.array_equal(after[marks == PROTECT], before[marks == PROTECT])
        assert (after[marks == REPAIR] != before[marks == REPAIR]).any()

        # The next version begins with the marks of the one that is shown.
        brush(page)
        expect(page.locator("[data-marks]")).to_contain_text("protected")
        assert np.array_equal(saved_marks(page, tmp_path / "kept.png"), marks)
        assert complaints == []


def test_brush_is_used_by_keys_alone(platform: Platform, browser: Browser, tmp_path: Path) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        open_new_photo(page, platform, "By keys", seed=12)
        mode = page.get_by_role("radio", name="Look")
        mode.focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("radio", name="Mark by hand")).to_be_checked()
        canvas = page.get_by_role("application", name="The picture, to be marked with the brush")
        reach(page, canvas)
        expect(canvas).to_be_focused()
        said = page.locator("#brush-said")

        page.keyboard.press("ArrowUp")
        expect(said).to_have_text(re.compile(r"50 % from the left, 4\d % from the top: not marked"))
        page.keyboard.press("Space")
        expect(said).to_contain_text("to be repaired, 0 % protected")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowDown")
        expect(said).to_contain_text("from the top: to be repaired")
        page.keyboard.press("p")
        expect(said).to_have_text("Protect")
        page.keyboard.press("]")
        expect(said).to_have_text(re.compile(r"[\d.]+ percent of the width"))
        for _ in range(6):
            page.keyboard.press("ArrowDown")
        for _ in range(6):
            page.keyboard.press("Shift+ArrowRight")
        marks = saved_marks(page, tmp_path / "keys.png")
        assert {PROTECT, REPAIR} <= set(np.unique(marks))
        canvas.focus()
        for _ in range(6):
            page.keyboard.press("z")
        assert PROTECT not in saved_marks(page, tmp_path / "undone.png")
        assert complaints == []


def test_finger_paints_and_the_enlarged_picture_is_hit_where_it_is_touched(
    platform: Platform, browser: Browser, tmp_path: Path
) -> None:
    phone = {"width": 390, "height": 844}
    with context(browser, platform.address, viewport=phone, has_touch=True) as (profile, complaints):
        page = profile.new_page()
        open_new_photo(page, platform, "By finger", seed=13)
        canvas = brush(page)
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        touch_drag(page, canvas, box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.5)
        marks = saved_marks(page, tmp_path / "finger.png")
        assert (marks[HEIGHT // 2, WIDTH // 2 : int(0.8 * WIDTH)] == REPAIR).all()

        for _ in range(4):
            page.get_by_role("button", name="Larger").click()
        enlarged = canvas.bounding_box()
        assert enlarged is not None
        assert enlarged["width"] == pytest.approx(4 * box["width"], rel=0.01)
        page.get_by_label("Protect").check()
        stage = page.locator(".brush__stage").bounding_box()
        assert stage is not None
        x, y = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2
        page.mouse.click(x, y)
        marks = saved_marks(page, tmp_path / "enlarged.png")
        row = int((y - enlarged["y"]) / enlarged["height"] * HEIGHT)
        column = int((x - enlarged["x"]) / enlarged["width"] * WIDTH)
        assert marks[row, column] == PROTECT
        assert complaints == []


def test_refusal_costs_nobody_his_marks(platform: Platform, browser: Browser, tmp_path: Path) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        open_new_photo(page, platform, "Refused", seed=14)
        canvas = brush(page)
        paint(page, canvas, (0.2, 0.2), (0.8, 0.2))
        marks = saved_marks(page, tmp_path / "before.png")

        turned = io.BytesIO()
        Image.new("L", (HEIGHT, WIDTH), 255).save(turned, "PNG")
        page.get_by_label("Mask file").set_input_files(
            {"name": "turned.png", "mimeType": "image/png", "buffer": turned.getvalue()}
        )
        expect(page.get_by_role("alert")).to_contain_text("one of another shape")

        profile.set_offline(True)
        page.get_by_role("button", name="Restore with these settings").click()
        expect(page.get_by_role("alert")).to_contain_text("Your marks are still here")
        profile.set_offline(False)
        assert np.array_equal(saved_marks(page, tmp_path / "after.png"), marks)
        assert [line for line in complaints if "ERR_INTERNET_DISCONNECTED" not in line] == []


def test_mask_goes_by_the_form_alone_without_script(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address, java_script_enabled=False) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Mask without script", auto_restore=False)
        page.get_by_label("Add photographs").set_input_files(
            {
                "name": "ibu.png",
                "mimeType": "image/png",
                "buffer": pictures.png(pictures.portrait(seed=15)),
            }
        )
        page.get_by_role("button", name="Upload").click()
        page.get_by_role("link", name="ibu.png").click()
        expect(page.get_by_text("Mark by hand")).to_be_hidden()
        page.get_by_label("Mask file").set_input_files(
            {
                "name": "hand.png",
                "mimeType": "image/png",
                "buffer": pictures.png(Image.new("L", (128, 160), REPAIR)),
            }
        )
        page.get_by_label("Strength").fill("80")
        page.get_by_role("button", name="Restore with these settings").click()
        expect(page.locator(".version")).to_contain_text("80 % · marked by hand")
        assert complaints == []
