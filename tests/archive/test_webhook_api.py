"""Webhooks over REST: who may have whom told of what, and how it is looked after."""

import pytest

from archive.access.roles import Role
from archive.access.scopes import Scope
from archive.models import Collection, Event, Webhook, WebhookDelivery
from archive.services import add_member, create_webhook
from archive.services.webhooks import MOST_WEBHOOKS
from archive.webhooks.kinds import hook_kinds
from archive.webhooks.signing import secret_of
from tests.archive.hook_receiver import told
from tests.factories import make_collection, make_user
from tests.restoration.api_client import client_of

pytestmark = pytest.mark.django_db

HOOKS = "/api/v1/webhooks/"
ASKED = {"url": "https://reader.example.org/hook?key=1", "kinds": ["restoration.finished", "photo.added"]}


@pytest.fixture
def collection() -> Collection:
    return make_collection(owner=make_user("sri"), auto_restore=False)


@pytest.fixture
def webhook(collection: Collection) -> Webhook:
    return create_webhook(owner=collection.owner, collection=collection, **ASKED)[0]


def test_a_webhook_is_made_and_its_secret_told_once(collection) -> None:
    client = client_of(collection.owner)
    made = client.post(HOOKS, {**ASKED, "collection": str(collection.pk), "name": "Reader"}, format="json")
    assert made.status_code == 201
    shown = made.json()
    webhook = Webhook.objects.get()
    assert shown.pop("secret") == secret_of(webhook)
    assert shown == {
        "id": str(webhook.pk),
        "collection": str(collection.pk),
        "owner": "sri",
        "name": "Reader",
        "url": ASKED["url"],
        "kinds": ["photo.added", "restoration.finished"],
        "paused": False,
        "state": "sending",
        "disabled_because": "",
        "failing_since": None,
        "created_at": shown["created_at"],
    }
    assert client.get(f"{HOOKS}{webhook.pk}/").json() == shown
    assert client.get(HOOKS).json()["results"] == [shown]
    # The log says who lets whom know, and nothing that opens anything.
    event = Event.objects.get(kind="webhook-created")
    assert event.details == {
        "webhook": str(webhook.pk),
        "host": "reader.example.org",
        "kinds": ["photo.added", "restoration.finished"],
    }


