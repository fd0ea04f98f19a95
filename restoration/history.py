"""The history of a photo in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_noop

from archive import services as archive
from archive.models import Event, Photo
from restoration import messages
from restoration.events import EventKind
from restoration.models import Review

SENTENCES: dict[str, str] = {
    archive.EventKind.PHOTO_INGESTED: gettext_noop("Original received"),
    EventKind.REQUESTED: gettext_noop("Restoration requested"),
    EventKind.DONE: gettext_noop("Restoration finished"),
    EventKind.FAILED: gettext_noop("Restoration failed"),
    EventKind.REQUEUED: gettext_noop("Worker lost, restoration queued again"),
    EventKind.QUARANTINED: gettext_noop("Restoration given up after repeated losses of the worker"),
    EventKind.APPROVED: gettext_noop("Restoration approved"),
    EventKind.REJECTED: gettext_noop("Restoration rejected"),
}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """`actor` is empty where the machine acted, `comment` where nobody commented."""

    sentence: str
    actor: str
    at: datetime
    comment: str


def history_of(photo: Photo) -> list[HistoryEntry]:
    """Everything that happened to the photo, newest first, in two queries."""
    comments = {
        str(pk): comment
        for pk, comment in Review.objects.filter(restoration__photo=photo).values_list("pk", "comment")
    }
    return [_entry(event, comments) for event in photo.events.select_related("actor")]


def _entry(event: Event, comments: dict[str, str]) -> HistoryEntry:
    # A kind that a later version recorded is shown by its name rather than not at all.
    sentence = gettext(SENTENCES[event.kind]) if event.kind in SENTENCES else event.kind
    return HistoryEntry(
        sentence=sentence,
        actor=event.actor.get_username() if event.actor else "",
        at=event.created_at,
        comment=comments.get(event.details.get("review", ""), "")
        or messages.sentence(event.details.get("code", "")),
    )
