"""What people write is text, wherever it is shown: no element, no attribute and no address comes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from restoration.registry.model_cards import render_card
from tests.every_page import SeenPage
from tests.html_page import Element, Page
from tests.security.hostile_world import HostileWorld, written_fields, written_models
from tests.security.payloads import PAYLOADS

pytestmark = pytest.mark.django_db

ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "srcset", "cite", "xlink:href"}
LEADS_ON = re.compile(r"[\s\x00-\x20]*(javascript|vbscript|data\s*:\s*text)", re.IGNORECASE)
NEVER_OURS = {"iframe", "object", "embed", "base", "marquee", "math", "style", "audio", "video", "image"}
NEVER_OURS |= {"custom-element", "animate", "set", "foreignobject", "mglyph", "scr<script"}


@pytest.fixture
def world(media_root: Path) -> HostileWorld:
    return HostileWorld()


def test_a_hundred_payloads() -> None:
    assert len(set(PAYLOADS)) == 100


def test_every_text_that_people_write_is_tried() -> None:
    found = {
        f"{model._meta.model_name}.{field.name}"
        for model in written_models()
        for field in written_fields(model)
    }
    assert found >= {
        *("collection.title", "collection.description", "collection.legal_hold_reason", "photo.filename"),
        *("photo.title", "photo.notes", "photo.folder", "tag.name", "user.username", "user.first_name"),
        *("apitoken.name", "sharelink.label", "webhook.name", "webhookattempt.answer", "review.comment"),
        *("importrun.name", "importitem.path", "metadataimport.filename", "metadatarow.message"),
        *("modelversion.name", "modelversion.version", "modelversion.card", "modelversion.data_licence"),
        *("modelpromotion.reason", "upload.filename", "fixityfinding.path", "restoration.error_message"),
    }
    assert len(found) > 40, sorted(found)


def test_neither_in_the_admin_nor_where_addresses_are_said_again(world: HostileWorld) -> None:
    """The pages themselves: tests/security/test_scripts_in_a_browser.py."""
    faults = []
    for page in (*echoing_pages(), *admin_pages()):
        response = world.clients[page.caller].get(page.address)
        assert response.status_code < 500, page
        faults += [f"{page.name}: {fault}" for fault in harmful(response.content.decode())]
    assert not faults, "\n".join(faults[:20])


def echoing_pages() -> Iterator[SeenPage]:
    """Addresses that show again what stands in them."""
    words = quote('"><img src=x onerror=hurt()>')
    for caller, address in {
        "search": (
            "owner",
            f"{reverse('restoration:search')}?q={words}&tag={words}&state={words}&page={words}",
        ),
        "sign-in": ("anonymous", f"/sign-in/?next={words}"),
        "sign-in, script": ("anonymous", "/sign-in/?next=javascript:hurt()"),
        "admin": ("anonymous", f"/admin/login/?next={words}"),
        "nowhere": ("owner", f"/{words}/"),
        "nobody": ("anonymous", f"/api/v1/{words}/"),
    }.values():
        yield SeenPage(f"echo of {address[:20]}", address, caller)


def admin_pages() -> Iterator[SeenPage]:
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        yield SeenPage(name, reverse(name), "staff")


@pytest.mark.parametrize("text", PAYLOADS)
def test_not_in_a_model_card_either_which_is_markdown(text: str) -> None:
    for card in (text, f"| a |\n|---|\n| {text} |", f"# {text}\n\n* {text}", f"[x]({text})", f"`{text}`"):
        assert harmful(f"<!doctype html>{render_card(card)}") == []


def test_refusals_in_json_and_xml_are_never_taken_for_pages(client: Client) -> None:
    words = "<script>hurt()</script>"
    for address in (
        f"/api/v1/search/?cursor={quote(words)}",
        f"/oai?verb={quote(words)}",
        f"/iiif/{quote(words)}/",
    ):
        answer = client.get(address)
        kind = answer.headers["Content-Type"].partition(";")[0]
        assert words not in answer.content.decode()
        assert kind != "text/html" or answer.status_code == 404
        assert answer["X-Content-Type-Options"] == "nosniff"


def harmful(html: str) -> list[str]:
    """What of a page comes from a payload and is more than text."""
    found = []
    for element in _Loose(html).elements:
        name = f"<{element.tag} {element.attributes}>"[:160]
        if element.tag in NEVER_OURS or (element.tag == "script" and not _is_harmless_script(element)):
            found.append(name)
        for attribute, value in element.attributes.items():
            leads = attribute in ADDRESSES and LEADS_ON.match(value)
            acts = attribute.startswith(("hx-", "data-hx-")) and "hurt" in value
            if attribute.startswith("on") or attribute in {"srcdoc", "style"} or leads or acts:
                found.append(f"{attribute} of {name}")
    return found


def _is_harmless_script(element: Element) -> bool:
    if element.attributes.get("type") == "application/ld+json":
        return bool(json.loads("".join(element.pieces)))
    ours = element.attributes.get("src", "").startswith(("/static/", "/admin/jsi18n/"))
    return ours and not element.text


def escaped(text: str) -> str:
    """As templates write it."""
    return str(escape(text))


class _Loose(Page):
    """As browsers read, who do not mind tags that do not match."""

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index].tag == tag:
                del self._open[index:]
                return

    def close(self) -> None:
        super().close()
        self._open.clear()
