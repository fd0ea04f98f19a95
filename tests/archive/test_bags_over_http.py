"""Bags over HTTP: who gets which, and what happens when a download does not come to its end."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile

import bagit
import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from archive.access.roles import Role
from archive.bags.contents import Purpose
from archive.files.storage import Area, FixityError
from archive.models import Collection, Event, Photo
from tests.archive.bag_contents import make_fonds
from tests.factories import make_collection, make_photo, make_user
from tests.stored import stored_path


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", Purpose.values)
def test_decayed_file_never_gets_into_a_bag(client: Client, purpose: str) -> None:
    photo = make_photo()
    path = stored_path(Area.ORIGINALS, photo.original.sha256)
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    client.force_login(photo.collection.owner)
    response = client.post(address_of(photo.collection), {"purpose": purpose})
    with pytest.raises(FixityError):
        b"".join(response)
    give_up(response)
    begun, broken = Event.objects.filter(kind="bag-exported").order_by("created_at")
    assert (begun.outcome, broken.outcome) == ("success", "fail")
    assert broken.details["bag"] == begun.details["bag"]


def give_up(response: Any) -> None:
    """Close it as a server does when the client has gone; but the test still needs its database."""
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)


def address_of(collection: Collection) -> str:
    return reverse("archive:collection_export", args=[collection.pk])


@pytest.mark.django_db
@pytest.mark.parametrize("by_api", [False, True])
def test_zip_comes_over_http_and_is_recorded(client: Client, tmp_path: Path, by_api: bool) -> None:
    fonds = make_fonds()
    client.force_login(fonds.owner)
    address = reverse("api:collection-export", args=[fonds.pk]) if by_api else address_of(fonds)
    body = {"purpose": "keeping"}
    response = client.post(address, body, "application/json") if by_api else client.post(address, body)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    content = b"".join(response)
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    (folder,) = tmp_path.glob("Estate_ Wiryo_Sastro-*")
    bagit.Bag(str(folder)).validate()
    (event,) = Event.objects.filter(kind="bag-exported")
    assert event.actor == fonds.owner
    assert event.details["photos"] == 3
    assert event.details["bag"] in (folder / "bag-info.txt").read_text()


@pytest.mark.django_db
def test_download_given_up_is_recorded_and_cleared_away(client: Client, media_root: Path) -> None:
    photo = make_photo()
    client.force_login(photo.collection.owner)
    give_up(client.post(address_of(photo.collection), {"purpose": "passing-on"}))
    outcomes = (
        Event.objects.filter(kind="bag-exported").order_by("created_at").values_list("outcome", flat=True)
    )
    assert list(outcomes) == ["success", "fail"]
    assert list((media_root / "incoming").iterdir()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "page", "passing_on", "keeping"),
    [
        (Role.CURATOR, 200, 200, 200),
        (Role.REVIEWER, 200, 200, 403),
        (Role.VIEWER, 200, 200, 403),
        (None, 404, 404, 404),
    ],
)
def test_who_gets_what(client: Client, role: Role | None, page: int, passing_on: int, keeping: int) -> None:
    user = make_user()
    collection = make_collection(members={user: role} if role else {})
    make_photo(collection=collection)
    client.force_login(user)
    address = address_of(collection)
    shown = client.get(address)
    assert shown.status_code == page
    assert (b'value="keeping"' in shown.content) == (keeping == 200)
    for purpose, expected in (("passing-on", passing_on), ("keeping", keeping)):
        response = client.post(address, {"purpose": purpose})
        assert response.status_code == expected
        give_up(response)
        api = client.post(
            reverse("api:collection-export", args=[collection.pk]),
            {"purpose": purpose},
            content_type="application/json",
        )
        assert api.status_code == expected
        give_up(api)


@pytest.mark.django_db
def test_selection_of_a_gallery_is_asked_about_first(client: Client) -> None:
    fonds = make_fonds()
    client.force_login(fonds.owner)
    ids = [str(pk) for pk in Photo.objects.filter(filename="Bibi Sri.png").values_list("pk", flat=True)]
    address = f"{address_of(fonds)}?{urlencode({'photo': ids}, doseq=True)}"
    shown = client.get(address)
    assert "The 2 selected photos" in shown.content.decode()
    assert f'action="{escape(address)}"' in shown.content.decode()
    response = client.post(address, {"purpose": "passing-on"})
    with ZipFile(io.BytesIO(b"".join(response))) as archive:
        assert len([name for name in archive.namelist() if "/originals/" in name]) == 2
    (event,) = Event.objects.filter(kind="bag-exported")
    assert event.details["selection"] == sorted(ids)
    found = client.get(f"{address_of(fonds)}?all=1&found=q%3DGarut")
    assert "1 selected photo," in found.content.decode()
    assert client.get(address_of(fonds), {"photo": "nonsense"}).status_code == 200
    assert client.post(address_of(fonds), {}).status_code == 400
