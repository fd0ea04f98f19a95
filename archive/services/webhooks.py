"""Addresses that are told when something happens: made, changed, paused, tried out, removed."""

from __future__ import annotations

from collections.abc import Collection as Several
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from archive.access.visitors import limits_of
from archive.events.kinds import AccessEvent
from archive.messages import input_error, state_error
from archive.models import Collection, Webhook, WebhookDelivery
from archive.services.events import record_event
from archive.webhooks.addresses import target_of
from archive.webhooks.announcing import body_of
from archive.webhooks.kinds import TEST, hook_kinds
from archive.webhooks.signing import secret_of
from archive.webhooks.waking import wake_on_commit

MOST_WEBHOOKS = 20
"""Of a collection itself, and of a person for all his collections."""

OLD_SECRET_STAYS = timedelta(days=1)


@transaction.atomic
def create_webhook(
    *,
    owner: User,
    url: str,
    kinds: Several[str],
    collection: Collection | None = None,
    name: str = "",
) -> tuple[Webhook, str]:
    """Have `url` told of these kinds of things (`archive.webhooks.kinds`), in `collection` and below, or,
    without one, in all collections that `owner` owns. Returns the webhook and its secret, for this once.

    Raises InputError as `target_of` does, or `archive:webhook:kinds`; StateError
    `archive:webhook:not-permitted` for who is no owner, or comes with a token for some collections only and
    names none, and `archive:webhook:too-many`.
    """
    fields = _checked(url=url, kinds=kinds)
    if collection is None:
        permitted = limits_of(owner) is None
        others = Webhook.objects.filter(owner=owner, collection=None)
    else:
        permitted = Collection.objects.owned_by(owner).filter(pk=collection.pk).exists()
        others = Webhook.objects.filter(collection=collection)
    if not permitted:
        raise state_error("archive:webhook:not-permitted")
    if others.count() >= MOST_WEBHOOKS:
        raise state_error("archive:webhook:too-many", limit=MOST_WEBHOOKS)
    webhook = Webhook.objects.create(owner=owner, collection=collection, name=name.strip(), **fields)
    _record(webhook, AccessEvent.WEBHOOK_CREATED, owner)
    return webhook, secret_of(webhook)


@transaction.atomic
def change_webhook(
    *,
    webhook: Webhook,
    actor: User,
    url: str | None = None,
    kinds: Several[str] | None = None,
    name: str | None = None,
) -> Webhook:
    """Another address, other kinds, another name; None leaves each as it is. What waits goes to the new
    address. Raises InputError as `create_webhook` does.
    """
    fields = _checked(url=url, kinds=kinds)
    if name is not None:
        fields["name"] = name.strip()
    if "url" in fields and fields["url"] != webhook.url:
        # Nothing is known yet against the new one.
        fields |= {"failing_since": None, "failures": 0, "rests_until": None}
    if fields:
        Webhook.objects.filter(pk=webhook.pk).update(**fields)
        webhook.refresh_from_db()
        _record(webhook, AccessEvent.WEBHOOK_CHANGED, actor)
    return webhook


@transaction.atomic
def pause_webhook(*, webhook: Webhook, actor: User) -> Webhook:
    """Send nothing until it is resumed; what waits is kept, what happens meanwhile goes by untold."""
    if Webhook.objects.sending().filter(pk=webhook.pk).update(paused_at=timezone.now()):
        _record(webhook, AccessEvent.WEBHOOK_CHANGED, actor, paused=True)
    webhook.refresh_from_db()
    return webhook


@transaction.atomic
def resume_webhook(*, webhook: Webhook, actor: User) -> Webhook:
    """Go on, after a pause or after it was switched off, with what waits."""
    stopped = Webhook.objects.filter(pk=webhook.pk).exclude(paused_at=None, disabled_at=None)
    if stopped.update(
        paused_at=None,
        disabled_at=None,
        disabled_because="",
        told_at=None,
        failed_mails=0,
        failing_since=None,
        failures=0,
        rests_until=None,
    ):
        _record(webhook, AccessEvent.WEBHOOK_CHANGED, actor, paused=False)
        wake_on_commit([webhook.pk])
    webhook.refresh_from_db()
    return webhook


@transaction.atomic
def change_webhook_secret(*, webhook: Webhook, actor: User) -> str:
    """A new secret, returned this once. For a day, what is sent is signed with the old one besides."""
    row = Webhook.objects.select_for_update().get(pk=webhook.pk)
    row.secret_number += 1
    row.old_secret_until = timezone.now() + OLD_SECRET_STAYS
    row.save(update_fields=["secret_number", "old_secret_until"])
    _record(row, AccessEvent.WEBHOOK_CHANGED, actor, secret="changed")
    webhook.refresh_from_db()
    return secret_of(row)


@transaction.atomic
def delete_webhook(*, webhook: Webhook, actor: User) -> None:
    """Remove it, with its log and what waits."""
    _record(webhook, AccessEvent.WEBHOOK_DELETED, actor)
    Webhook.objects.filter(pk=webhook.pk).delete()


@transaction.atomic
def test_webhook(*, webhook: Webhook) -> WebhookDelivery:
    """Send something of the kind "test", to see whether it arrives. Raises StateError
    `archive:webhook:not-sending` where it is paused or switched off.
    """
    _check_sending(webhook)
    now = timezone.now()
    place = str(webhook.collection_id) if webhook.collection_id else None
    delivery = WebhookDelivery.objects.create(
        webhook=webhook,
        collection_id=webhook.collection_id,
        kind=TEST,
        body=body_of(TEST, now, {"collection": place, "webhook": str(webhook.pk)}),
        next_attempt_at=now,
    )
    _send_at_once(webhook)
    return delivery


@transaction.atomic
def redeliver(*, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send it again, whatever became of it, under the same id. Raises StateError
    `archive:webhook:not-sending` where its webhook is paused or switched off.
    """
    _check_sending(delivery.webhook)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=WebhookDelivery.State.WAITING, failures=0, next_attempt_at=timezone.now(), finished_at=None
    )
    _send_at_once(delivery.webhook)
    delivery.refresh_from_db()
    return delivery


def _check_sending(webhook: Webhook) -> None:
    if not Webhook.objects.sending().filter(pk=webhook.pk).exists():
        raise state_error("archive:webhook:not-sending")


def _send_at_once(webhook: Webhook) -> None:
    """Somebody waits to see it: no rest after earlier failures."""
    Webhook.objects.filter(pk=webhook.pk).update(rests_until=None)
    wake_on_commit([webhook.pk])


def _checked(*, url: str | None, kinds: Several[str] | None) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if url is not None:
        fields["url"] = url.strip()
        target_of(fields["url"])
    if kinds is not None:
        known = hook_kinds()
        if not kinds or not set(kinds) <= known.keys():
            raise input_error("archive:webhook:kinds")
        fields["kinds"] = [name for name in known if name in kinds]
    return fields


def _record(webhook: Webhook, kind: AccessEvent, actor: User, **details: Any) -> None:
    """The log names the host alone: the rest of an address is often a key."""
    host = urlsplit(webhook.url).hostname
    record_event(
        collection=webhook.collection,
        kind=kind,
        actor=actor,
        details={"webhook": str(webhook.pk), "host": host, "kinds": webhook.kinds, **details},
    )
