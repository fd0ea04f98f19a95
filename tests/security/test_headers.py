"""Every answer tells browsers what they may do with it: pages, files, errors, redirects and static files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import transaction
from django.test import Client

from config.security_headers import HEADERS
from tests.architecture.endpoints import ENDPOINTS, address_of, insider
from tests.architecture.permission_entries import all_entries
from tests.architecture.permission_levels import Entry
from tests.architecture.permission_world import World

pytestmark = pytest.mark.django_db

# One of each kind of answer: what sets the headers stands around all of them.
OF_EACH_KIND = (
    *("sign_in", "archive:collection_list", "restoration:photo_detail", "restoration:photo_card"),
    *("archive:guest_rendition", "archive:rendition", "restoration:result", "archive:original"),
    *("archive:share_link", "archive:invitation", "archive:email_confirm", "archive:tokens"),
    *("api:me", "api:photo-list", "api:photo-original", "api:restoration-result", "api:restoration-layer"),
    *("iiif:manifest", "iiif:image_info", "iiif:root", "oai", "health_live", "restoration:guest_photo"),
)
NO_REFERRER = {"archive:share_link", "archive:invitation_open", "archive:email_confirm"}


@pytest.fixture
def world(media_root: Path) -> World:
    return World()


def asked(world: World, name: str, entry: Entry) -> Any:
    caller = insider(entry)
    address = address_of(ENDPOINTS[name], entry, world)
    with world.as_seen_by(caller):
        answer = world.clients[caller].get(address)
    if answer.streaming:
        for _block in answer.streaming_content:
            pass
    return answer


def missing(answer: Any) -> dict[str, str | None]:
    return {name: answer.get(name) for name, value in HEADERS.items() if answer.get(name) != value}


def test_on_every_kind_of_answer(world: World) -> None:
    faults = {}
    kinds = set()
    entries = all_entries()
    tried = [name for name in OF_EACH_KIND if name in ENDPOINTS]
    assert len(tried) >= 18, set(OF_EACH_KIND) - set(tried)
    for name in tried:
        entry = entries[name]
        with transaction.atomic():  # what an entry makes for its address is gone with it
            answer = asked(world, name, entry)
            transaction.set_rollback(True)
        kinds.add((answer.status_code, answer.get("Content-Type", "").partition(";")[0]))
        lacking = missing(answer)
        if answer.get("Access-Control-Allow-Origin") == "*":
            assert lacking.pop("Cross-Origin-Resource-Policy") == "cross-origin", name
        if name in NO_REFERRER:
            assert lacking.pop("Referrer-Policy", "no-referrer") == "no-referrer", name
        # Stored files are allowed nothing at all.
        assert lacking.pop("Content-Security-Policy", "sandbox") == "sandbox", name
        if lacking:
            faults[name] = lacking
    assert not faults
    assert {
        (200, "text/html"),
        (200, "application/json"),
        (200, "image/png"),
        (404, "text/html"),
    } <= kinds


@pytest.mark.parametrize(
    ("address", "how", "status"),
    [
        ("/nowhere/", {}, 404),
        ("/api/v1/nowhere/", {}, 404),
        ("/account/", {}, 302),
        ("/", {"SERVER_NAME": "elsewhere.example"}, 400),
        ("/admin/", {}, 302),
        ("/sign-in/?next=%00", {}, 200),
        ("/static/css/tokens.css", {}, 200),
        ("/robots.txt", {}, 200),
    ],
)
def test_on_errors_redirects_and_static_files(
    address: str, how: dict[str, str], status: int, settings: Any
) -> None:
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    answer = Client(**how).get(address)
    assert (answer.status_code, missing(answer)) == (status, {})


def test_on_refused_forms_and_faults_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing(Client(enforce_csrf_checks=True).post("/sign-in/")) == {}

    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("archive.access.profiles.profile_of", break_down)
    monkeypatch.setattr("archive.views.guests.guest_of", break_down)
    answer = Client(raise_request_exception=False).get("/public/")
    assert (answer.status_code, missing(answer)) == (500, {})


def test_https_is_insisted_on_where_that_is_set(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 3600
    there = Client().get("/sign-in/")
    assert (there.status_code, there["Location"]) == (301, "https://testserver/sign-in/")
    assert missing(there) == {}
    assert Client().get("/sign-in/", secure=True)["Strict-Transport-Security"] == "max-age=3600"


def test_the_policy_lets_nothing_in_that_is_not_ours() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert (policy["base-uri"], policy["form-action"]) == ("'self'", "'self'")
    assert "camera=()" in HEADERS["Permissions-Policy"]
    assert project.X_FRAME_OPTIONS == "DENY"
