"""Whoever waits over REST is answered when something changes, and keeps nobody else from being answered."""

import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from archive.api import waiting
from archive.models import Collection
from restoration.models import Restoration
from restoration.services import (
    claim_restoration,
    pause_restorations,
    report_progress,
    set_back_restoration,
)
from tests.at_once import at_once
from tests.factories import make_collection, make_photo, make_restoration, make_user
from tests.restoration.api_client import client_of


@pytest.fixture(autouse=True)
def look_often(monkeypatch) -> None:
    monkeypatch.setattr(waiting, "LOOK_AGAIN_SECONDS", 0.02)


@pytest.fixture
def collection() -> Collection:
    return make_collection(owner=make_user("sri"), auto_restore=False)


@pytest.fixture
def queued(collection: Collection) -> Restoration:
    return make_restoration(photo=make_photo(collection=collection), status="queued")


def progress(client, of, **query):
    kind = "collections" if isinstance(of, Collection) else "restorations"
    return client.get(f"/api/v1/{kind}/{of.pk}/progress/", query)


@pytest.mark.django_db
def test_the_version_changes_with_what_is_told_and_not_with_time(collection, queued) -> None:
    client = client_of(collection.owner)
    first = progress(client, collection).json()
    assert (first["total"], first["waiting"], first["done"]) == (1, 1, 0)
    assert progress(client, collection).json()["version"] == first["version"]
    pause_restorations(collection=collection, actor=collection.owner)
    assert progress(client, collection).json()["version"] != first["version"]


@pytest.mark.django_db
def test_one_that_a_pause_stops_is_queued_again_for_whoever_waits(collection, queued) -> None:
    client = client_of(collection.owner)
    running = claim_restoration(restoration_id=queued.pk)
    report_progress(restoration=running, percent=42)
    before = progress(client, queued).json()
    pause_restorations(collection=collection, actor=collection.owner)
    set_back_restoration(restoration=running)
    after = progress(client, queued, after=before["version"], wait=5).json()
    assert (before["status"], before["progress"], before["attempts"]) == ("running", 42, 1)
    assert (after["status"], after["progress"], after["attempts"]) == ("queued", 0, 0)
    told = progress(client, collection).json()
    assert (told["waiting"], told["running"]) == (1, 0)
    assert told["paused_by_collection"] == str(collection.pk)


@pytest.mark.django_db
def test_what_is_told_of_one_restoration(collection, queued) -> None:
    client = client_of(collection.owner)
    answer = progress(client, queued).json()
    version = answer.pop("version")
    assert answer == {
        "id": str(queued.pk),
        "photo": str(queued.photo_id),
        "status": "queued",
        "progress": 0,
        "attempts": 0,
        "error_code": "",
        "review_state": "unreviewed",
        "finished_at": None,
    }
    report_progress(restoration=claim_restoration(restoration_id=queued.pk), percent=40)
    after = progress(client, queued).json()
    assert (after["status"], after["progress"], after["attempts"]) == ("running", 40, 1)
    assert after["version"] != version


@pytest.mark.django_db
def test_without_a_change_the_same_answer_comes_in_the_end(collection, queued) -> None:
    client = client_of(collection.owner)
    version = progress(client, queued).json()["version"]
    started = time.monotonic()
    assert progress(client, queued, after=version, wait=1).json()["version"] == version
    assert 1 <= time.monotonic() - started < 3


@pytest.mark.django_db
@pytest.mark.parametrize("query", [{"wait": "26"}, {"wait": "-1"}, {"wait": "soon"}, {"wait": "2.5"}])
def test_no_longer_wait_than_is_allowed(collection, query) -> None:
    answer = progress(client_of(collection.owner), collection, **query)
    assert answer.status_code == 400
    assert "wait" in answer.json()["fields"]


@pytest.mark.django_db
def test_who_has_another_version_or_does_not_wait_is_answered_at_once(collection, monkeypatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waited"))
    client = client_of(collection.owner)
    version = progress(client, collection).json()["version"]
    assert progress(client, collection, wait=25).status_code == 200
    assert progress(client, collection, after="elsewhen", wait=25).status_code == 200
    assert progress(client, collection, after=version).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_change_answers_whoever_waits_for_it(collection, queued) -> None:
    owner = collection.owner
    clients = [client_of(owner), client_of(owner)]
    versions = [progress(clients[0], of).json()["version"] for of in (collection, queued)]

    def finish() -> None:
        time.sleep(0.3)
        Restoration.objects.filter(pk=queued.pk).update(
            status="failed", error_code="restoration:engine:timeout", finished_at=timezone.now()
        )

    started = time.monotonic()
    whole, one, done = at_once(
        lambda: progress(clients[0], collection, after=versions[0], wait=20),
        lambda: progress(clients[1], queued, after=versions[1], wait=20),
        finish,
    )
    assert done is None
    assert time.monotonic() - started < 10
    assert (one.json()["status"], one.json()["error_code"]) == ("failed", "restoration:engine:timeout")
    assert whole.json()["failed"] == 1


@pytest.mark.django_db(transaction=True)
def test_who_waits_holds_no_server_s_connection_and_who_comes_too_many_is_answered_at_once(
    collection, queued, settings, monkeypatch
) -> None:
    settings.PULIH_MOST_WAITING = 1
    client = client_of(collection.owner)
    version = progress(client, queued).json()["version"]
    asleep, go_on, held = threading.Event(), threading.Event(), []

    def sleep(_seconds: float) -> None:
        held.append(connection.connection is not None)
        asleep.set()
        go_on.wait(10)

    monkeypatch.setattr(waiting.time, "sleep", sleep)

    def second():
        assert asleep.wait(10)
        answer = progress(client_of(collection.owner), queued, after=version, wait=20)
        Restoration.objects.filter(pk=queued.pk).update(progress=7)
        go_on.set()
        return answer

    first, other = at_once(lambda: progress(client, queued, after=version, wait=20), second)
    # SQLite's is an open file, and nobody waits for it.
    assert held == [connection.vendor == "sqlite"]
    assert (other.status_code, other.headers["Retry-After"]) == (200, "5")
    assert other.json()["version"] == version
    assert first.json()["progress"] == 7
    # The place is free again.
    assert "Retry-After" not in progress(client, queued, after=version, wait=1).headers


@pytest.mark.django_db(transaction=True)
def test_who_loses_the_right_to_see_is_not_answered(collection, queued) -> None:
    viewer = make_user("viewer")
    membership = collection.memberships.create(user=viewer, role="viewer")
    client = client_of(viewer)
    version = progress(client, queued).json()["version"]

    def leave() -> None:
        time.sleep(0.2)
        membership.delete()

    answer, _ = at_once(lambda: progress(client, queued, after=version, wait=20), leave)
    assert answer.status_code == 404
