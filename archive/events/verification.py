"""Walks the chain of events from its beginning and names every row that is not as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import connection
from django.utils.translation import gettext as _

from archive.events.chain import GENESIS, digest_of, link_hash
from archive.events.guards import guards_are_installed, link_pending
from archive.events.records import content_of
from archive.models import ChainLink, Event

_BATCH = 500


@dataclass(frozen=True, slots=True)
class ChainFault:
    """What is wrong with one row. `sequence` and `event` (an identifier) are None where there is none."""

    sequence: int | None
    event: str | None
    sentence: str

    def __str__(self) -> str:
        place = _("link %s") % self.sequence if self.sequence is not None else _("no link")
        event = _("event %s") % self.event if self.event else _("no event")
        return f"{place}, {event}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest link: whoever keeps it elsewhere can tell later whether the end was cut off or made anew."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


def chain_head() -> ChainHead | None:
    """The newest link; None while nothing has happened."""
    link_pending(connection)
    link = ChainLink.objects.order_by("-sequence").first()
    return ChainHead(link.sequence, link.hash) if link else None


def verify_chain(*, anchor: ChainHead | None = None) -> Iterator[ChainFault]:
    """Every fault of the log: changed, missing and inserted rows, and triggers that are gone.

    `anchor`: a head as it was noted earlier; a chain that no longer goes through it is a fault. Memory does
    not grow with the log.
    """
    link_pending(connection)
    if not guards_are_installed(connection):
        yield ChainFault(None, None, _("the database no longer refuses changes of events (run migrate)"))
    sequence, previous_hash = 0, GENESIS
    anchored = anchor is None
    for link, event in _links_with_events():
        event_id = str(link.event_id)
        if link.sequence > sequence + 1:
            first, last = sequence + 1, link.sequence - 1
            missing = str(first) if first == last else f"{first}-{last}"
            yield ChainFault(link.sequence, event_id, _("missing before it: link %s") % missing)
        elif link.previous_hash != previous_hash:
            yield ChainFault(link.sequence, event_id, _("does not follow the link before it"))
        sentence = _fault_of(link, event)
        if sentence:
            yield ChainFault(link.sequence, event_id, sentence)
        sequence, previous_hash = link.sequence, link.hash
        anchored = anchored or ChainHead(sequence, previous_hash) == anchor
    for pk in Event.objects.filter(link__isnull=True).order_by("created_at").values_list("pk", flat=True):
        yield ChainFault(None, str(pk), _("inserted beside the chain"))
    if not anchored and anchor is not None:
        yield ChainFault(anchor.sequence, None, _("the chain no longer holds this link as it was noted"))


def _links_with_events() -> Iterator[tuple[ChainLink, Event | None]]:
    """Every link in order with its event, or None where that is gone; a join would leave such a link out."""
    links = ChainLink.objects.order_by("sequence").iterator(chunk_size=_BATCH)
    while batch := list(islice(links, _BATCH)):
        events = Event.objects.in_bulk([link.event_id for link in batch])
        for link in batch:
            yield link, events.get(link.event_id)


def _fault_of(link: ChainLink, event: Event | None) -> str:
    if event is None:
        return _("the event is missing")
    if digest_of(content_of(event)) != event.digest:
        return _("the event was changed")
    expected = link_hash(previous_hash=link.previous_hash, sequence=link.sequence, digest=event.digest)
    return "" if expected == link.hash else _("the event or its link was changed")
