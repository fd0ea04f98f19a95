"""What happened is put into the outbox of every webhook that wants to know, in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from archive.access.members import owners_of
from archive.models import Event, Lineage, Webhook, WebhookDelivery
from archive.webhooks.kinds import kind_of_event, said_of
from archive.webhooks.waking import wake_on_commit

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened in a collection. `kind`: a name of `archive.webhooks.kinds`; `data` is JSON."""

    kind: str
    collection_id: UUID
    data: dict[str, Any]
    happened_at: datetime = field(default_factory=timezone.now)


def announce_events(events: Iterable[Event]) -> None:
    """Announce what was just written into the event log, as far as it happened here."""
    occurrences = []
    for event in events:
        kind = kind_of_event(event.kind)
        if kind is not None and event.collection_id is not None and event.origin is None:
            data = {
                "event": str(event.pk),
                "photo": str(event.photo_id) if event.photo_id else None,
                "person": event.agent or None,
                "outcome": event.outcome,
                **said_of(event.kind, event.details),
            }
            occurrences.append(
                Occurrence(
                    kind=kind,
                    collection_id=event.collection_id,
                    data=data,
                    happened_at=event.created_at,
                )
            )
    announce(occurrences)


@transaction.atomic(savepoint=False)
def announce(occurrences: Sequence[Occurrence]) -> None:
    """Put these into the outboxes. One query where no webhook wants any of them.

    The caller's transaction: what did not happen is not told, and what did is not forgotten.
    """
    if not occurrences:
        return
    kinds = {each.kind for each in occurrences}
    webhooks = [each for each in Webhook.objects.sending() if not kinds.isdisjoint(each.kinds)]
    if not webhooks:
        return
    places = {each.collection_id for each in occurrences}
    above: dict[UUID, set[UUID]] = {}
    lines = Lineage.objects.filter(descendant__in=places).values_list("descendant_id", "ancestor_id")
    for descendant, ancestor in lines:
        above.setdefault(descendant, set()).add(ancestor)
    owners = owners_of(places)
    rows = [
        _delivery(webhook, each)
        for each in occurrences
        for webhook in webhooks
        if each.kind in webhook.kinds
        and webhook.owner_id in owners.get(each.collection_id, ())
        and (webhook.collection_id is None or webhook.collection_id in above.get(each.collection_id, ()))
    ]
    WebhookDelivery.objects.bulk_create(rows, batch_size=_BATCH)
    wake_on_commit({row.webhook_id for row in rows})


def body_of(kind: str, happened_at: datetime, data: dict[str, Any]) -> str:
    """The body as it is sent and signed: JSON in ASCII, "type", "timestamp" (RFC 3339, UTC) and "data"."""
    message = {"type": kind, "timestamp": happened_at.isoformat(), "data": data}
    return json.dumps(message, separators=(",", ":"))


def _delivery(webhook: Webhook, occurrence: Occurrence) -> WebhookDelivery:
    data = {"collection": str(occurrence.collection_id)} | occurrence.data
    return WebhookDelivery(
        webhook=webhook,
        collection_id=occurrence.collection_id,
        kind=occurrence.kind,
        body=body_of(occurrence.kind, occurrence.happened_at, data),
        next_attempt_at=timezone.now(),
    )
