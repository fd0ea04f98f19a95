"""From what happens to what arrives: signed, in order, again after a failure, and never lost."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from archive import services
from archive.access.roles import Role
from archive.events.kinds import EventKind
from archive.models import Collection, Event, Webhook, WebhookDelivery
from archive.queue.webhook_tasks import deliver_webhook, sweep_webhooks
from archive.services.webhook_deliveries import MOST_ATTEMPTS, PAUSES
from archive.webhooks.announcing import announce_events
from archive.webhooks.signing import secret_of
from tests.archive.hook_receiver import Receiver, told, webhook_for
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db

State = WebhookDelivery.State


@pytest.fixture
def receiver(settings):
    with Receiver() as receiver:
        settings.PULIH_WEBHOOK_HOSTS = [receiver.host]
        yield receiver


@pytest.fixture
def collection() -> Collection:
    return make_collection(owner=make_user("sri", email="sri@example.org"), auto_restore=False)


@pytest.fixture
def webhook(receiver: Receiver, collection: Collection) -> Webhook:
    return webhook_for(receiver, owner=collection.owner, collection=collection)


def run(webhook: Webhook) -> str:
    """What the queue does, however long it has to wait for it."""
    WebhookDelivery.objects.filter(state=State.WAITING).update(next_attempt_at=timezone.now())
    Webhook.objects.update(rests_until=None)
    return deliver_webhook(str(webhook.pk))


def test_a_photo_that_comes_in_is_told(receiver: Receiver, webhook: Webhook, collection) -> None:
    photo = make_photo(collection=collection, filename="Bibi Sri.jpg")
    assert deliver_webhook(str(webhook.pk)) == "1 sent"
    (received,) = receiver.received
    message = json.loads(received.body)
    event = photo.events.get(kind=EventKind.PHOTO_INGESTED)
    assert message == {
        "type": "photo.added",
        "timestamp": event.created_at.isoformat(),
        "data": {
            "collection": str(collection.pk),
            "event": str(event.pk),
            "photo": str(photo.pk),
            "person": "sri",
            "outcome": "success",
            "filename": "Bibi Sri.jpg",
            "sha256": photo.original.sha256,
        },
    }
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.next_attempt_at) == (State.DELIVERED, 1, None)
    (attempt,) = delivery.log.all()
    assert (attempt.number, attempt.status, attempt.answer, attempt.error_code) == (1, 200, "thank you", "")
    assert attempt.duration_ms is not None


def test_the_signature_is_the_one_of_the_specification(receiver, webhook, collection) -> None:
    told(collection)
    deliver_webhook(str(webhook.pk))
    (received,) = receiver.received
    headers = received.headers
    assert headers["webhook-id"] == WebhookDelivery.objects.get().message_id
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 5
    assert headers["webhook-signature"] == signature(secret_of(webhook), received)


def test_for_a_day_after_a_change_both_secrets_sign(receiver, webhook, collection) -> None:
    old = secret_of(webhook)
    new = services.change_webhook_secret(webhook=webhook, actor=collection.owner)
    assert new != old
    assert len(base64.b64decode(new.removeprefix("whsec_"))) == 32
    told(collection)
    deliver_webhook(str(webhook.pk))
    signatures = receiver.received[0].headers["webhook-signature"].split(" ")
    assert signatures == [signature(new, receiver.received[0]), signature(old, receiver.received[0])]
    Webhook.objects.update(old_secret_until=timezone.now())
    told(collection)
    deliver_webhook(str(webhook.pk))
    assert receiver.received[1].headers["webhook-signature"] == signature(new, receiver.received[1])


def test_what_did_not_happen_is_not_told(webhook, collection) -> None:
    with transaction.atomic():
        make_photo(collection=collection)
        assert WebhookDelivery.objects.exists()
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def test_only_what_was_asked_for_below_and_nowhere_else(receiver, collection) -> None:
    part = make_collection(owner=collection.owner, parent=collection, auto_restore=False)
    elsewhere = make_collection(owner=collection.owner, auto_restore=False)
    foreign = make_collection(owner=make_user("other"), auto_restore=False)
    mine = webhook_for(receiver, owner=collection.owner, collection=collection)
    all_of_mine = webhook_for(receiver, owner=collection.owner)
    other = webhook_for(receiver, owner=collection.owner, collection=collection, kinds=["photo.deleted"])
    for place in (collection, part, elsewhere, foreign):
        told(place)

    def places(webhook: Webhook) -> set:
        return set(webhook.deliveries.values_list("collection", flat=True))

    assert places(mine) == {collection.pk, part.pk}
    assert places(all_of_mine) == {collection.pk, part.pk, elsewhere.pk}
    assert places(other) == set()


def test_who_is_no_owner_any_more_learns_nothing(receiver, collection) -> None:
    former = make_user("former")
    services.add_member(collection=collection, user=former, role=Role.OWNER)
    webhook = webhook_for(receiver, owner=former, collection=collection)
    waiting = told(collection)
    collection.memberships.get(user=former).delete()
    assert deliver_webhook(str(webhook.pk)) == "0 sent"
    assert receiver.received == []
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED
    assert waiting.log.get().error_code == "archive:webhook:not-permitted"
    told(collection)
    assert WebhookDelivery.objects.count() == 1


def test_what_another_archive_recorded_is_not_told_as_news(webhook, collection) -> None:
    imported = services.NewEvent(
        kind=EventKind.PHOTO_INGESTED, collection=collection, origin={"kind": "photo-ingested"}
    )
    services.record_events(events=[imported])
    assert not WebhookDelivery.objects.exists()


def test_a_failure_is_tried_again_with_growing_pauses_under_the_same_id(receiver, webhook, collection):
    receiver.status, receiver.body = 503, b"not now"
    delivery = told(collection)
    for number, pause in enumerate(PAUSES, start=1):
        before = timezone.now()
        assert run(webhook) == "0 sent"
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == (State.WAITING, number)
        assert before + pause <= delivery.next_attempt_at <= timezone.now() + pause * 1.2
        # Nothing more happens before that.
        assert deliver_webhook(str(webhook.pk)) == "nothing to do"
    assert sum(PAUSES, timedelta()) > timedelta(days=3)
    run(webhook)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.FAILED, MOST_ATTEMPTS)
    assert {each.headers["webhook-id"] for each in receiver.received} == {delivery.message_id}
    assert {each.body for each in receiver.received} == {delivery.body}
    assert [attempt.number for attempt in delivery.log.all()] == list(range(MOST_ATTEMPTS, 0, -1))
    assert {attempt.answer for attempt in delivery.log.all()} == {"not now"}
    # Given up, until somebody asks for it.
    run(webhook)
    assert len(receiver.received) == MOST_ATTEMPTS
    receiver.status = 200
    services.redeliver(delivery=delivery)
    assert deliver_webhook(str(webhook.pk)) == "1 sent"
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.DELIVERED, MOST_ATTEMPTS + 1)


def test_one_that_is_down_costs_one_look_however_much_waits(receiver, webhook, collection) -> None:
    for _ in range(5):
        told(collection)
    receiver.status = 500
    assert deliver_webhook(str(webhook.pk)) == "0 sent"
    assert len(receiver.received) == 1
    webhook.refresh_from_db()
    assert timedelta() < webhook.rests_until - timezone.now() <= timedelta(seconds=5)
    assert deliver_webhook(str(webhook.pk)) == "nothing to do"
    receiver.status = 200
    Webhook.objects.update(rests_until=timezone.now())
    assert deliver_webhook(str(webhook.pk)) == "4 sent"
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.failing_since, webhook.rests_until) == (0, None, None)


def test_what_a_receiver_asks_for_is_kept(receiver, webhook, collection) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": "3600"}
    told(collection)
    run(webhook)
    webhook.refresh_from_db()
    assert timedelta(minutes=59) < webhook.rests_until - timezone.now() <= timedelta(hours=1)


def test_after_days_of_failing_it_is_switched_off_and_its_owner_is_told_once(
    receiver, webhook, collection, settings
) -> None:
    settings.PULIH_ADDRESS = "https://arsip.example.org"
    receiver.status = 500
    delivery = told(collection)
    run(webhook)
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=2, hours=23))
    run(webhook)
    webhook.refresh_from_db()
    assert webhook.state == Webhook.State.SENDING
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=3))
    run(webhook)
    webhook.refresh_from_db()
    assert (webhook.state, webhook.disabled_because) == (Webhook.State.DISABLED, Webhook.Reason.FAILING)
    sweep_webhooks()
    sweep_webhooks()
    (sent,) = mail.outbox
    assert sent.to == ["sri@example.org"]
    assert f"https://arsip.example.org/webhooks/{webhook.pk}/" in sent.body
    assert "3 days" in sent.body
    # It sends nothing now; what waited goes once somebody has mended it.
    assert run(webhook) == "nothing to do"
    receiver.status = 200
    services.resume_webhook(webhook=webhook, actor=collection.owner)
    assert run(webhook) == "1 sent"
    delivery.refresh_from_db()
    assert delivery.state == State.DELIVERED


def test_one_that_says_it_is_gone_is_switched_off_at_once(receiver, webhook, collection) -> None:
    receiver.status = 410
    told(collection)
    run(webhook)
    webhook.refresh_from_db()
    assert webhook.disabled_because == Webhook.Reason.GONE


def test_a_mail_that_could_not_be_sent_is_tried_again(receiver, webhook, collection, monkeypatch) -> None:
    receiver.status = 410
    told(collection)
    run(webhook)

    def broken(*_: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("archive.webhooks.mail.send_mail", broken)
        sweep_webhooks()
    assert mail.outbox == []
    sweep_webhooks()
    assert len(mail.outbox) == 1


def test_a_killed_worker_loses_nothing(receiver, webhook, collection) -> None:
    delivery = told(collection)
    held = services.claim_webhook(webhook_id=webhook.pk)
    begun = services.begin_attempt(webhook=held)  # and here the worker dies
    assert begun.delivery == delivery
    assert deliver_webhook(str(webhook.pk)) == "nothing to do"
    assert services.sweep_webhooks() == 0
    later = timezone.now() - timedelta(minutes=2)
    Webhook.objects.update(lease_expires_at=later)
    WebhookDelivery.objects.update(next_attempt_at=later)
    assert services.sweep_webhooks() == 1
    assert OrmQ.objects.count() == 1
    assert deliver_webhook(str(webhook.pk)) == "1 sent"
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.DELIVERED, 2)
    # Whoever lost the lease begins nothing more.
    assert services.begin_attempt(webhook=held) is None


def test_dying_at_every_attempt_comes_to_an_end(receiver, webhook, collection) -> None:
    delivery = told(collection)
    WebhookDelivery.objects.update(failures=MOST_ATTEMPTS, attempts=MOST_ATTEMPTS)
    assert run(webhook) == "0 sent"
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED
    assert delivery.log.first().error_code == "archive:webhook:worker-lost"


def test_one_message_however_much_there_is_to_send(
    webhook, collection, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        told(collection)
        told(collection)
    assert OrmQ.objects.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        told(collection)
    assert OrmQ.objects.count() == 1
    assert services.sweep_webhooks() == 0
    # A message that was lost is missed after a while.
    Webhook.objects.update(enqueued_at=timezone.now() - timedelta(minutes=11))
    assert services.sweep_webhooks() == 1


def test_what_comes_while_it_is_sent_gets_another_turn(receiver, webhook, collection) -> None:
    held = services.claim_webhook(webhook_id=webhook.pk)
    told(collection)
    OrmQ.objects.all().delete()
    services.release_webhook(webhook=held)
    assert OrmQ.objects.count() == 1


def test_the_log_is_kept_for_thirty_days(webhook, collection) -> None:
    old, new, waiting = told(collection), told(collection), told(collection)
    now = timezone.now()
    for delivery, days in ((old, 31), (new, 29)):
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            state=State.DELIVERED, finished_at=now - timedelta(days=days), next_attempt_at=None
        )
    services.sweep_webhooks()
    assert set(WebhookDelivery.objects.values_list("pk", flat=True)) == {new.pk, waiting.pk}


def test_the_sweep_is_scheduled() -> None:
    schedule = Schedule.objects.get(name="archive-webhooks")
    assert (schedule.func, schedule.minutes) == ("archive.queue.webhook_tasks.sweep_webhooks", 1)


def test_where_nobody_wants_to_know_it_costs_one_query(collection, django_assert_num_queries) -> None:
    event = Event(kind=EventKind.PHOTO_INGESTED, collection=collection, details={})
    with django_assert_num_queries(1):
        announce_events([event])


def signature(secret: str, received) -> str:
    """By hand, as the specification says it."""
    headers = received.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{received.body}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"
