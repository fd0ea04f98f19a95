"""WCAG 2.2 AA on every page: axe finds nothing, minor things left aside; everything fits 320 px and text of
twice the size, focus is seen, and who asks for no motion gets none. One browser session; each page is loaded
once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.architecture.permission_world import World
from tests.every_page import SeenPage, every_page
from tests.journeys.browser import context, headless_chromium, live_viewer, shoot

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js"
WHOLE_STANDARD = {
    "preload": False,  # there is neither sound nor film
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
# What the other theme can change.
COLOURS_ONLY = {
    "preload": False,
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
# The schema page is Swagger UI's, whose markup is not ours to mend.
FAULTS = """async options => (await axe.run({exclude: [".swagger-ui"]}, options)).violations
    .filter(each => each.impact !== "minor")
    .map(each => `${each.id} (${each.impact}): ` + each.nodes.map(node =>
        `${node.target.join(" ")} ${(node.any[0] || node.all[0] || node.none[0] || {}).message || ""}`)
        .slice(0, 4).join(" | "))"""

# Pages that refuse say so. Of Swagger UI's styles the policy keeps out what is written into its markup.
EXPECTED = ("404", "403", "Applying inline style")

DESKTOP = {"width": 1280, "height": 800}
SMALLEST = {"width": 320, "height": 640}  # 1280 pixels at 400 %, success criterion 1.4.10
HALF = {"width": 640, "height": 800}  # 1280 pixels at 200 %
STICKS_OUT = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.body.querySelectorAll("*")]
        .filter(element => element.checkVisibility() && element.getBoundingClientRect().right > width + 1)
        .map(element => `${element.tagName} ${element.className}`).slice(-3);
}"""

# Each thing that the keyboard reaches is given the focus; it, or what stands for it, must look different.
FOCUS_UNSEEN = """() => {
    const reached = [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
        .filter(element => element.checkVisibility({visibilityProperty: true}) && !element.disabled
            && element.tabIndex >= 0);
    const around = element => {
        const near = [element, ...(element.labels || [])];
        for (let up = element.parentElement, n = 0; up && n < 4; up = up.parentElement, n++) {
            near.push(up, ...(n < 2 ? up.children : []));
        }
        return near;
    };
    const outline = style => style.outlineStyle === "none" || /^rgba.*, 0\\)$/.test(style.outlineColor)
        ? 0 : parseFloat(style.outlineWidth);
    const look = elements => elements.flatMap(element => ["", "::before", "::after"].map(part => {
        const style = getComputedStyle(element, part || null);
        return [outline(style), style.boxShadow];
    }));
    const unseen = [];
    for (const element of reached) {
        document.activeElement?.blur();
        const before = look(around(element));
        element.focus();
        if (document.activeElement !== element) continue;
        const after = look(around(element));
        const seen = after.some(([width, shadow], index) =>
            (width >= 2 && width !== before[index][0]) || shadow !== before[index][1]);
        if (!seen) unseen.push(element.outerHTML.slice(0, 120));
    }
    document.activeElement?.blur();
    return unseen;
}"""

MOVING = """() => [...document.querySelectorAll("*:not(#swagger-ui *)")]
    .filter(element => ["", "::before", "::after"].some(part => {
        const style = getComputedStyle(element, part || null);
        const moves = style.transitionDuration.split(",").some(one => parseFloat(one) > 0.01);
        return moves || (style.animationName !== "none" && parseFloat(style.animationDuration) > 0.01);
    })).map(element => element.outerHTML.slice(0, 120)).slice(0, 5)"""


@pytest.fixture
def world(media_root: Path) -> World:
    return World()


def test_every_page_is_for_everybody(world: World, live_server: LiveServer) -> None:
    pages = every_page(world)
    cookies = {name: _cookies(world, name, live_server.url) for name in {page.caller for page in pages}}
    faults: dict[str, list[str]] = {}  # by fault the pages that have it
    assert len(pages) > 30
    # While the browser is open the database is out of reach here: see conftest.py.
    with (
        headless_chromium() as browser,
        context(browser, live_server.url, viewport=DESKTOP, reduced_motion="reduce") as (profile, complaints),
    ):
        tab = profile.new_page()
        for page in pages:
            _look_at(tab, page, cookies[page.caller], profile, faults)
    assert not faults, "\n".join(f"{fault}\n    on {', '.join(names)}" for fault, names in faults.items())
    assert [each for each in complaints if not any(word in each for word in EXPECTED)] == []


def _look_at(
    tab: Page, page: SeenPage, cookies: list[Any], profile: BrowserContext, faults: dict[str, list[str]]
) -> None:
    def hold(what: str, found: list[str]) -> None:
        for each in found:
            faults.setdefault(f"{what}: {each}", []).append(page.name)

    profile.clear_cookies()
    profile.add_cookies(cookies)
    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size(DESKTOP)
    answer = tab.goto(page.address)
    assert answer is not None
    policy = answer.headers.get("content-security-policy", "none")
    hold("policy", [policy] if "unsafe" in policy or "default-src 'self'" not in policy else [])
    if tab.locator("#swagger-ui").count():
        tab.get_by_role("main").wait_for()
    # What is folded away belongs to the page, too.
    tab.evaluate("document.querySelectorAll('details:not([name])').forEach(each => { each.open = true })")
    shoot(tab, page.name)
    if tab.locator("picture-viewer").count():
        live_viewer(tab)
    tab.keyboard.press("Tab")
    hold("focus is not seen", tab.evaluate(FOCUS_UNSEEN))
    hold("moves all the same", tab.evaluate(MOVING))
    tab.evaluate(AXE.read_text())
    hold("light", tab.evaluate(FAULTS, WHOLE_STANDARD))
    tab.emulate_media(color_scheme="dark")
    hold("dark", tab.evaluate(FAULTS, COLOURS_ONLY))
    tab.set_viewport_size(SMALLEST)
    hold("320 px", tab.evaluate(STICKS_OUT))
    tab.set_viewport_size(HALF)
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    hold("text at 200 %", tab.evaluate(STICKS_OUT))


def _cookies(world: World, caller: str, address: str) -> list[dict[str, str]]:
    return [
        {"name": name, "value": morsel.value, "url": address}
        for name, morsel in world.clients[caller].cookies.items()
    ]
