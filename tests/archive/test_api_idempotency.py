"""Idempotency-Key: the same request any number of times makes one thing, and has one answer."""

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from archive.access.kept_answers import unseal
from archive.models import ApiToken, Collection, KeptAnswer, Photo
from archive.services import sweep_answers
from restoration.models import Restoration
from tests import pictures
from tests.at_once import at_once
from tests.factories import make_collection, make_photo, make_user
from tests.processes import ROOT
from tests.restoration.api_client import client_of

LIST = "api:collection-list"
KEY = "4f0c8f5e-2d8e-4a6b-b6a3-0f6a1f1d3c11"


def post(client: APIClient, address: str, body: dict[str, Any], key: str = KEY, **more: Any) -> Any:
    return client.post(address, body, **{"format": "json", "headers": {"Idempotency-Key": key}, **more})


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("torn.png", pictures.png())


@pytest.mark.django_db(transaction=True)
class TestSixteenAtOnce:
    def answers(self, user: Any, send: Callable[[APIClient], Any]) -> list[Any]:
        clients = [client_of(user) for _ in range(16)]
        found = at_once(*[lambda client=client: send(client) for client in clients])
        assert not [each for each in found if isinstance(each, Exception)], found
        return found

    def test_a_collection_is_made_once(self) -> None:
        found = self.answers(make_user(), lambda each: post(each, reverse(LIST), {"title": "Album"}))
        assert {each.status_code for each in found} == {201}
        assert len({each.content for each in found}) == 1
        assert Collection.objects.count() == KeptAnswer.objects.count() == 1
        assert sum("Idempotency-Replayed" not in each for each in found) == 1

    def test_a_picture_is_taken_in_once(self) -> None:
        collection = make_collection()
        address = reverse("api:collection-photos", args=[collection.pk])
        found = self.answers(
            collection.owner, lambda each: post(each, address, {"file": picture()}, format="multipart")
        )
        assert {each.status_code for each in found} == {201}
        assert len({each.content for each in found}) == 1
        assert len({each["Location"] for each in found}) == 1
        assert Photo.objects.count() == Restoration.objects.count() == 1

    def test_a_restoration_is_asked_for_once(self) -> None:
        photo = make_photo(collection=make_collection(auto_restore=False))
        address = reverse("api:photo-restorations", args=[photo.pk])
        found = self.answers(photo.uploaded_by, lambda each: post(each, address, {"strength": 80}))
        assert {(each.status_code, each["Location"]) for each in found} == {(202, found[0]["Location"])}
        assert Restoration.objects.count() == 1


# A process of its own, on this test's database and files; what was forked could not use libvips.
KILLED = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
from django.db import connections
database, settings.MEDIA_ROOT, user, what, address = sys.argv[1:]
connections["default"].settings_dict["NAME"] = database
from django.contrib.auth.models import User
from archive.api import idempotency
from tests.archive.test_api_idempotency import send
from tests.restoration.api_client import client_of
idempotency.keep_answer = lambda **_: os.kill(os.getpid(), signal.SIGKILL)
send(client_of(User.objects.get(pk=user)), what, address)
"""


def send(client: APIClient, what: str, address: str) -> Any:
    """Ask for a collection, or send a picture."""
    if what == "collection":
        return post(client, address, {"title": "Album"})
    return post(client, address, {"file": picture()}, format="multipart")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["collection", "picture"])
def test_a_process_killed_before_it_answered_has_made_nothing(what: str, media_root: Path) -> None:
    collection = make_collection()
    owner = collection.owner
    photos = reverse("api:collection-photos", args=[collection.pk])
    address = reverse(LIST) if what == "collection" else photos
    database = str(connection.settings_dict["NAME"])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, database, str(media_root), str(owner.pk), what, address],
        cwd=ROOT,
        timeout=300,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert (Collection.objects.count(), Photo.objects.count(), KeptAnswer.objects.count()) == (1, 0, 0)
    assert send(client_of(owner), what, address).status_code == 201
    assert Collection.objects.count() + Photo.objects.count() == 2


@pytest.mark.django_db
class TestKept:
    def test_another_body_is_refused(self) -> None:
        client = client_of(make_user())
        post(client, reverse(LIST), {"title": "Album"})
        answer = post(client, reverse(LIST), {"title": "Another album"})
        assert (answer.status_code, answer.json()["code"]) == (422, "archive:idempotency:other-request")
        other_address = post(client, reverse("api:collection-sample"), {})
        assert other_address.status_code == 422
        assert Collection.objects.count() == 1

    def test_the_order_of_fields_and_the_boundary_are_no_other_body(self) -> None:
        collection = make_collection()
        client, address = client_of(collection.owner), reverse("api:collection-photos", args=[collection.pk])
        bodies = [{"file": picture(), "folder": "1965"}, {"folder": "1965", "file": picture()}]
        first, second = (post(client, address, body, format="multipart") for body in bodies)
        assert (second.status_code, second.content) == (201, first.content)
        changed = SimpleUploadedFile("torn.png", pictures.png(pictures.portrait(seed=7)))
        assert post(client, address, {"file": changed}, format="multipart").status_code == 422

    def test_keys_are_each_person_s_own(self) -> None:
        for _person in range(2):
            assert post(client_of(make_user()), reverse(LIST), {"title": "Album"}).status_code == 201
        assert Collection.objects.count() == 2

    def test_a_refusal_is_not_kept(self) -> None:
        client = client_of(make_user())
        assert post(client, reverse(LIST), {"title": ""}).status_code == 400
        assert not KeptAnswer.objects.exists()
        assert post(client, reverse(LIST), {"title": "Album"}).status_code == 201

    def test_what_dies_in_the_middle_leaves_no_key_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        client = client_of(make_user())
        client.raise_request_exception = False
        with monkeypatch.context() as patch:
            patch.setattr("archive.api.idempotency.keep_answer", lambda **_: 1 / 0)
            assert post(client, reverse(LIST), {"title": "Album"}).status_code == 500
        assert not Collection.objects.exists()
        assert not KeptAnswer.objects.exists()
        assert post(client, reverse(LIST), {"title": "Album"}).status_code == 201

    def test_a_day_later_it_is_a_new_request(self) -> None:
        client = client_of(make_user())
        post(client, reverse(LIST), {"title": "Album"})
        KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
        assert post(client, reverse(LIST), {"title": "Album"}).status_code == 201
        assert Collection.objects.count() == 2
        KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
        assert (sweep_answers(), sweep_answers()) == (1, 0)

    def test_a_token_shown_once_cannot_be_read_in_the_database(self) -> None:
        client = APIClient()
        client.force_login(make_user())
        body = {"name": "scanner", "scopes": ["read"]}
        first = post(client, reverse("api:token-list"), body)
        again = post(client, reverse("api:token-list"), body)
        assert again.content == first.content
        assert ApiToken.objects.count() == 1
        kept = KeptAnswer.objects.get()
        assert first.json()["token"].encode() not in bytes(kept.answer or b"")
        assert KEY not in kept.key_digest
        assert unseal(bytes(kept.answer or b""), key="another key") is None

    @pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel"])
    def test_a_key_that_is_none_is_refused(self, key: str) -> None:
        answer = post(client_of(make_user()), reverse(LIST), {"title": "Album"}, key)
        assert (answer.status_code, answer.json()["code"]) == (400, "archive:idempotency:bad-key")
