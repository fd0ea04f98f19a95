"""Reads of the catalogue, each with its definition."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models.expressions import RawSQL

from archive.access.visitors import Visitor
from archive.finding.backends import backend_of
from archive.finding.questions import Question
from archive.finding.triggers import WORDS

if TYPE_CHECKING:
    from archive.models import CatalogueEntry, Collection  # noqa: F401  (named in the strings below)


class CatalogueEntryQuerySet(models.QuerySet["CatalogueEntry"]):
    """Entries of photos; `values("photo")` is what a queryset of photos can be filtered by."""

    def visible_to(self, visitor: Visitor) -> Self:
        """Entries of photos in collections that are visible to `visitor`; photos in the bin have none."""
        collections = apps.get_model("archive", "Collection").objects
        # Without an order: SQLite would sort what it only looks up.
        return self.filter(collection__in=collections.visible_to(visitor).order_by().values("pk"))

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

    def tagged(self, key: str) -> Self:
        """Those of photos with the tag whose `tag_key` is `key`."""
        tagged = apps.get_model("archive", "Photo").tags.through.objects
        return self.filter(photo__in=tagged.filter(tag__key=key).values("photo"))


def fitting_words(entries: CatalogueEntryQuerySet) -> models.QuerySet[Any, Any]:
    """The one of the entries to which a row of the table of words belongs: a subquery for asking there."""
    return entries.filter(pk=RawSQL(f"{WORDS}.rowid", [])).values("pk")
