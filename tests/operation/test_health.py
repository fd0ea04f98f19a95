"""Probes: what anybody is told, what operators are told, and each thing that can be wrong, by its name."""

from __future__ import annotations

import os
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries, Settings

from archive.health import databases, disks, stores
from archive.models import ClusterBeat
from archive.queue.queues import Queue
from tests.factories import make_user
from tests.operation.living_queue import give_sign_of_life

TOKEN = "a long walk with a meter"
ALL_FINE = {name: "ok" for name in ("database", "migrations", "storage", "room", "queue")}

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def plenty_of_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine has on which this runs."""
    monkeypatch.setattr(disks.shutil, "disk_usage", lambda folder: Usage(10**12, 0, 10**12))


def ready(client: Client, **headers: str) -> tuple[int, dict[str, Any]]:
    answer = client.get(reverse("health_ready"), headers=headers)
    return answer.status_code, answer.json()


def test_a_living_process_says_so_without_the_database(client: Client) -> None:
    """No mark for the database: a query would fail this test."""
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies
    assert client.head("/health/live").status_code == 200
    assert client.post("/health/live").status_code == 405


@pytest.mark.django_db
def test_ready_in_few_queries_and_never_cached(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    give_sign_of_life()
    ready(client)
    with django_assert_max_num_queries(5):
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "checks": ALL_FINE})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_not_ready_without_a_worker(client: Client) -> None:
    assert ready(client) == (503, {"status": "not ready", "checks": ALL_FINE | {"queue": "broken"}})


@pytest.mark.django_db
def test_ready_while_restorations_wait_for_a_machine_and_not_while_all_else_does(client: Client) -> None:
    give_sign_of_life(Queue.GENERAL)
    OrmQ.objects.create(key="restoration", payload="", lock=timezone.now())
    assert ready(client) == (200, {"status": "ready", "checks": ALL_FINE | {"queue": "warning"}})
    ClusterBeat.objects.all().delete()
    give_sign_of_life(Queue.RESTORATION)
    assert ready(client) == (503, {"status": "not ready", "checks": ALL_FINE | {"queue": "broken"}})


@pytest.mark.django_db
def test_not_ready_before_every_migration_is_applied(client: Client) -> None:
    give_sign_of_life()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'archive' AND name = '0002_archive'")
    status, answer = ready(client)
    assert (status, answer["checks"]) == (503, ALL_FINE | {"migrations": "broken"})


@pytest.mark.django_db
def test_not_ready_with_a_database_of_later_code(client: Client) -> None:
    give_sign_of_life()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('archive', '9999_wings', %s)",
            ["2031-01-01 00:00:00+00:00"],
        )
    assert ready(client)[1]["checks"]["migrations"] == "broken"
    (finding,) = databases.migrations()
    assert "archive.9999_wings" in finding.found
    assert "version" in finding.mend


@pytest.mark.django_db
def test_not_ready_when_the_database_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def be_away(*arguments: Any) -> None:
        raise DatabaseError("the server is away; password=geheim")

    monkeypatch.setattr(connection, "cursor", be_away)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "broken"
    assert "geheim" not in answer.text, "reasons are for operators"


@pytest.mark.django_db
def test_not_ready_when_nothing_can_be_written(
    client: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_sign_of_life()

    def refuse(**options: Any) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(stores.tempfile, "TemporaryFile", refuse)
    status, answer = ready(client)
    assert (status, answer["checks"]) == (503, ALL_FINE | {"storage": "broken"})
    (finding,) = stores.writable()
    assert "Read-only file system" in finding.found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("free", "grade", "status"), [(2_999, "broken", 503), (3_000, "warning", 200), (15_000, "ok", 200)]
)
def test_not_ready_when_the_disk_is_all_but_full(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, *, free: int, grade: str, status: int
) -> None:
    give_sign_of_life()
    settings.PULIH_MIN_FREE_BYTES = 3_000
    monkeypatch.setattr(disks.shutil, "disk_usage", lambda folder: Usage(100_000, 0, free))
    assert ready(client)[0] == status
    assert ready(client)[1]["checks"]["room"] == grade


@pytest.mark.django_db
def test_only_operators_and_their_machines_are_told_why(client: Client, settings: Settings) -> None:
    settings.PULIH_MONITORING_TOKEN = TOKEN
    assert "findings" not in ready(client)[1]
    assert "findings" not in ready(client, Authorization="Bearer a guess")[1]
    told = ready(client, Authorization=f"Bearer {TOKEN}")[1]["findings"]
    assert {each["name"] for each in told if each["grade"] == "broken"} == {"queue"}
    assert all(each["mend"] for each in told if each["grade"] == "broken")
    client.force_login(make_user("sri"))
    assert "findings" not in ready(client)[1]
    client.force_login(make_user("operator", is_staff=True))
    assert "findings" in ready(client)[1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("caller", "headers", "proxies", "is_told"),
    [
        ("127.0.0.1", {}, 0, True),
        ("10.0.3.4", {}, 0, True),
        ("10.1.3.4", {}, 0, False),
        # A proxy on this machine, which we were not told of: its own address must not count.
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 0, False),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 0, False),
        # One that we know of: what it has added counts, and not what its client wrote before.
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 1, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}, 1, False),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9, 10.0.3.4"}, 1, True),
        ("", {}, 0, False),
    ],
)
def test_addresses_that_may_look_inside(
    client: Client,
    settings: Settings,
    *,
    caller: str,
    headers: dict[str, str],
    proxies: int,
    is_told: bool,
) -> None:
    settings.PULIH_MONITORING_ADDRESSES = ["127.0.0.0/8", "10.0.0.0/16"]
    settings.PULIH_PROXIES = proxies
    answer = client.get("/metrics", headers=headers, REMOTE_ADDR=caller)
    assert answer.status_code == (200 if is_told else 403)


@pytest.mark.django_db
def test_by_default_nobody_may_but_staff(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 403
