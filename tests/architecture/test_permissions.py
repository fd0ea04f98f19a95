"""Every endpoint, every method, everybody: who gets in is written down in permission_entries, and so it is.

Generated from the URL configuration: an endpoint without an entry fails, and so does a method that no entry
names and that answers all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.urls import reverse

from archive.access.scopes import Scope
from tests.architecture.endpoints import ENDPOINTS, address_of, insider, level_of
from tests.architecture.permission_entries import all_entries
from tests.architecture.permission_levels import (
    ANYBODY,
    LET_IN,
    PEOPLE,
    SIGNED_IN,
    STAFF,
    Entry,
    Expected,
)
from tests.architecture.permission_world import World

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")
ENTRIES = all_entries()


@pytest.fixture
def world(db: None, media_root: Path) -> World:
    # Who signs in too often over REST is kept waiting, and others have done so before.
    cache.clear()
    return World()


def test_every_endpoint_has_an_entry_and_every_entry_an_endpoint() -> None:
    assert sorted(ENDPOINTS.keys() - ENTRIES.keys()) == [], "say in permission_entries who may do what there"
    assert sorted(ENTRIES.keys() - ENDPOINTS.keys()) == [], "these lead nowhere any more"


@pytest.mark.parametrize("asked", ["at the border", pytest.param("everybody", marks=pytest.mark.slow)])
def test_who_gets_in(world: World, asked: str) -> None:
    """At the border: the first and the last of those who are treated alike, in the order of PEOPLE and of the
    scopes.
    """
    choose = callers if asked == "everybody" else callers_at_the_border
    wrong = [
        f"{method.upper()} {name} by {caller}: {status}, should be {'let in' if may else 'refused'}"
        for name, entry, address in addresses(world)
        for method, expected in entry.expected().items()
        for caller, may in choose(expected)
        if is_let_in(status := answer(world, caller, method, address, entry)) is not may
    ]
    assert not wrong, "\n".join(wrong)


def test_no_method_answers_that_no_entry_names(world: World) -> None:
    wrong = [
        f"{method.upper()} {name} by {caller}: {status}, should be 405"
        for name, entry, address in addresses(world)
        for method in METHODS
        if method not in entry.expected()
        if (status := answer(world, caller := insider(entry), method, address, entry)) != "405"
    ]
    assert not wrong, "\n".join(wrong)


def test_the_admin_is_for_staff(world: World) -> None:
    for url in ("admin:index", "admin:archive_collection_changelist", "admin:auth_user_changelist"):
        for caller in PEOPLE:
            status = answer(world, caller, "get", reverse(url), Entry())
            assert is_let_in(status) is (caller == STAFF), (url, caller, status)


def callers(expected: Expected) -> Iterator[tuple[str, bool]]:
    """Everybody, and whether they must be let in."""
    let_in = LET_IN[level_of(expected)]
    yield from ((caller, caller in let_in) for caller in PEOPLE)
    if isinstance(expected, str):
        # Pages know nothing of tokens.
        yield "token:read", expected == ANYBODY
        return
    level, needed = expected
    if level == ANYBODY:
        return
    yield from ((f"token:{scope}", scope == needed and "owner" in let_in) for scope in Scope.values)
    # Whoever is signed in sees lists; a limited token's are shorter (tests/archive/test_access_api.py).
    if level != SIGNED_IN:
        yield "token:elsewhere", False


def callers_at_the_border(expected: Expected) -> Iterator[tuple[str, bool]]:
    """Of everybody those before or after whom stands one who is treated otherwise."""
    everybody = list(callers(expected))
    chosen = {everybody[0], everybody[-1]}
    for before, after in pairwise(everybody):
        if before[1] is not after[1]:
            chosen |= {before, after}
    yield from (one for one in everybody if one in chosen)


def addresses(world: World) -> Iterator[tuple[str, Entry, str]]:
    """Name, entry and address in this world of every endpoint that has an entry, one after the other: what
    an entry had to make or change for its address is gone when the next one comes.
    """
    for name in sorted(ENDPOINTS.keys() & ENTRIES.keys()):
        with transaction.atomic():
            yield name, ENTRIES[name], address_of(ENDPOINTS[name], ENTRIES[name], world)
            transaction.set_rollback(True)


def answer(world: World, caller: str, method: str, address: str, entry: Entry) -> str:
    """The status, or "sign in" where that is asked for; nothing that happened stays."""
    client = world.clients[caller]
    cookies = client.cookies.copy()
    body = entry.body(world) if callable(entry.body) else entry.body
    is_api = address.startswith("/api/")
    how: dict[str, Any] = {} if method in {"get", "head"} else {"data": body}
    if how and (is_api or method != "post"):
        how["content_type"] = "application/json"
    with transaction.atomic():
        with world.as_seen_by(caller):
            response = getattr(client, method)(address, headers=entry.headers, **how)
        if response.streaming:
            # Read to its end, and so closed, as a server does; .close() would also close the database.
            for _block in response.streaming_content:
                pass
        transaction.set_rollback(True)
    client.cookies = cookies
    return "sign in" if asks_to_sign_in(response) else str(response.status_code)


def asks_to_sign_in(response: HttpResponseBase) -> bool:
    location = response.get("Location", "")
    return location.startswith((f"{reverse('sign_in')}?", f"{reverse('admin:login')}?"))


def is_let_in(status: str) -> bool:
    assert not status.startswith("5"), status
    return status not in {"401", "403", "404", "405", "sign in"}
