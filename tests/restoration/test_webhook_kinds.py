"""What restoration lets webhooks tell: each by what people and workers really do."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from jsonschema import Draft202012Validator

from archive.models import ImportItem, ImportRun, WebhookDelivery
from archive.services import begin_import, create_webhook, end_import, record_event
from archive.webhooks.kinds import TEST, hook_kinds
from config.api_schema.webhooks import described_webhooks
from restoration.keeping.events import EventKind
from restoration.models import RequestBatch, Restoration, Review
from restoration.services import (
    claim_restoration,
    close_finished_batches,
    fail_restoration,
    request_restoration,
    review_restoration,
    undo_reviews,
)
from tests.factories import make_collection, make_photo, make_restoration, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection():
    collection = make_collection(owner=make_user("sri"), auto_restore=False)
    create_webhook(owner=collection.owner, url="https://reader.example.org/", kinds=[*hook_kinds()])
    return collection


@pytest.fixture
def photo(collection):
    photo = make_photo(collection=collection)
    WebhookDelivery.objects.all().delete()
    return photo


def test_every_kind_is_described_for_receivers() -> None:
    described = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    assert [name for name in [*hook_kinds(), TEST] if f"`{name}`" not in described] == []


def said() -> list[tuple[str, dict]]:
    """What waits to be told, oldest first: the kind, and the data without what all have."""
    bodies = [json.loads(row.body) for row in WebhookDelivery.objects.order_by("created_at")]
    for body in bodies:
        _check_is_described(body)
    everywhere = {"event", "photo", "person", "outcome", "collection"}
    return [
        (body["type"], {name: value for name, value in body["data"].items() if name not in everywhere})
        for body in bodies
    ]


def _check_is_described(body: dict) -> None:
    """What the schema of the API says is sent is what is sent."""
    described = described_webhooks()[body["type"]]["post"]
    form = described["requestBody"]["content"]["application/json"]["schema"]
    Draft202012Validator(form, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(body)
    assert body["data"].keys() == form["properties"]["data"]["properties"].keys()


def test_a_failure(collection, photo) -> None:
    queued = request_restoration(photo=photo, requested_by=collection.owner)
    fail_restoration(
        restoration=claim_restoration(restoration_id=queued.pk), code="restoration:engine:timeout"
    )
    told = {"restoration": str(queued.pk), "code": "restoration:engine:timeout"}
    assert said() == [("restoration.failed", told)]


@pytest.mark.parametrize(
    ("kind", "details", "told"),
    [
        (EventKind.DONE, {"result_sha256": "ab"}, ("restoration.finished", {"result_sha256": "ab"})),
        (
            EventKind.QUARANTINED,
            {"attempt": 3},
            ("restoration.failed", {"code": "restoration:attempts:exhausted"}),
        ),
        (EventKind.CANCELLED, {}, ("restoration.cancelled", {})),
    ],
)
def test_the_other_ends(collection, photo, kind, details, told) -> None:
    record_event(collection=collection, photo=photo, kind=kind, details={"restoration": "r", **details})
    assert said() == [(told[0], {"restoration": "r", **told[1]})]


def test_decisions(collection, photo) -> None:
    restoration = make_restoration(photo=photo)
    WebhookDelivery.objects.all().delete()
    for decision, reason in (("approved", ""), ("rejected", "invented")):
        review_restoration(
            restoration=restoration,
            reviewer=collection.owner,
            decision=Review.Decision(decision),
            reason=reason,
        )
    undo_reviews(restorations=[restoration.pk], actor=collection.owner)
    told = said()
    assert [(kind, data.get("decision"), data.get("reason")) for kind, data in told] == [
        ("review.decided", "approved", None),
        ("review.decided", "rejected", "invented"),
        ("review.undone", None, None),
    ]
    assert {data["restoration"] for _, data in told} == {str(restoration.pk)}


def test_a_batch_is_told_once_wherever_something_of_it_lies(collection, photo) -> None:
    elsewhere = make_collection(owner=collection.owner, auto_restore=False)
    foreign = make_collection(
        owner=make_user("other"), members={collection.owner: "curator"}, auto_restore=False
    )
    for place in (collection, elsewhere, foreign):
        request_restoration(photo=make_photo(collection=place), requested_by=collection.owner)
    long_ago = timezone.now() - timedelta(minutes=10)
    Restoration.objects.update(status="failed", error_code="restoration:engine:timeout", finished_at=long_ago)
    RequestBatch.objects.update(opened_at=long_ago)
    WebhookDelivery.objects.all().delete()
    assert close_finished_batches() == 1
    assert close_finished_batches() == 0
    batch = RequestBatch.objects.get()
    counts = {"batch": str(batch.pk), "done": 0, "failed": 1, "cancelled": 0}
    assert said() == [("batch.finished", counts)] * 2
    assert set(WebhookDelivery.objects.values_list("collection", flat=True)) == {collection.pk, elsewhere.pk}


def test_an_import(collection) -> None:
    run = begin_import(
        collection=collection,
        started_by=collection.owner,
        source=ImportRun.Source.ZIP,
        name="album.zip",
    )
    run.items.create(path="a.txt", outcome=ImportItem.Outcome.PASSED_OVER)
    end_import(run=run)
    ((kind, data),) = said()
    assert (kind, data["import"], data["source"]) == ("import.finished", str(run.pk), "zip")
    assert (data["state"], data["code"]) == ("done", None)
    assert (data["taken"], data["passed_over"], data["refused"], data["present"]) == (0, 1, 0, 0)
