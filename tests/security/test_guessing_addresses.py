"""No address can be counted up, and what one may not see is as if it were not there."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.test import Client

from archive.models import (
    ApiToken,
    Collection,
    ImportRun,
    Invitation,
    MetadataImport,
    Photo,
    ShareLink,
    Webhook,
)
from restoration.models import ModelVersion, Restoration, SampleResult
from tests.architecture.endpoints import ENDPOINTS
from tests.architecture.permission_world import World
from tests.factories import make_user

pytestmark = pytest.mark.django_db

COUNTED = {
    # Those who administer the platform; everybody else is refused whatever stands there.
    "api:user-detail",
    "api:user-roles",
    # Places in something whose own address cannot be guessed: pages of a list, tiles, epochs of a named run.
    "archive:guest_zoom_tile",
    "archive:zoom_tile",
    "restoration:guest_result_zoom_tile",
    "restoration:result_zoom_tile",
    "iiif:collection_page",
    "api:training-run-sheet",
    "restoration:training_run_sheet",
}


def test_nothing_else_is_numbered() -> None:
    assert {name for name, endpoint in ENDPOINTS.items() if "<int:" in endpoint.route} == COUNTED


def test_what_addresses_name_has_ids_drawn_by_chance() -> None:
    for model in (Collection, Photo, ImportRun, MetadataImport, ShareLink, Invitation, ApiToken, Webhook):
        assert model._meta.pk.default in {uuid.uuid4}, model.__name__
    for model in (Restoration, ModelVersion, SampleResult):
        assert model._meta.pk.default in {uuid.uuid4}, model.__name__


@pytest.fixture
def world(media_root: Path) -> World:
    return World()


def test_what_one_may_not_see_is_answered_like_what_there_is_not(world: World) -> None:
    things = {
        "/collections/{}/": world.collection.pk,
        "/photos/{}/": world.photo.pk,
        "/photos/{}/original/": world.photo.pk,
        "/restorations/{}/result/": world.restoration.pk,
        "/api/v1/collections/{}/": world.collection.pk,
        "/api/v1/photos/{}/": world.photo.pk,
        "/api/v1/restorations/{}/": world.restoration.pk,
        "/iiif/photos/{}/manifest": world.photo.pk,
        "/public/photos/{}/": world.photo.pk,
    }
    stranger = world.clients["outsider"]
    known = set()
    for pattern, pk in things.items():
        nothing = uuid.uuid4()
        there, not_there = (stranger.get(pattern.format(each)) for each in (pk, nothing))
        assert (there.status_code, not_there.status_code) == (404, 404), pattern
        assert _said(there, pk) == _said(not_there, nothing), pattern
        known.add(world.clients["owner"].get(pattern.format(pk)).status_code)
    assert 200 in known, "these lead somewhere"


def test_users_are_told_to_nobody_but_those_who_administer() -> None:
    person = make_user()
    browser = Client()
    browser.force_login(make_user())
    for pk in (person.pk, 10**9):
        for address in (f"/api/v1/users/{pk}/", f"/api/v1/users/{pk}/roles/"):
            assert browser.get(address).status_code == 403
            assert Client().get(address).status_code == 401


def _said(answer: object, pk: object) -> str:
    """Without what differs between any two pages: the address, and the masked token of its forms."""
    text = answer.content.decode().replace(str(pk), "ID")  # type: ignore[attr-defined]
    return "\n".join(line for line in text.splitlines() if "csrf" not in line.lower())
