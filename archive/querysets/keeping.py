"""Reads of the event log and of the fixity log. Operators, who see all of it, ask without `visible_to`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from archive.access.visitors import Visitor, limits_of

if TYPE_CHECKING:
    from archive.models import (  # noqa: F401  (named in the strings below)
        Collection,
        Event,
        FixityFinding,
        FixityRun,
        Photo,
    )


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, visitor: Visitor) -> Self:
        """Events in collections that are visible to `visitor`."""
        visible = apps.get_model("archive", "Collection").objects.visible_to(visitor)
        return self.filter(collection__in=visible)

    def for_lists(self) -> Self:
        """Newest first, with what a line of a log shows."""
        return self.select_related("photo", "collection").order_by("-created_at", "id")


class FixityRunQuerySet(models.QuerySet["FixityRun"]):
    def visible_to(self, visitor: Visitor) -> Self:
        """Those that `visitor` asked for, and those over a collection or a photo that is visible to him."""
        collections = apps.get_model("archive", "Collection").objects.visible_to(visitor)
        photos = apps.get_model("archive", "Photo").objects.visible_to(visitor)
        own = Q(requested_by=visitor.pk) if limits_of(visitor) is None else Q(pk__in=[])
        # Asked of each: there are far fewer runs than photos.
        seen = Exists(photos.filter(pk=OuterRef("photo")).order_by())
        return self.filter(own | Q(collection__in=collections) | seen)

    def of_everything(self) -> Self:
        """Those over the whole archive, in one go or night by night."""
        return self.filter(scope__in=[self.model.Scope.EVERYTHING, self.model.Scope.SLICE])

    def under_way(self) -> Self:
        """Those that have not ended."""
        return self.filter(finished_at__isnull=True)

    def over_collection(self, collection: Collection) -> Self:
        """Those that were asked for this very collection."""
        return self.filter(scope="collection", collection=collection)

    def that_read(self, photo: Photo) -> Self:
        """Those that have read the photo's original: its own, its collections', and passes over its shelf."""
        shelf = int(photo.original.sha256[:4], 16)
        above = apps.get_model("archive", "Lineage").objects.filter(descendant=photo.collection_id)
        covering = Q(scope="photo", photo=photo)
        covering |= Q(scope="collection", collection__in=above.values("ancestor"))
        covering |= Q(scope__in=["slice", "everything"])
        # A run that began before the file came may have passed its shelf already.
        return self.filter(
            covering, first_shelf__lte=shelf, next_shelf__gt=shelf, started_at__gte=photo.original.created_at
        )


class FixityFindingQuerySet(models.QuerySet["FixityFinding"]):
    def visible_to(self, visitor: Visitor) -> Self:
        """Findings about files of photos that are visible to `visitor`."""
        return self.about(apps.get_model("archive", "Photo").objects.visible_to(visitor))

    def about(self, photos: models.QuerySet[Photo]) -> Self:
        """Findings about files of these photos."""
        # Asked of each: there are far fewer findings than photos.
        files = self.model.photos.through.objects.filter(
            Exists(photos.filter(pk=OuterRef("photo_id")).order_by())
        )
        return self.filter(pk__in=files.values("fixityfinding"))

    def still_open(self) -> Self:
        """Those that no later check has found mended."""
        return self.filter(mended_at__isnull=True)
