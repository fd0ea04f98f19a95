"""The history of a photo in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive.description.history import ShownChange, shown_changes
from archive.events.types import event_sentence
from archive.models import Event, Photo
from restoration import messages
from restoration.models import Review


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """`actor` is empty where the machine acted, `comment` where nobody commented, `changes` where nobody
    described anything.
    """

    sentence: str
    actor: str
    at: datetime
    comment: str
    changes: list[ShownChange]


def history_of(photo: Photo) -> list[HistoryEntry]:
    """Everything that happened to the photo, newest first, in two queries."""
    reviews = Review.objects.filter(restoration__photo=photo)
    comments = {
        str(review.pk): " · ".join(filter(None, [review.get_reason_display(), review.comment]))
        for review in reviews.only("reason", "comment")
    }
    return [_entry(event, comments) for event in photo.events.select_related("actor")]


def _entry(event: Event, comments: dict[str, str]) -> HistoryEntry:
    return HistoryEntry(
        sentence=event_sentence(event.kind),
        actor=event.actor.get_username() if event.actor else "",
        at=event.created_at,
        comment=comments.get(event.details.get("review", ""), "")
        or messages.sentence(event.details.get("code", "")),
        changes=shown_changes(event.details),
    )
