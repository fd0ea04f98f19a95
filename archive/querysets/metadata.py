"""Reads of tables with descriptions, each with its definition."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models

from archive.access.visitors import Visitor
from archive.querysets.imports import LONGEST_QUEUE

if TYPE_CHECKING:
    from archive.models import MetadataImport  # noqa: F401  (named in the string below)


class MetadataImportQuerySet(models.QuerySet["MetadataImport"]):
    """Tables that somebody has handed in."""

    def visible_to(self, visitor: Visitor) -> Self:
        """Tables of collections that `visitor` curates."""
        curated = apps.get_model("archive", "Collection").objects.curated_by(visitor)
        return self.filter(collection__in=curated)

    def active(self) -> Self:
        """Being gone through, or about to be."""
        states = self.model.State
        return self.filter(state__in=[states.PLANNING, states.QUEUED, states.RUNNING])

    def dropped(self, now: datetime) -> Self:
        """Active ones on which nobody works: the worker died, or their message was lost."""
        late = self.active().filter(enqueued_at__lt=now - LONGEST_QUEUE)
        return late.exclude(lease_expires_at__gt=now)

    def left_lying(self, since: datetime) -> Self:
        """Handed in before `since` and never applied."""
        states = self.model.State
        return self.filter(state__in=[states.PLANNED, states.FAILED], created_at__lt=since, applied_at=None)
