"""What happened is written down here, by every other service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from archive.events.chain import GENESIS, digest_of, link_hash, plain_json
from archive.events.records import content_of
from archive.events.software import software_name
from archive.models import ChainLink, Collection, Event, Photo
from archive.webhooks.announcing import announce_events

_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event that is about to be written down; `details` and `origin` must be JSON.

    `happened_at` (None: now) and `origin` are for what another archive recorded and a bag brought here.
    """

    kind: str
    collection: Collection | None = None
    actor: User | None = None
    photo: Photo | None = None
    details: dict[str, Any] | None = None
    outcome: str = Event.Outcome.SUCCESS
    origin: dict[str, Any] | None = None
    happened_at: datetime | None = None


def record_event(
    *,
    collection: Collection | None,
    kind: str,
    actor: User | None = None,
    photo: Photo | None = None,
    details: dict[str, Any] | None = None,
    outcome: str = Event.Outcome.SUCCESS,
) -> Event:
    """Write down that something happened. `details` must be JSON, `outcome` an Event.Outcome."""
    event = NewEvent(
        collection=collection, kind=kind, actor=actor, photo=photo, details=details, outcome=outcome
    )
    return record_events(events=[event])[0]


@transaction.atomic(savepoint=False)
def record_events(*, events: Iterable[NewEvent]) -> list[Event]:
    """Write down any number of events, in their order: for changes of many photos at once. Webhooks that want
    to know are told once the transaction is through.
    """
    rows = [_row(event) for event in events]
    Event.objects.bulk_create(rows, batch_size=_BATCH)
    if connection.vendor != "postgresql":
        # SQLite lets one transaction write at a time, so nobody else can take the same place.
        _link(rows)
    announce_events(rows)
    return rows


def _row(event: NewEvent) -> Event:
    imported = event.origin is not None
    row = Event(
        collection=event.collection,
        photo=event.photo,
        actor=event.actor,
        agent=event.actor.get_username() if event.actor else "",
        software="" if imported else software_name(),
        kind=event.kind,
        outcome=event.outcome,
        details=plain_json(event.details or {}),
        origin=plain_json(event.origin),
        created_at=event.happened_at or timezone.now(),
    )
    row.digest = digest_of(content_of(row))
    return row


def _link(events: list[Event]) -> None:
    head = ChainLink.objects.order_by("-sequence").first()
    sequence, previous_hash = (head.sequence, head.hash) if head else (0, GENESIS)
    links = []
    for event in events:
        sequence += 1
        link = ChainLink(
            sequence=sequence,
            event=event,
            previous_hash=previous_hash,
            hash=link_hash(previous_hash=previous_hash, sequence=sequence, digest=event.digest),
        )
        previous_hash = link.hash
        links.append(link)
    ChainLink.objects.bulk_create(links, batch_size=_BATCH)
