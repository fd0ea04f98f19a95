"""A visitor walks through a public collection, with script and without, and always knows what is seen."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import context, create_collection, sign_in
from tests.journeys.platform import Platform
from tests.processes import wait_until

pytestmark = pytest.mark.browser

RESTORED_WITHIN = 600  # seconds; the demo's own pictures may still be in the queue

TITLE = "Open to everybody"

HANG = f"""
import io
from django.contrib.auth.models import User
from archive.services import create_collection, ingest_photo, publish_collection
from restoration.services import request_restoration
from tests import pictures
owner = User.objects.get(username="demo")
collection = create_collection(owner=owner, title={TITLE!r}, auto_restore=False, date_edtf="193X")
publish_collection(collection=collection, actor=owner, is_public=True)
for number in range(3):
    portrait = pictures.png(pictures.scratched(pictures.portrait(160, 200, seed=number), seed=number))
    photo = ingest_photo(
        collection=collection, uploaded_by=owner, file=io.BytesIO(portrait), filename=f"guest-{{number}}.png"
    )
    if number:
        request_restoration(photo=photo, requested_by=owner)
"""

APPROVE = f"""
from restoration.models import Restoration, Review
from restoration.services import review_restoration
for made in Restoration.objects.filter(photo__collection__title={TITLE!r}):
    owner = made.photo.collection.owner
    review_restoration(restoration=made, reviewer=owner, decision=Review.Decision.APPROVED)
"""

DONE = """
SELECT count(*) = 2 FROM restoration_restoration r JOIN archive_photo p ON p.id = r.photo_id
WHERE p.filename LIKE 'guest-%' AND r.status = 'done'
"""


@pytest.fixture(scope="module")
def published(platform: Platform) -> Platform:
    """Three photos that everybody may see, of which two have an approved restoration."""
    platform.installation.manage("shell", "-c", HANG)
    wait_until(
        lambda: platform.installation.rows(DONE)[0][0], seconds=RESTORED_WITHIN, what="two restorations"
    )
    platform.installation.manage("shell", "-c", APPROVE)
    return platform


def walk(page: Page) -> None:
    """From the list of collections to a photo, over to the original, and on with originals."""
    page.goto("/public/")
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    restored = page.locator("li.card--photo", has_text="Restored by AI").first
    restored.locator("a").click()
    caption = page.locator("figcaption")
    expect(caption).to_have_text("Restored by AI")
    expect(page.get_by_text("You see restorations by AI")).to_be_visible()
    picture = page.locator("figure img")
    before = picture.get_attribute("src")
    page.get_by_role("button", name="Originals").click()
    expect(caption).to_have_text("Original")
    expect(page.get_by_text("You see the originals")).to_be_visible()
    assert picture.get_attribute("src") != before
    page.get_by_role("link", name=TITLE).click()
    expect(page.locator("li.card--photo", has_text="Restored by AI")).to_have_count(0)
    page.locator("li.card--photo a").first.click()
    expect(caption).to_have_text("Original")
    page.get_by_role("link", name="Next").click()
    expect(caption).to_have_text("Original")
    page.get_by_role("button", name="Restored by AI").click()
    expect(page.get_by_role("button", name="Restored by AI")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no-script"])
def test_a_walk_through_the_exhibition(published: Platform, browser: Browser, with_script: bool) -> None:
    with context(browser, published.address, java_script_enabled=with_script) as (profile, complaints):
        walk(profile.new_page())
        assert complaints == []


def test_data_for_machines_is_accepted_by_the_policy(published: Platform, browser: Browser) -> None:
    with context(browser, published.address) as (profile, complaints):
        page = profile.new_page()
        page.goto("/public/")
        page.get_by_role("link", name=TITLE).click()
        data = json.loads(page.locator("script[type='application/ld+json']").inner_text())
        assert data["name"] == TITLE
        share = page.locator("meta[property='og:image']").get_attribute("content")
        assert share is not None
        answer = page.request.get(share)
        assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
        # Chromium reports what its policy refuses as an error on the console.
        assert complaints == []


def test_an_invited_visitor_is_kept_out_of_search_engines(published: Platform, browser: Browser) -> None:
    with context(browser, published.address) as (profile, complaints):
        page = profile.new_page()
        sign_in(page, published.username, published.password)
        create_collection(page, "For the family only")
        page.get_by_role("link", name="Access").click()
        page.get_by_role("button", name="Make a link").click()
        address = page.locator("input.once").input_value()
        assert complaints == []
    with context(browser, published.address) as (profile, complaints):
        page = profile.new_page()
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text("For the family only")
        assert page.locator("meta[name=robots]").get_attribute("content") == "noindex, nofollow"
        assert complaints == []
