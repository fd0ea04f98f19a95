"""Many files at once: a connection that fails, a page that is closed, folders and ZIPs."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, FilePayload, Page, Route, expect

from tests import pictures
from tests.archive.zips import zipped
from tests.journeys.browser import context, create_collection, sign_in
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser

RESTORED_WITHIN = 600_000  # milliseconds
SLOW = 60_000  # milliseconds: other journeys' restorations may keep the machine busy


def scan(name: str, seed: int, side: int = 200) -> FilePayload:
    content = pictures.png(pictures.portrait(side, side, seed=seed))
    return {"name": name, "mimeType": "image/png", "buffer": content}


def choose(page: Page, *files: FilePayload) -> None:
    page.get_by_label("Add photographs").set_input_files(list(files))


def test_what_was_interrupted_goes_on(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Interrupted", auto_restore=False)

        def signed_out(route: Route) -> None:
            if route.request.method == "PATCH":
                route.fulfill(status=403, json={"code": "not_authenticated", "message": "No."})
            else:
                route.continue_()

        page.route("**/api/v1/uploads/**", signed_out)
        choose(page, scan("late.png", 11))
        item = page.locator(".upload__item", has_text="late.png")
        expect(item).to_contain_text("You are no longer signed in.", timeout=SLOW)
        page.unroute("**/api/v1/uploads/**")
        item.get_by_role("button", name="Retry").click()
        expect(item).to_contain_text("Stored", timeout=SLOW)
        expect(page.locator(".card", has_text="late.png")).to_be_visible(timeout=SLOW)
        assert [line for line in complaints if "403" not in line] == []


def test_whoever_comes_back_finds_what_came_since_the_page_was_opened(
    platform: Platform, browser: Browser
) -> None:
    """A browser shows the page as it came, empty, if it is let."""
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Left and entered again", auto_restore=False)
        choose(page, scan("first.png", 13))
        page.get_by_role("link", name="first.png").click(timeout=SLOW)
        page.get_by_role("heading", name="first.png").wait_for()
        page.go_back()
        expect(page.locator(".card", has_text="first.png")).to_be_visible(timeout=SLOW)
        expect(page.get_by_role("heading", name="Nothing here yet")).to_have_count(0)
        assert complaints == []


def test_what_was_cancelled_is_forgotten(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, _complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "Cancelled", auto_restore=False)
        page.route(
            "**/api/v1/uploads/**",
            lambda route: None if route.request.method == "PATCH" else route.continue_(),
        )
        choose(page, scan("mistake.png", 12))
        item = page.locator(".upload__item", has_text="mistake.png")
        with page.expect_request(lambda request: request.method == "DELETE") as deleted:
            page.wait_for_timeout(1500)
            item.get_by_role("button", name="Cancel").click()
        answer = deleted.value.response()
        assert answer is not None
        assert answer.status == 204
        expect(item).to_have_count(0)


def test_what_comes_while_the_page_asks_is_followed_too(platform: Platform, browser: Browser) -> None:
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        held: list[tuple[Route, APIResponse]] = []

        def answer_late(route: Route) -> None:
            if held:
                route.continue_()
            else:
                held.append((route, route.fetch()))

        page.route("**/changes/**", answer_late)
        with page.expect_request("**/changes/**"):
            create_collection(page, "Meanwhile")
        choose(page, scan("meanwhile.png", 13))
        badge = page.locator(".card", has_text="meanwhile.png").locator(".badge")
        expect(badge).to_be_visible(timeout=SLOW)
        route, answer = held[0]
        assert answer.status == 286, "when it was asked there was nothing to wait for"
        route.fulfill(response=answer)
        expect(badge).to_have_text("To review", timeout=RESTORED_WITHIN)
        assert complaints == []


def test_a_folder_comes_with_its_names_and_refusals_can_be_saved(
    platform: Platform, browser: Browser, tmp_path: Path
) -> None:
    album = tmp_path / "Album"
    (album / "Page 2").mkdir(parents=True)
    (album / "one.png").write_bytes(pictures.png(pictures.portrait(seed=21)))
    (album / "Page 2" / "two.png").write_bytes(pictures.png(pictures.portrait(seed=22)))
    (album / "broken.jpg").write_bytes(b"no picture")
    (album / "notes.txt").write_text("1931")
    (album / ".DS_Store").write_text("x")
    with context(browser, platform.address) as (profile, _complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "A folder", auto_restore=False)
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a folder").click()
        chooser.value.set_files(str(album))
        expect(page.locator("[data-summary]")).to_have_text("2 of 4 stored, 2 refused", timeout=SLOW)
        expect(page.locator(".card")).to_have_count(2, timeout=SLOW)
        with page.expect_download() as download:
            page.get_by_role("button", name="Save refused as CSV").click()
        download.value.save_as(tmp_path / "refused.csv")
        lines = (tmp_path / "refused.csv").read_text("utf-8-sig").splitlines()
        assert sorted(line.split(",")[0] for line in lines[1:]) == ['"Album/broken.jpg"', '"Album/notes.txt"']


def test_a_zip_is_unpacked_and_every_file_accounted_for(platform: Platform, browser: Browser) -> None:
    content = zipped(
        {
            "Box/one.png": pictures.png(pictures.portrait(seed=31)),
            "Box/two.png": pictures.png(pictures.portrait(seed=32)),
            "../evil.png": pictures.png(),
        }
    )
    with context(browser, platform.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, platform.username, platform.password)
        create_collection(page, "A box", auto_restore=False)
        choose(page, {"name": "box.zip", "mimeType": "application/zip", "buffer": content})
        page.get_by_role("link", name="See the import").click(timeout=SLOW)
        expect(page.get_by_role("heading", name="box.zip")).to_be_visible()
        # The worker may be at a restoration of another journey first.
        expect(page.locator("#import-progress .badge")).to_have_text("done", timeout=10 * SLOW)
        expect(page.locator(".imports__item--refused")).to_contain_text("Its path leads out of the ZIP.")
        page.get_by_role("link", name="Box/one.png").click()
        expect(page.get_by_role("heading", name="one.png")).to_be_visible()
        assert complaints == []
