"""A worker's writes about webhooks: take one, note every attempt before it is made, say how it went.

A worker that is killed leaves a lease that runs out and an attempt that counts as one in vain; what it had in
hand waits for its next attempt like everything else. So something may arrive twice, and nothing is lost.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from archive.access.members import owners_of
from archive.models import Webhook, WebhookAttempt, WebhookDelivery
from archive.webhooks.sending import Answer
from archive.webhooks.waking import wake

PAUSES = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60, 20 * 60, 24 * 60)
)
"""Between the attempts at one delivery: over three days in all."""

MOST_ATTEMPTS = len(PAUSES) + 1

LEASE = timedelta(minutes=1)
"""Longer than an attempt may take."""

FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=10)
"""How long nothing is sent to an address after a failure; twice as long after each further one in a row, so
that one that is down costs no more than a look every ten minutes, however much waits."""

KEPT = timedelta(days=30)
_SWEPT_AT_ONCE = 5000
_GONE = 410


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that is about to be made, by the worker that holds its webhook."""

    webhook: Webhook
    delivery: WebhookDelivery
    attempt: WebhookAttempt


def claim_webhook(*, webhook_id: UUID) -> Webhook | None:
    """Take a webhook for this worker; None where it does not send, rests, or somebody else holds it."""
    now = timezone.now()
    free = Webhook.objects.free(now).filter(pk=webhook_id)
    token = uuid.uuid4()
    if not free.update(lease_token=token, lease_expires_at=now + LEASE, enqueued_at=None):
        Webhook.objects.filter(pk=webhook_id).update(enqueued_at=None)
        return None
    return Webhook.objects.filter(pk=webhook_id, lease_token=token).first()


@transaction.atomic
def begin_attempt(*, webhook: Webhook) -> Begun | None:
    """Note an attempt at what is due longest, and hold the webhook on; None where nothing is due, or the
    webhook is no longer this worker's.
    """
    now = timezone.now()
    held = Webhook.objects.sending().filter(pk=webhook.pk, lease_token=webhook.lease_token)
    if not held.update(lease_expires_at=now + LEASE):
        return None
    due = WebhookDelivery.objects.due(now).filter(webhook=webhook)
    while delivery := due.order_by("next_attempt_at", "created_at", "pk").first():
        refusal = _refusal(webhook, delivery)
        if refusal:
            _note_attempt(delivery, error_code=refusal)
            _finish(delivery, WebhookDelivery.State.FAILED, now)
            continue
        pause = PAUSES[min(delivery.failures, len(PAUSES) - 1)]
        delivery.failures += 1
        # Up to a fifth longer by chance, so that what failed together is not tried together.
        delivery.next_attempt_at = now + pause * random.uniform(1.0, 1.2)
        attempt = _note_attempt(delivery)
        webhook.refresh_from_db()
        return Begun(webhook, delivery, attempt)
    return None


@transaction.atomic
def end_attempt(*, begun: Begun, answer: Answer) -> bool:
    """Say how an attempt went; True where it arrived. Otherwise all of the webhook rests for a while, and is
    switched off where it says that it is gone, or has failed for PULIH_WEBHOOK_FAILING_DAYS.
    """
    now = timezone.now()
    WebhookAttempt.objects.filter(pk=begun.attempt.pk).update(
        duration_ms=answer.duration_ms,
        status=answer.status,
        error_code=answer.error_code,
        answer=answer.beginning,
    )
    webhook = Webhook.objects.select_for_update().filter(pk=begun.webhook.pk).first()
    if webhook is None:
        return False  # deleted meanwhile
    if answer.is_success:
        _finish(begun.delivery, WebhookDelivery.State.DELIVERED, now, failures=0)
        if webhook.failures:
            Webhook.objects.filter(pk=webhook.pk).update(failures=0, failing_since=None, rests_until=None)
        return True
    if begun.delivery.failures >= MOST_ATTEMPTS:
        _finish(begun.delivery, WebhookDelivery.State.FAILED, now)
    failing_since = webhook.failing_since or now
    rest = min(FIRST_REST * 2 ** min(webhook.failures, 10), LONGEST_REST)
    fields: dict[str, Any] = {
        "failures": F("failures") + 1,
        "failing_since": failing_since,
        "rests_until": now + max(rest, timedelta(seconds=answer.wait_seconds)),
    }
    too_long = timedelta(days=settings.PULIH_WEBHOOK_FAILING_DAYS)
    if answer.status == _GONE:
        fields |= {"disabled_at": now, "disabled_because": Webhook.Reason.GONE}
    elif now - failing_since >= too_long:
        fields |= {"disabled_at": now, "disabled_because": Webhook.Reason.FAILING}
    Webhook.objects.filter(pk=webhook.pk).update(**fields)
    return False


def release_webhook(*, webhook: Webhook) -> None:
    """Let go of it; what has come meanwhile, or is left, gets another turn."""
    mine = Webhook.objects.filter(pk=webhook.pk, lease_token=webhook.lease_token)
    mine.update(lease_token=None, lease_expires_at=None)
    # Only now: whoever announced something while the webhook was held has sent no message.
    if Webhook.objects.with_work(timezone.now()).filter(pk=webhook.pk).exists():
        wake(webhook.pk)


def sweep_webhooks(*, now: datetime | None = None) -> int:
    """Hand webhooks to the queue that have something to send and no message there; remove what was finished
    long ago. Safe at any time and twice. Returns how many were handed over.
    """
    now = now or timezone.now()
    waiting = Webhook.objects.with_work(now).not_on_the_queue(now).values_list("pk", flat=True)
    woken = sum(wake(webhook_id) for webhook_id in waiting)
    old = WebhookDelivery.objects.filter(finished_at__lt=now - KEPT).values("pk")[:_SWEPT_AT_ONCE]
    WebhookDelivery.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    return woken


def claim_webhook_mail(*, webhook: Webhook) -> bool:
    """Take it upon oneself to tell the owner that it is switched off; of any number who ask, one may."""
    return bool(Webhook.objects.to_be_told().filter(pk=webhook.pk).update(told_at=timezone.now()))


def note_failed_webhook_mail(*, webhook: Webhook) -> None:
    """The mail did not leave: it is tried again, a few times."""
    Webhook.objects.filter(pk=webhook.pk).update(told_at=None, failed_mails=F("failed_mails") + 1)


def _refusal(webhook: Webhook, delivery: WebhookDelivery) -> str:
    """Why no further attempt may be made; empty where one may."""
    if delivery.failures >= MOST_ATTEMPTS:
        return "archive:webhook:worker-lost"  # at the last attempt: any other end would be written down
    place = delivery.collection_id
    owners = {webhook.owner_id} if place is None else owners_of([place]).get(place, set())
    return "" if webhook.owner_id in owners else "archive:webhook:not-permitted"


def _note_attempt(delivery: WebhookDelivery, *, error_code: str = "") -> WebhookAttempt:
    delivery.attempts += 1
    delivery.save(update_fields=["attempts", "failures", "next_attempt_at"])
    return WebhookAttempt.objects.create(delivery=delivery, number=delivery.attempts, error_code=error_code)


def _finish(delivery: WebhookDelivery, state: str, now: datetime, **fields: int) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=state, finished_at=now, next_attempt_at=None, **fields
    )
