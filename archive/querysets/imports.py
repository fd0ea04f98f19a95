"""Reads of uploads and imports, each with its definition."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, F, Q

from archive.access.visitors import Visitor

# So long a message may wait behind restorations before it counts as lost; one too many does no harm.
LONGEST_QUEUE = timedelta(minutes=10)

if TYPE_CHECKING:
    from archive.models import ImportRun, Upload  # noqa: F401  (named in the strings below)


class UploadQuerySet(models.QuerySet["Upload"]):
    """Files on their way in."""

    def visible_to(self, visitor: Visitor) -> Self:
        """Bags that `visitor` has begun to send, and files into collections he curates; nobody else's."""
        if not visitor.is_authenticated:
            return self.none()
        curated = apps.get_model("archive", "Collection").objects.curated_by(visitor)
        return self.filter(Q(collection__in=curated) | Q(collection=None), uploaded_by=visitor)

    def expired(self, now: datetime) -> Self:
        """Kept long enough: nobody went on with them, or they have ended and their outcome was told."""
        return self.filter(expires_at__lt=now).exclude(import_run__state__in=["waiting", "running"])

    def unchecked(self, now: datetime) -> Self:
        """Arrived whole, but whoever should have checked them died before the end."""
        checking = Q(state=self.model.State.CHECKING, lease_expires_at__lt=now)
        forgotten = Q(state=self.model.State.ARRIVING, lease_expires_at__isnull=True)
        return self.filter(checking | forgotten, offset=F("length"))


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    """Imports of many files."""

    def visible_to(self, visitor: Visitor) -> Self:
        """Imports into collections that `visitor` curates, and his own of bags that have none so far."""
        if not visitor.is_authenticated:
            return self.none()
        curated = apps.get_model("archive", "Collection").objects.curated_by(visitor)
        return self.filter(Q(collection__in=curated) | Q(collection=None, started_by=visitor))

    def of_bags(self) -> Self:
        """Imports of bags that were sent."""
        return self.filter(source=self.model.Source.BAG)

    def active(self) -> Self:
        """Not at their end."""
        return self.filter(state__in=[self.model.State.WAITING, self.model.State.RUNNING])

    def with_counts(self) -> Self:
        """Each with `taken`, `present`, `refused` and `passed_over`: files that ended so. Newest first."""
        outcomes = apps.get_model("archive", "ImportItem").Outcome
        counts = {
            outcome.value.replace("-", "_"): Count("items", filter=Q(items__outcome=outcome))
            for outcome in outcomes
        }
        return self.annotate(**counts).order_by("-created_at", "id")

    def dropped(self, now: datetime) -> Self:
        """Imports of ZIPs and bags on which nobody works although their turn should have come: a worker died,
        or their message was lost.

        A folder's import goes on when the command is run again.
        """
        sent = [self.model.Source.ZIP, self.model.Source.BAG]
        late = self.active().filter(source__in=sent, enqueued_at__lt=now - LONGEST_QUEUE)
        return late.exclude(lease_expires_at__gt=now)
