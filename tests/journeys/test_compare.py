"""Pictures at any size: tiles as soon as they are there, six ways to compare, everything by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from tests import pictures
from tests.journeys.browser import context, create_collection, live_viewer, pinch, sign_in, touch_drag
from tests.journeys.platform import Platform
from tests.processes import wait_until

pytestmark = pytest.mark.browser

RESTORED_WITHIN = 600_000  # milliseconds; the demo's own pictures may still be in the queue
TILED_WITHIN = 600_000  # a restoration may be at work before it
SIZE = (2100, 1400)

BRIGHTNESS = """(canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value, at) => (at % 4 === 3 ? sum : sum + value), 0) / (data.length * 0.75);
}"""


def large(name: str) -> FilePayload:
    image = pictures.portrait(*SIZE, seed=31)
    return {"name": name, "mimeType": "image/jpeg", "buffer": pictures.jpeg(image)}


def scale(page: Page) -> float:
    """What the page says about how near one is, in per cent."""
    return float(page.locator(".viewer__scale").inner_text().removesuffix("%"))


@pytest.mark.slow
def test_a_large_picture_is_seen_to_its_last_pixel(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Large ones", auto_restore=False)
        page.get_by_label("Add photographs").set_input_files(large("wide.jpg"))
        with page.expect_response("**/zoom_files/12/*.jpg", timeout=TILED_WITHIN) as finest:
            page.get_by_role("link", name="wide.jpg").click()
            live_viewer(page).get_by_role("button", name="Pixels 1:1").click()
        assert finest.value.status == 200
        assert "immutable" in finest.value.headers["cache-control"]
        expect(page.locator(".viewer__scale")).to_have_text("100 %")

        picture = page.get_by_role("application", name="Original picture")
        picture.focus()
        page.keyboard.press("0")
        expect(page.get_by_role("button", name="Whole picture")).to_be_disabled()
        whole = scale(page)
        page.keyboard.press("+")
        page.keyboard.press("+")
        assert scale(page) == pytest.approx(whole * 1.5**2, rel=0.05)
        page.keyboard.press("-")
        assert scale(page) == pytest.approx(whole * 1.5, rel=0.05)
        assert complaints == []
    # Whoever may not see the photo may not see its tiles. A stranger asks: signed out, this page would still
    # fetch.
    with context(browser, platform.address) as (stranger, _):
        assert stranger.request.get(finest.value.url, max_redirects=0).status == 302


def test_both_pictures_are_compared_in_six_ways(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address, has_touch=True, reduced_motion="reduce") as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        page.goto(platform.demo)
        card = page.locator(".card", has=page.locator(".badge", has_text="To review")).first
        expect(card).to_be_visible(timeout=RESTORED_WITHIN)
        assert page.evaluate("window.OpenSeadragon") is None, "the gallery needs none of it"
        # What is done to the plain pictures while the library is on its way still counts when it is there.
        slider = page.get_by_role("slider", name="Share of the picture that shows the original")
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/vendor/openseadragon/**", hold)
        with page.expect_request("**/vendor/openseadragon/**"):
            card.get_by_role("link").first.click()
            # Before the page has its style, the viewer's own slider is there to see as well.
            expect(page.locator(".viewer__plain")).to_be_visible()
            expect(page.locator(".viewer__sides")).to_be_hidden()
            slider.press("ArrowRight")
        expect(slider).to_have_attribute("aria-valuetext", "51 percent original")
        held.pop().continue_()
        viewer = live_viewer(page)
        expect(slider).to_have_attribute("aria-valuetext", "51 percent original")
        expect(slider).to_be_focused()
        slider.press("ArrowRight")
        expect(slider).to_have_attribute("aria-valuetext", "52 percent original")
        picture = page.get_by_role("application", name="Original and restored picture")
        drawn = viewer.locator("[data-main] canvas").first
        picture.focus()

        for key, name, mode in [
            ("2", "Side by side", "beside"),
            ("3", "Blink", "blink"),
            ("4", "Difference", "difference"),
            ("5", "Original", "original"),
            ("6", "Restored", "result"),
            ("1", "Curtain", "curtain"),
        ]:
            page.keyboard.press(key)
            expect(viewer).to_have_attribute("data-mode", mode)
            expect(viewer.get_by_role("radio", name=name, exact=True)).to_be_checked()
            expect(page.locator("#announcer")).to_have_text(name)

        # Nothing moves by itself for those who want no motion; Space shows the other one.
        page.keyboard.press("3")
        expect(viewer).to_have_attribute("data-shown", "left")
        page.keyboard.press("Space")
        expect(viewer).to_have_attribute("data-shown", "right")

        # A restoration changes little, so most of the difference is dark.
        page.keyboard.press("6")
        bright = drawn.evaluate(BRIGHTNESS)
        assert bright > 0
        page.keyboard.press("4")
        expect(viewer.locator(".stage-label--difference")).to_be_visible()
        page.wait_for_function(
            f"bright => ({BRIGHTNESS})(document.querySelector('[data-main] canvas')) < bright / 2", arg=bright
        )

        # Measurements, by their keys, with an opacity that is spoken.
        page.keyboard.press("1")
        page.keyboard.press("h")
        expect(viewer.get_by_role("checkbox", name="Change")).to_be_checked()
        expect(viewer.get_by_role("img", name="Change").and_(page.locator("canvas"))).to_be_visible()
        page.keyboard.press("h")
        expect(viewer.get_by_role("checkbox", name="Change")).not_to_be_checked()
        viewer.get_by_role("slider", name="Opacity").press("ArrowLeft")
        expect(viewer.get_by_role("slider", name="Opacity")).to_have_attribute("aria-valuetext", "95 percent")

        # The line follows a finger.
        line = viewer.locator("[data-stage] .curtain-line")
        viewer.locator(".viewer__stage").scroll_into_view_if_needed()
        stage = viewer.locator(".viewer__stage").bounding_box()
        assert stage is not None
        touch_drag(page, line, stage["x"] + stage["width"] * 0.4, stage["y"] + stage["height"] / 2)
        share = slider.evaluate("element => element.valueAsNumber")
        assert 0 < share < 50
        expect(slider).to_have_attribute("aria-valuetext", f"{round(share)} percent original")

        # Two fingers enlarge the picture and not the page; reduced again it is whole.
        whole = scale(page)
        pinch(page, picture, larger=3)
        expect(page.get_by_role("button", name="Whole picture")).to_be_enabled()
        wait_until(lambda: scale(page) > 2 * whole, seconds=5, what="the pinch enlarges")
        assert page.evaluate("visualViewport.scale") == 1
        pinch(page, picture, larger=0.2)
        expect(page.get_by_role("button", name="Whole picture")).to_be_disabled()

        # Beside each other, both show the same part however one of them is moved.
        page.keyboard.press("2")
        for _ in range(3):
            viewer.get_by_role("button", name="Larger").click()
        beside, main = (viewer.locator(f"{where} canvas").first for where in ("[data-beside]", "[data-main]"))
        box = beside.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 20, box["y"] + 20, steps=5)
        page.mouse.up()
        expect(viewer.get_by_role("button", name="Whole picture")).to_be_enabled()
        assert beside.bounding_box()["width"] == pytest.approx(main.bounding_box()["width"], abs=2)
        page.keyboard.press("?")
        expect(viewer.get_by_text("full screen, this list")).to_be_visible()

        # Taken away at any moment, it leaves nothing behind that would still want to draw.
        viewer.evaluate("viewer => { viewer.chooseMode(0); viewer.remove(); }")
        page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        assert complaints == []


def test_without_the_library_the_plain_pictures_stay(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, _complaints):
        page = profile.new_page()
        page.route("**/vendor/openseadragon/**", lambda route: route.abort())
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Plain", auto_restore=False)
        page.get_by_label("Add photographs").set_input_files(large("plain.jpg"))
        page.get_by_role("link", name="plain.jpg").click()
        with page.expect_request("**/vendor/openseadragon/**"):
            page.keyboard.press("Tab")
        expect(page.get_by_role("img", name="plain.jpg")).to_be_visible()
        expect(page.get_by_role("button", name="Pixels 1:1")).to_be_hidden()
