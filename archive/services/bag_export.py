"""What leaves the archive as a bag."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from archive.bags.contents import Purpose
from archive.bags.outgoing import OutgoingBag
from archive.events.kinds import EventKind
from archive.messages import state_error
from archive.models import Collection, Event, Photo
from archive.querysets.visible import PhotoQuerySet
from archive.services.events import record_event

# The history names the photos of a selection up to this number.
_MOST_NAMED = 1000


def export_bag(
    *,
    collection: Collection,
    actor: User | None,
    purpose: Purpose,
    photos: PhotoQuerySet | None = None,
) -> OutgoingBag:
    """Gather `collection`, with everything below it, as a bag: whole, or only those of it among `photos`.

    `actor`: None for the operator. For keeping, originals leave as they came, with records that `import_bag`
    understands; for passing on, everything is without camera positions and serial numbers, and what the
    archive needs for itself stays here. The export is recorded before a byte leaves. Raises StateError
    `archive:bag:not-permitted` (keeping is for curators, passing on for members), or as `gather` does.
    """
    if not may_export(collection=collection, actor=actor, purpose=purpose):
        raise state_error("archive:bag:not-permitted")
    within = (Photo.objects.present() if actor is None else Photo.objects.visible_to(actor)).within(
        collection
    )
    chosen = within if photos is None else within.filter(pk__in=photos.order_by().values("pk"))
    bag = OutgoingBag(collection=collection, photos=chosen, whole=photos is None, purpose=purpose)
    details: dict[str, Any] = {
        "bag": str(bag.id),
        "purpose": purpose.value,
        "photos": bag.contents.photo_count,
        "derivatives": bag.contents.derivative_count,
        "bytes": bag.contents.byte_count,
    }
    if photos is not None and bag.contents.photo_count <= _MOST_NAMED:
        details["selection"] = sorted(str(pk) for pk in chosen.order_by().values_list("pk", flat=True))
    record_event(collection=collection, actor=actor, kind=EventKind.BAG_EXPORTED, details=details)
    return bag


def may_export(*, collection: Collection, actor: User | None, purpose: Purpose) -> bool:
    """Whether `actor` (None: the operator) may have the collection as a bag for this purpose."""
    if actor is None:
        return True
    found = Collection.objects
    allowed = found.curated_by(actor) if purpose is Purpose.KEEPING else found.downloadable_by(actor)
    return allowed.filter(pk=collection.pk).exists()


def record_failed_export(
    *, collection: Collection, actor: User | None, bag: OutgoingBag, reason: str
) -> None:
    """Write down that a bag, whose export was recorded, could not be finished."""
    record_event(
        collection=collection,
        actor=actor,
        kind=EventKind.BAG_EXPORTED,
        details={"bag": str(bag.id), "reason": reason},
        outcome=Event.Outcome.FAIL,
    )
