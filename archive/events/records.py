"""Events as records: plain JSON with everything that the chain covers, for verifying and for taking along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from archive.events.chain import written_time
from archive.events.guards import link_pending
from archive.models import ChainLink, Event


def content_of(event: Event) -> dict[str, Any]:
    """What the event's digest covers (`archive.events.chain.CONTENT`)."""
    return {
        "id": str(event.pk),
        "at": written_time(event.created_at),
        "kind": event.kind,
        "outcome": event.outcome,
        "collection": _key(event.collection_id),
        "photo": _key(event.photo_id),
        "actor": _key(event.actor_id),
        "agent": event.agent,
        "software": event.software,
        "details": event.details,
        "origin": event.origin,
    }


def event_record(event: Event) -> dict[str, Any]:
    """The event with its digest and its place in the chain: JSON that `event_chain.verify_record` accepts.

    `sequence`, `previous_hash` and `hash` are None for an event without a link. One query more, unless the
    event came with `select_related("link")`.
    """
    link: ChainLink | None = getattr(event, "link", None)
    return {
        **content_of(event),
        "digest": event.digest,
        "sequence": link.sequence if link else None,
        "previous_hash": link.previous_hash if link else None,
        "hash": link.hash if link else None,
    }


def event_records(events: QuerySet[Event]) -> Iterator[dict[str, Any]]:
    """The records of events in the order of the chain, streamed."""
    link_pending(connection)
    for event in events.select_related("link").order_by("link__sequence", "created_at").iterator():
        yield event_record(event)


def _key(value: object) -> str | None:
    return None if value is None else str(value)
