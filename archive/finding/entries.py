"""Reads of the catalogue, each with its definition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Self, cast
from uuid import UUID

from django.apps import apps
from django.db import models

from archive.finding.backends import backend_of
from archive.finding.questions import Question

if TYPE_CHECKING:
    from archive.models import CatalogueEntry, Collection  # noqa: F401  (named in the strings below)


class CatalogueEntryQuerySet(models.QuerySet["CatalogueEntry"]):
    """Entries of photos; `values("photo")` is what a queryset of photos can be filtered by."""

    def of_collections(self, keys: Sequence[UUID] | models.QuerySet[Any, Any]) -> Self:
        """Those of photos in the collections with these keys; photos in the bin have no entry.

        Who may see them is asked where the keys come from (`archive.finding.filters.Scope`).
        """
        if isinstance(keys, list) and len(keys) == 1:
            # One is worth saying: then the index that has an order gives what it holds in this order.
            return self.filter(collection=keys[0])
        return self.filter(collection__in=keys)

    def within(self, collection: Collection | UUID) -> Self:
        """Those of photos in `collection` (or the one with that key) and in everything below it."""
        lineage = apps.get_model("archive", "Lineage").objects
        return self.filter(collection__in=lineage.filter(ancestor=collection).values("descendant"))

    def about(self, question: Question) -> Self:
        """Those whose words answer `question`; every one for a question without words."""
        return backend_of(self.db).answering(self, question) if question else self

    def dated_between(self, first: date | None, last: date | None) -> Self:
        """Those whose date may lie in the span, ends included; None leaves it open. Undated ones never do."""
        # An unknown date is a span that ends before it begins, so one bound alone has to be enough to miss.
        found = self.filter(first_day__lte=models.F("last_day"))
        if first is not None:
            found = found.filter(last_day__gte=first)
        if last is not None:
            found = found.filter(first_day__lte=last)
        return found

    def narrowed(self) -> Self:
        """The same, in the way to read what has been narrowed: where few answer, it takes no longer than
        where many do.
        """
        return cast(Self, backend_of(self.db).narrowed(self))

    def tagged(self, key: str) -> Self:
        """Those of photos with the tag whose `tag_key` is `key`."""
        tagged = apps.get_model("archive", "Photo").tags.through.objects
        entries = self.model._default_manager.filter(photo__in=tagged.filter(tag__key=key).values("photo"))
        # By their own keys, which are numbers: that is quicker than to compare identifiers of photos.
        return self.filter(pk__in=entries.values("pk"))
