"""Handing webhooks to the queue: one message each, however much it has to send."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from archive.models import Webhook
from archive.queue.message_order import NextButOne

DELIVER = "archive.queue.webhook_tasks.deliver_webhook"


def wake_on_commit(webhook_ids: Iterable[UUID]) -> None:
    """Once the rows are really there; the sweep finds a webhook whose message was lost."""
    for webhook_id in sorted(webhook_ids):
        transaction.on_commit(partial(wake, webhook_id), robust=True)


def wake(webhook_id: UUID) -> bool:
    """Hand it to the queue, unless a message there speaks of it already."""
    now = timezone.now()
    resting = Webhook.objects.free(now).not_on_the_queue(now).filter(pk=webhook_id)
    if not resting.update(enqueued_at=now):
        return False
    # A restoration takes a minute, and thousands may wait.
    async_task(DELIVER, str(webhook_id), group="webhook", broker=NextButOne())
    return True
