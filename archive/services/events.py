"""What happened is written down here, by every other service."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import TextChoices

from archive.models import Collection, Event, Photo


class EventKind(TextChoices):
    """What the archive itself records; other apps add kinds of their own."""

    COLLECTION_CREATED = "collection-created"
    COLLECTION_CHANGED = "collection-changed"
    PHOTO_INGESTED = "photo-ingested"
    PHOTO_DELETED = "photo-deleted"


def record_event(
    *,
    collection: Collection,
    kind: str,
    actor: User | None = None,
    photo: Photo | None = None,
    details: dict[str, Any] | None = None,
) -> Event:
    """Write down that something happened. `details` must be JSON."""
    return Event.objects.create(
        collection=collection, kind=kind, actor=actor, photo=photo, details=details or {}
    )
