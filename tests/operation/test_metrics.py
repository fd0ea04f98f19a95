"""Figures for Prometheus: right, from many processes, cheap, and without names of anybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from archive.models import FixityFinding, FixityRun
from archive.queue.queues import Queue
from restoration.models import Restoration
from restoration.monitoring import standing
from tests.factories import make_collection, make_photo, make_restoration
from tests.operation.living_queue import give_sign_of_life

pytestmark = pytest.mark.django_db

TOKEN = "a long walk with a meter"


@pytest.fixture(autouse=True)
def monitored(settings: Settings) -> None:
    settings.PULIH_MONITORING_TOKEN = TOKEN


def scrape(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every figure by its name and its labels."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def figure(found: dict[tuple[str, tuple[tuple[str, str], ...]], float], name: str, **labels: object) -> float:
    return found[name, tuple(sorted((key, str(value)) for key, value in labels.items()))]


def test_requests_are_counted_by_pattern_and_status(client: Client) -> None:
    photo = make_photo()
    address = f"/photos/{photo.pk}/original/"
    before = scrape(client)
    route = {"method": "GET", "route": "/photos/<uuid:photo_id>/original/"}
    for _ in range(3):
        client.get(address)
    client.get("/no/such/place")
    client.generic("BREW", "/sign-in/")
    after = scrape(client)

    def more(name: str, **labels: object) -> float:
        key = (name, tuple(sorted((key, str(value)) for key, value in labels.items())))
        return after.get(key, 0) - before.get(key, 0)

    assert more("pulih_http_requests_total", status=302, **route) == 3
    assert more("pulih_http_request_duration_seconds_count", **route) == 3
    assert more("pulih_http_requests_total", method="GET", route="none", status=404) == 1
    assert more("pulih_http_requests_total", method="other", route="/sign-in/", status=405) == 1
    assert not any(str(photo.pk) in value for _name, labels in after for _key, value in labels)


def test_bytes_of_uploads_are_counted(client: Client) -> None:
    before = scrape(client).get(("pulih_http_request_bytes_total", (("route", "/sign-in/"),)), 0)
    client.post("/sign-in/", data=b"x" * 1234, content_type="application/octet-stream")
    assert figure(scrape(client), "pulih_http_request_bytes_total", route="/sign-in/") == before + 1234


def test_restorations_by_state_and_how_long_they_took(client: Client) -> None:
    collection = make_collection(auto_restore=False)
    make_restoration(photo=make_photo(collection=collection), status=Restoration.Status.QUEUED)
    make_restoration(photo=make_photo(collection=collection), status=Restoration.Status.FAILED)
    now = timezone.now()
    for seconds in (10, 20, 90):
        done = make_restoration(photo=make_photo(collection=collection))
        Restoration.objects.filter(pk=done.pk).update(
            started_at=now - timedelta(seconds=seconds), finished_at=now
        )
    long_ago = make_restoration(photo=make_photo(collection=collection))
    Restoration.objects.filter(pk=long_ago.pk).update(
        started_at=now - timedelta(hours=9), finished_at=now - timedelta(hours=2)
    )
    found = scrape(client)
    assert figure(found, "pulih_restorations", status="queued") == 1
    assert figure(found, "pulih_restorations", status="done") == 4
    assert figure(found, "pulih_restorations", status="running") == 0
    assert figure(found, "pulih_restorations_last_hour", status="done") == 3
    assert figure(found, "pulih_restorations_last_hour", status="failed") == 1
    took = "pulih_restoration_duration_last_hour_seconds"
    assert figure(found, took, quantile="0.5") == pytest.approx(20)
    assert figure(found, took, quantile="1.0") == pytest.approx(90)


def test_queue_fixity_and_disk(client: Client) -> None:
    run = FixityRun.objects.create(scope=FixityRun.Scope.EVERYTHING, next_shelf=16384)
    FixityRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    FixityFinding.objects.create(
        run=run, kind=FixityFinding.Kind.MISSING, path="originals/a", seen_at=timezone.now()
    )
    found = scrape(client)
    assert figure(found, "pulih_queue_stuck", queue="general") == 1
    assert figure(found, "pulih_queue_stuck", queue="restoration") == 0
    give_sign_of_life(Queue.GENERAL)
    long_ago = timezone.now() - timedelta(seconds=40)
    OrmQ.objects.create(key="restoration", payload="", lock=long_ago)
    found = scrape(client)
    assert figure(found, "pulih_queue_stuck", queue="general") == 0
    assert figure(found, "pulih_queue_clusters", queue="general") == 1
    assert figure(found, "pulih_queue_messages", queue="general") == 0
    assert figure(found, "pulih_queue_oldest_message_seconds", queue="general") == 0
    assert figure(found, "pulih_queue_stuck", queue="restoration") == 1
    assert figure(found, "pulih_queue_clusters", queue="restoration") == 0
    assert figure(found, "pulih_queue_messages", queue="restoration") == 1
    assert 40 <= figure(found, "pulih_queue_oldest_message_seconds", queue="restoration") < 100
    assert figure(found, "pulih_fixity_findings", kind="missing") == 1
    assert figure(found, "pulih_fixity_findings", kind="changed") == 0
    assert figure(found, "pulih_fixity_read_ratio") == 0.25
    assert timezone.now().timestamp() - figure(found, "pulih_fixity_last_run_timestamp_seconds") < 60
    assert figure(found, "pulih_disk_free_bytes", folder="media") > 0
    assert figure(found, "pulih_database_up") == 1


def test_a_scrape_takes_as_many_queries_however_much_there_is(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    collection = make_collection(auto_restore=False)
    for _ in range(3):
        make_restoration(photo=make_photo(collection=collection))
    with django_assert_max_num_queries(14):
        scrape(client)


def test_a_scrape_says_when_the_database_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def be_away(**options: object) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(standing, "queue_health", be_away)
    found = scrape(client)
    assert figure(found, "pulih_database_up") == 0
    assert ("pulih_disk_free_bytes", (("folder", "media"),)) in found
