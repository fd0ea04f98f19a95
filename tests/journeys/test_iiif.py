"""A public photo in Mirador on another house's site: both pictures are there to choose from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response, Route, expect

from tests.journeys.browser import context
from tests.journeys.platform import Platform

pytestmark = pytest.mark.browser

MIRADOR = Path(__file__).parents[2] / "node_modules/mirador/dist/mirador.min.js"
ELSEWHERE = "http://localhost:9"  # answered by the test itself
VIEWER = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Viewer</title><div id="viewer"></div>
<script src="/mirador.js"></script>
<script>Mirador.viewer({
    id: "viewer",
    windows: [{ manifestId: "%s", sideBarPanel: "layers", sideBarOpen: true }],
    window: { panels: { layers: true } },
    workspaceControlPanel: { enabled: false },
});</script></html>"""

PUBLISH = """
import json
from archive.services import publish_collection
from restoration.models import Review
from restoration.services import review_restoration
from tests import pictures
from tests.factories import make_collection, make_photo, make_restoration
collection = make_collection(title="Open to other houses", auto_restore=False)
photo = make_photo(collection=collection, content=pictures.png(pictures.portrait(1900, 1300)))
restoration = make_restoration(photo=photo)
review_restoration(restoration=restoration, reviewer=collection.owner, decision=Review.Decision.APPROVED)
publish_collection(collection=collection, actor=collection.owner, is_public=True)
print(json.dumps([str(photo.pk), str(restoration.pk)]))
"""


def test_a_manifest_opens_in_mirador_on_another_site(platform: Platform, browser: Browser) -> None:
    written = platform.installation.manage("shell", "--command", PUBLISH)
    photo, restoration = json.loads(written.strip().splitlines()[-1])
    manifest = f"{platform.address}/iiif/photos/{photo}/manifest"

    def answer(route: Route) -> None:
        if route.request.url.endswith("/mirador.js"):
            route.fulfill(path=MIRADOR, content_type="text/javascript; charset=utf-8")
        else:
            route.fulfill(body=VIEWER % manifest, content_type="text/html")

    with context(browser, ELSEWHERE) as (opened, _complaints):
        # Both sites are on this machine, which browsers ask people about.
        opened.grant_permissions(["local-network-access"], origin=ELSEWHERE)
        opened.route(f"{ELSEWHERE}/**", answer)
        page = opened.new_page()
        with page.expect_response(_part_of(f"original-{photo}-preview")) as shown:
            page.goto("/")
        assert shown.value.status == 200
        expect(page.get_by_text("Original", exact=True)).to_be_visible()
        expect(page.get_by_text("Restored by AI (")).to_be_visible()
        with page.expect_response(_part_of(f"restored-{restoration}-preview")) as shown:
            page.get_by_role("button", name="Show layer").click()
        assert shown.value.status == 200


def _part_of(picture: str) -> Callable[[Response], bool]:
    """Whether an answer is a tile of the picture; the thumbnail beside its name is none."""
    return lambda response: f"/{picture}/" in response.url and response.url.endswith("512,512/0/default.jpg")
