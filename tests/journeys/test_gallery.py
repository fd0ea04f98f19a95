"""A gallery of more photos than a page holds: looking, going on, choosing, deciding, and its progress."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.browser import context, sign_in
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser

SLOW = 60_000  # milliseconds: other journeys' restorations may keep the machine busy
NUMBER, RESTORED = 54, 4

MAKE = f"""
from django.contrib.auth.models import User
from tests import pictures
from tests.factories import make_collection, make_photo, make_restoration
owner = User.objects.get(username="demo")
album = make_collection(owner=owner, title="Long album", auto_restore=False)
for number in range({NUMBER}):
    side = 60 + 10 * (number % 5)
    content = pictures.png(pictures.portrait(side, 80, seed=9000 + number))
    photo = make_photo(collection=album, content=content, filename=f"p{{number:02d}}.png")
    if number >= {NUMBER - RESTORED}:
        make_restoration(photo=photo)
"""

SHIFTED = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 200);
})"""

DROP = """name => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["no picture"], name, { type: "image/png" }));
    for (const kind of ["dragenter", "dragover", "drop"])
        document.body.dispatchEvent(
            new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def card(page: Page, number: int) -> Locator:
    return page.locator(".card", has_text=f"p{number:02d}.png")


def chosen(page: Page) -> Locator:
    return page.locator("#selection-count")


def test_a_long_gallery(platform: Platform, browser: Browser) -> None:
    platform.installation.manage("shell", "-c", MAKE)
    with context(browser, platform.address, viewport={"width": 1280, "height": 900}) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        page.get_by_role("link", name="Long album").click()
        expect(page.locator(".card")).not_to_have_count(0)
        look(page)
        address = go_on_and_come_back(page)
        page.goto(address)
        choose(page)
        decide(page)
        control(page)
        drop(page)
        assert [line for line in complaints if "400" not in line] == []


def look(page: Page) -> None:
    """Rows of one height, nothing moves, and the original under the mouse and at the focus."""
    heights = page.locator(".card__picture").evaluate_all(
        "all => all.slice(0, 5).map(each => Math.round(each.getBoundingClientRect().height))"
    )
    assert max(heights) - min(heights) <= 1
    assert page.evaluate(SHIFTED) < 0.05
    newest = card(page, NUMBER - 1)
    newest.hover()
    expect(newest.locator(".card__before")).to_have_css("opacity", "1", timeout=SLOW)
    page.mouse.move(2, 2)
    expect(newest.locator(".card__before")).to_have_css("opacity", "0")


def go_on_and_come_back(page: Page) -> str:
    """The next page comes by scrolling; whoever comes back finds the place. Returns the gallery's address."""
    address = page.url
    card(page, NUMBER - 48).scroll_into_view_if_needed()
    expect(page.locator(".card")).to_have_count(NUMBER, timeout=SLOW)
    card(page, 0).scroll_into_view_if_needed()
    card(page, 0).locator(".card__link").click()
    page.get_by_role("heading", name="p00.png").wait_for()
    page.go_back()
    expect(card(page, 0)).to_be_in_viewport(timeout=SLOW)
    return address


def rows_below(page: Page, card: Locator) -> int:
    """Whether the card that has the focus lies in the row of this one (0), or further down (1)."""
    boxes = [each.bounding_box() for each in (page.locator(".card:has(:focus)"), card)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    return int(boxes[0]["y"] > boxes[1]["y"] + boxes[1]["height"] / 2)


def choose(page: Page) -> None:
    first, second, third = (card(page, NUMBER - number) for number in (1, 2, 3))
    expect(page.locator(".card")).to_have_count(NUMBER, timeout=SLOW)  # opened where it had been left
    page.evaluate("scrollTo(0, 0)")
    boxes = [each.bounding_box() for each in (first, second)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    page.mouse.move(boxes[0]["x"] + 20, boxes[0]["y"] + 60)
    page.mouse.down()
    page.mouse.move(boxes[1]["x"] + 30, boxes[1]["y"] + 80, steps=5)
    page.mouse.up()
    expect(chosen(page)).to_have_text("2 chosen")
    expect(page.get_by_role("heading", name="Long album")).to_be_visible()  # no card was opened by it
    first.locator(".card__link").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(third.locator(".card__link")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(third.locator(".card__link")).not_to_be_focused()
    assert rows_below(page, third) == 1
    page.keyboard.press("ArrowUp")
    assert rows_below(page, third) == 0
    third.locator(".card__link").focus()
    page.keyboard.press("x")
    expect(chosen(page)).to_have_text("3 chosen")
    page.keyboard.press("Escape")
    expect(chosen(page)).to_have_text("Nothing chosen")
    page.keyboard.press("Control+a")
    expect(chosen(page)).to_have_text(f"{NUMBER} chosen")
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_role("heading", name=f"Restore {NUMBER} photos?")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    first.get_by_role("checkbox").check()
    third.get_by_role("checkbox").click(modifiers=["Shift"])
    expect(chosen(page)).to_have_text("3 chosen")


def decide(page: Page) -> None:
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("heading", name="Reject 3 restorations?")).to_be_visible()
    page.get_by_label("Reason").select_option(index=1)
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("heading", name="3 restorations were decided")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#filter-unreviewed")).to_have_text("To review 4")


def control(page: Page) -> None:
    """Paused, a batch waits; cancelled, it is as if nobody had asked for it."""
    page.get_by_role("link", name="Progress").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("nothing is restored until somebody goes on")).to_be_visible()
    page.get_by_role("link", name="Long album").click()
    page.get_by_label("All photos of this collection").check()
    page.get_by_role("button", name="Restore", exact=True).click()
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_text(f"{NUMBER} photos wait to be restored.")).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Progress").click()
    expect(page.locator(".tally", has_text="Waiting")).to_contain_text(str(NUMBER))
    page.get_by_text("Cancel what waits and runs").click()
    page.get_by_role("button", name="Cancel these restorations").click()
    expect(page.get_by_text(f"{NUMBER} restorations were cancelled.")).to_be_visible(timeout=SLOW)
    expect(page.locator(".tally").nth(2)).to_have_text(f"Restored {RESTORED}")


def drop(page: Page) -> None:
    """On a page without a queue of its own one comes, and says what was refused."""
    page.evaluate(DROP, "no-picture.png")
    item = page.locator(".upload__item", has_text="no-picture.png")
    expect(item).to_contain_text("Refused", timeout=SLOW)
    expect(page.get_by_role("button", name="Save refused as CSV")).to_be_visible()
    expect(page.get_by_text("Drop to add to “Long album”")).to_be_hidden()
