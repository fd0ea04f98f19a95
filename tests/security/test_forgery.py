"""Another site can make a browser send requests with its cookies; none of them changes anything here."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from archive.access.scopes import Scope
from archive.services import create_api_token
from tests.architecture.endpoints import ENDPOINTS, address_of, insider
from tests.architecture.permission_entries import all_entries
from tests.architecture.permission_world import World
from tests.factories import make_user

pytestmark = pytest.mark.django_db

CHANGE = ("post", "put", "patch", "delete")
FORGED = "forged"
NOTHING_TO_FORGE = {
    # Takes a name and a password, and knows no session.
    "api:token",
    # OAI-PMH lets harvesters ask by POST; it only reads.
    "oai",
}


@pytest.fixture
def world(media_root: Path) -> World:
    return World()


def test_every_change_by_a_session_takes_the_token_of_a_page(world: World) -> None:
    tried, passed = set(), set()
    for name, entry in sorted(all_entries().items()):
        if name not in ENDPOINTS:
            continue
        for method in CHANGE:
            if method not in entry.expected() or name in NOTHING_TO_FORGE:
                continue
            with transaction.atomic():
                status = forged(world, method, insider(entry), address_of(ENDPOINTS[name], entry, world))
                transaction.set_rollback(True)
            tried.add(name)
            if status != FORGED:
                passed.add(f"{method} {name}: {status}")
    assert len(tried) > 60
    assert not passed, "\n".join(sorted(passed))


def test_programs_with_a_token_need_none_and_the_one_of_a_page_lets_in() -> None:
    person = make_user()
    _token, key = create_api_token(user=person, name="x", scopes=[Scope.UPLOAD])
    program = Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {key}"})
    wanted = {"title": "x"}
    assert program.post("/api/v1/collections/", wanted, content_type="application/json").status_code == 201
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    browser.get("/collections/new/")
    secret = browser.cookies["csrftoken"].value
    refused = browser.post("/api/v1/collections/", wanted, content_type="application/json")
    assert refused.status_code == 403
    taken = browser.post(
        "/api/v1/collections/", wanted, content_type="application/json", headers={"X-CSRFToken": secret}
    )
    assert taken.status_code == 201


def forged(world: World, method: str, caller: str, address: str) -> str:
    """FORGED where that was the reason, else the status."""
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = world.clients[caller].cookies.copy()
    answer = getattr(browser, method)(address, {})
    # Over REST, nobody is refused as nobody before anything is looked at.
    if caller == "anonymous" and answer.status_code == 401:
        return FORGED
    text = answer.content.decode() if answer.status_code == 403 else ""
    return FORGED if "This form is too old" in text or "CSRF" in text else str(answer.status_code)
