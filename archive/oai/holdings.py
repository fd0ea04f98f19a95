"""What harvesters may see: public collections as sets, their photos as items, and since when each is so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import F, Max, Min, Q, QuerySet

from archive.access.visitors import Guest
from archive.events.kinds import AccessEvent, EventKind
from archive.models import CatalogueEntry, Collection, Event, Lineage, Photo
from archive.querysets.visible import PhotoQuerySet

# After these, photos are there for harvesters that were not, though nobody touched them.
_OPENING = (
    AccessEvent.PUBLICATION_CHANGED,
    EventKind.COLLECTION_MOVED,
    EventKind.COLLECTION_TAKEN_BACK,
    EventKind.BAG_IMPORTED,
)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A public collection; `spec` is its path in the tree, as far as that is public."""

    collection: Collection
    spec: str


class PublicHoldings:
    """All that is public now. Few queries, however large the tree is; made anew for each request."""

    def __init__(self) -> None:
        visible = Collection.objects.visible_to(Guest())
        self._collections = {each.pk: each for each in visible.order_by("pk")}

    @cached_property
    def _above(self) -> dict[UUID, list[UUID]]:
        """By public collection, those that hold it, itself included, outermost first."""
        found: dict[UUID, list[UUID]] = defaultdict(list)
        lines = Lineage.objects.filter(descendant__in=self._collections.keys()).order_by("-distance")
        for below, above in lines.values_list("descendant", "ancestor"):
            found[below].append(above)
        return found

    @cached_property
    def sets(self) -> dict[UUID, PublicSet]:
        """By their collection's key, in an order that stays."""
        return {key: PublicSet(each, self._spec(key)) for key, each in self._collections.items()}

    @cached_property
    def _opened(self) -> dict[UUID, datetime]:
        """By public collection, when it or one above it was last published, moved, taken back or filled."""
        holding = {above for line in self._above.values() for above in line}
        events = Event.objects.filter(collection__in=holding, kind__in=_OPENING).order_by()
        newest = events.values("collection").annotate(at=Max("created_at"))
        latest = dict(newest.values_list("collection", "at"))
        return {
            key: max((latest[each] for each in line if each in latest), default=_BEGINNING)
            for key, line in self._above.items()
        }

    def photos(self) -> PhotoQuerySet:
        """All that is public."""
        return self._photos_in(list(self.sets))

    def keys(
        self, *, spec: str = "", begin: datetime | None = None, end: datetime | None = None
    ) -> QuerySet[Any, UUID]:
        """Of the public photos of a set and the sets below it whose stamp lies in that time, in their order.

        A spec that is no set has none.
        """
        chosen = [key for key, each in self.sets.items() if _is_within(each.spec, spec)]
        if begin is None and end is None:
            # The catalogue is narrower to read than the photos. What is in the bin has no entry.
            entries = CatalogueEntry.objects.of_collections(chosen)
            return entries.order_by("photo_id").values_list("photo_id", flat=True)
        photos = self._photos_in(chosen)
        if begin is not None:
            since = [key for key in chosen if self._opened[key] >= begin]
            photos = photos.filter(Q(updated_at__gte=begin) | Q(collection__in=since))
        if end is not None:
            before = [key for key in chosen if self._opened[key] < end]
            photos = photos.filter(updated_at__lt=end, collection__in=before)
        # By the name that both ways have for it.
        keys = photos.annotate(photo_id=F("pk")).order_by("photo_id")
        return keys.values_list("photo_id", flat=True)

    def _photos_in(self, collections: Sequence[UUID]) -> PhotoQuerySet:
        return Photo.objects.present().filter(collection__in=collections)

    def stamp_of(self, photo: Photo) -> datetime:
        """When what harvesters see of the photo was last changed: its description, or that it is there."""
        return max(photo.updated_at, self._opened[photo.collection_id])

    def earliest(self) -> datetime:
        """No photo's stamp lies before this."""
        first: datetime | None = self.photos().aggregate(first=Min("updated_at"))["first"]
        return first or _BEGINNING

    def _spec(self, key: UUID) -> str:
        return ":".join(str(above) for above in self._above[key] if above in self._collections)


def _is_within(spec: str, above: str) -> bool:
    return not above or spec == above or spec.startswith(f"{above}:")
