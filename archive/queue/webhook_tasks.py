"""What the queue calls for webhooks. A task takes an id and calls services."""

from __future__ import annotations

import time
from uuid import UUID

from django.utils import timezone

from archive import services
from archive.models import Webhook
from archive.webhooks.mail import mail_switched_off
from archive.webhooks.sending import post
from archive.webhooks.signing import signed_headers

# After this (seconds) one that has much to send lets others, and the restorations, have a turn.
TURN_SECONDS = 20.0


def deliver_webhook(webhook_id: str) -> str:
    """Send what is due, until one fails or the turn is over. Returns a word for the queue's log."""
    webhook = services.claim_webhook(webhook_id=UUID(webhook_id))
    if webhook is None:
        return "nothing to do"
    until = time.monotonic() + TURN_SECONDS
    sent = 0
    while time.monotonic() < until and (begun := services.begin_attempt(webhook=webhook)) is not None:
        headers = signed_headers(begun.webhook, begun.delivery, timezone.now())
        # Outside of any transaction: this is where the time goes.
        answer = post(url=begun.webhook.url, body=begun.delivery.body, headers=headers)
        if not services.end_attempt(begun=begun, answer=answer):
            break
        sent += 1
    services.release_webhook(webhook=webhook)
    return f"{sent} sent"


def sweep_webhooks() -> str:
    """Bring back what a dead worker dropped and what waits for its next attempt, and mail the owners of
    webhooks that were switched off; scheduled every minute.
    """
    woken = services.sweep_webhooks()
    for webhook in Webhook.objects.to_be_told().select_related("owner__profile", "collection"):
        if services.claim_webhook_mail(webhook=webhook) and not mail_switched_off(webhook):
            services.note_failed_webhook_mail(webhook=webhook)
    return f"{woken} webhooks"
