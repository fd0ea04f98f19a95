"""No text runs as a script in a real browser, not even where the content security policy is switched off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests import pictures
from tests.every_page import SeenPage, every_page
from tests.journeys.browser import context, headless_chromium
from tests.security.hostile_world import HostileWorld
from tests.security.payloads import PAYLOADS
from tests.security.test_scripts import admin_pages, echoing_pages, escaped, harmful

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What the payloads call; frames tell the page that they stand in.
LISTEN = """
window.__ran = [];
window.hurt = () => { (window.top || window).__ran.push(document.URL); return ""; };
window.alert = window.confirm = window.prompt = window.hurt;
"""
# Whatever a script could hang on: what is folded is opened, everything gets the focus and the pointer once.
PROVOKE = """async () => {
    document.querySelectorAll("details").forEach(each => { each.open = true });
    for (const each of document.querySelectorAll("main *")) {
        for (const kind of ["mouseover", "mouseenter", "focus", "animationstart", "toggle"]) {
            each.dispatchEvent(new Event(kind));
        }
    }
    await new Promise(done => setTimeout(done, 30));
    const could = "a[href], form[action], [formaction], iframe, object, embed, base";
    const bad = [...document.querySelectorAll(could)]
        .filter(each => /^(iframe|object|embed|base)$/i.test(each.tagName)
            || /^(javascript|data|vbscript):/i.test(each.href || each.action || each.formAction || ""));
    return [...window.__ran.map(where => `ran: ${where}`), ...bad.map(each => each.outerHTML.slice(0, 120))];
}"""


@pytest.fixture
def world(media_root: Path) -> HostileWorld:
    return HostileWorld()


def test_nothing_that_people_wrote_runs(world: HostileWorld, live_server: LiveServer) -> None:
    seen = (*every_page(world), *echoing_pages(), *admin_pages())
    pages = [page for page in seen if page.name != "api:docs"]
    upload = SeenPage("upload", reverse("restoration:collection_detail", args=[world.collection.pk]), "owner")
    cookies = {name: _cookies(world, name, live_server.url) for name in {page.caller for page in pages}}
    faults: dict[str, list[str]] = {}
    shown: set[str] = set()
    # While the browser is open the database is out of reach here: see tests/journeys/conftest.py.
    with (
        headless_chromium() as browser,
        context(browser, live_server.url, bypass_csp=True) as (profile, _complaints),
    ):
        profile.add_init_script(LISTEN)
        # Pictures say nothing about this, and there are many.
        profile.route("**/*", _pass_on)
        tab = profile.new_page()
        tab.on("dialog", lambda dialog: (faults.setdefault("dialog", []).append(tab.url), dialog.dismiss()))
        for page in pages:
            html = _visit(profile, tab, page, cookies[page.caller])
            if found := harmful(html) + tab.evaluate(PROVOKE):
                faults[page.name] = found
            shown |= {text for text in PAYLOADS if escaped(text) in html}
        _visit(profile, tab, upload, cookies["owner"])
        _choose_a_file(tab)
        if found := tab.evaluate(PROVOKE):
            faults["a chosen file"] = found
    assert faults == {}
    # Else this would prove nothing.
    assert len(pages) > 50
    assert shown == set(PAYLOADS)


def _visit(profile: BrowserContext, tab: Page, page: SeenPage, cookies: list[Any]) -> str:
    """Look at a page; its HTML as it came."""
    profile.clear_cookies()
    profile.add_cookies(cookies)
    answer = tab.goto(page.address, wait_until="domcontentloaded")
    assert answer is not None
    return answer.text()


def _choose_a_file(tab: Page) -> None:
    """Its name is shown by a script, before any server has seen it."""
    name = "<img src=x onerror=hurt()>.png"
    content = pictures.png(pictures.portrait(32, 32))
    tab.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": content}
    )
    tab.get_by_text(name).first.wait_for()


def _pass_on(route: Any) -> None:
    if route.request.resource_type in {"image", "font", "media"}:
        route.abort()
    else:
        route.continue_()


def _cookies(world: HostileWorld, name: str, address: str) -> list[dict[str, str]]:
    jar = world.clients[name].cookies
    return [{"name": key, "value": morsel.value, "url": address} for key, morsel in jar.items()]