def test_the_same_key_makes_one_webhook_with_one_secret(collection) -> None:
    client = client_of(collection.owner)
    answers = [
        client.post(HOOKS, ASKED, format="json", headers={"Idempotency-Key": "hook-1"}) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "http://reader.example.org/"}, "archive:webhook:https"),
        ({"url": "https://10.0.0.1/"}, "archive:webhook:inside"),
        ({"url": "reader"}, "archive:webhook:url"),
        ({"kinds": []}, "invalid"),
        ({"kinds": ["photo.eaten"]}, "invalid"),
        ({"url": 5}, "invalid"),
    ],
)
def test_what_is_refused(collection, webhook, change, code) -> None:
    client = client_of(collection.owner)
    for answer in (
        client.post(HOOKS, ASKED | change, format="json"),
        client.patch(f"{HOOKS}{webhook.pk}/", change, format="json"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert Webhook.objects.count() == 1


def test_only_owners_have_others_told(collection) -> None:
    for role in (Role.CURATOR, Role.REVIEWER, Role.VIEWER):
        person = make_user(role.value)
        add_member(collection=collection, user=person, role=role)
        asked = {**ASKED, "collection": str(collection.pk)}
        assert client_of(person).post(HOOKS, asked, format="json").status_code == 403
    stranger = client_of(make_user("stranger"))
    assert stranger.post(HOOKS, {**ASKED, "collection": str(collection.pk)}, format="json").status_code == 404
    assert not Webhook.objects.exists()


def test_another_owner_looks_after_it_and_nobody_else(collection, webhook) -> None:
    mine = create_webhook(owner=collection.owner, **ASKED)[0]
    partner, curator = make_user("partner"), make_user("curator")
    add_member(collection=collection, user=partner, role=Role.OWNER)
    add_member(collection=collection, user=curator, role=Role.CURATOR)
    seen = client_of(partner).get(HOOKS).json()["results"]
    assert [each["id"] for each in seen] == [str(webhook.pk)]
    assert client_of(partner).get(f"{HOOKS}{mine.pk}/").status_code == 404
    assert client_of(curator).get(f"{HOOKS}{webhook.pk}/").status_code == 404
    assert client_of(partner).delete(f"{HOOKS}{webhook.pk}/").status_code == 204


def test_a_token_for_one_collection_has_no_say_about_the_others(collection, webhook) -> None:
    elsewhere = make_collection(owner=collection.owner, auto_restore=False)
    mine = create_webhook(owner=collection.owner, **ASKED)[0]
    limited = client_of(collection.owner, collections=[elsewhere])
    assert limited.get(HOOKS).json()["results"] == []
    for each in (webhook, mine):
        assert limited.get(f"{HOOKS}{each.pk}/").status_code == 404
    answer = limited.post(HOOKS, ASKED, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "archive:webhook:not-permitted")
    here = {**ASKED, "collection": str(collection.pk)}
    assert limited.post(HOOKS, here, format="json").status_code == 404
    there = {**ASKED, "collection": str(elsewhere.pk)}
    assert limited.post(HOOKS, there, format="json").status_code == 201
    reading = client_of(collection.owner, scopes=[Scope.READ, Scope.UPLOAD])
    assert reading.get(HOOKS).status_code == 403


def test_there_are_not_too_many(collection) -> None:
    for _ in range(MOST_WEBHOOKS):
        create_webhook(owner=collection.owner, **ASKED)
    answer = client_of(collection.owner).post(HOOKS, ASKED, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "archive:webhook:too-many")


def test_it_is_changed_paused_and_resumed(collection, webhook) -> None:
    client = client_of(collection.owner)
    address = f"{HOOKS}{webhook.pk}/"
    etag = client.get(address).headers["ETag"]
    changed = client.patch(
        address, {"kinds": ["photo.added"], "paused": True}, format="json", headers={"If-Match": etag}
    )
    assert (changed.json()["kinds"], changed.json()["state"]) == (["photo.added"], "paused")
    assert client.patch(address, {"name": "x"}, format="json", headers={"If-Match": etag}).status_code == 412
    told(collection)
    assert not WebhookDelivery.objects.exists()
    answer = client.post(f"{address}test/")
    assert (answer.status_code, answer.json()["code"]) == (409, "archive:webhook:not-sending")
    assert client.patch(address, {"paused": False}, format="json").json()["state"] == "sending"
    told(collection)
    assert WebhookDelivery.objects.count() == 1


def test_the_log_and_once_more(collection, webhook) -> None:
    client = client_of(collection.owner)
    sent = client.post(f"{HOOKS}{webhook.pk}/test/")
    assert (sent.status_code, sent.json()["kind"], sent.json()["state"]) == (202, "test", "waiting")
    delivery = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(state="failed", next_attempt_at=None)
    delivery.log.create(number=1, status=500, duration_ms=12, answer="no")
    listed = client.get(f"{HOOKS}{webhook.pk}/deliveries/?state=failed").json()["results"]
    assert [each["id"] for each in listed] == [str(delivery.pk)]
    assert client.get(f"{HOOKS}{webhook.pk}/deliveries/?state=waiting").json()["results"] == []
    assert client.get(f"{HOOKS}{webhook.pk}/deliveries/?state=lost").status_code == 400
    address = f"/api/v1/webhook-deliveries/{delivery.pk}/"
    detail = client.get(address).json()
    assert detail["message_id"] == f"msg_{delivery.pk.hex}"
    assert detail["body"]["data"] == {"collection": str(collection.pk), "webhook": str(webhook.pk)}
    (attempt,) = detail["log"]
    assert (attempt["number"], attempt["status"], attempt["answer"]) == (1, 500, "no")
    again = client.post(f"{address}redelivery/")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")


def test_a_new_secret(collection, webhook) -> None:
    old = secret_of(webhook)
    new = client_of(collection.owner).post(f"{HOOKS}{webhook.pk}/secret/").json()["secret"]
    webhook.refresh_from_db()
    assert new == secret_of(webhook) != old


def test_what_can_be_told(collection) -> None:
    kinds = client_of(collection.owner).get(f"{HOOKS}kinds/").json()["results"]
    assert [each["name"] for each in kinds] == list(hook_kinds())
    decided = next(each for each in kinds if each["name"] == "review.decided")
    assert decided["fields_of_data"] == ["decision", "reason", "restoration", "review"]
