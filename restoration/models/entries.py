"""What lists and figures of restorations are read from: one narrow row for every restoration."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from archive.models import Collection
from restoration.models.registry import ModelVersion
from restoration.models.restorations import Restoration
from restoration.querysets import RestorationEntryQuerySet


class RestorationEntry(models.Model):
    """What restorations are listed, ordered and counted by, so that it is a look at one index.

    A restoration itself is as wide as all that is known of it, and stands in a collection only through its
    photo. Written by the database's own triggers alone (`restoration.keeping.listing`), however a
    restoration, its photo or a review is written. `collection` is the photo's, None while that is in the bin;
    `state` one of RESTORATION_STATES; `reason` the newest review's.
    """

    restoration = models.OneToOneField(Restoration, models.CASCADE, primary_key=True, related_name="entry")
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, related_name="+", db_index=False)
    model_version = models.ForeignKey(
        ModelVersion, models.CASCADE, null=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=20, default="")
    requested_at = models.DateTimeField()
    share_damaged = models.FloatField(null=True)
    invention = models.FloatField(null=True)

    objects = RestorationEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a restoration")
        verbose_name_plural = _("entries of restorations")
        # The usual order of a collection's list, and what is counted: with all that can be ordered by, so
        # that another order reads it from one end to the other at most, and no row is looked up.
        indexes = [
            models.Index(
                fields=["collection", "-requested_at", "-restoration", "state"], name="restorations_newest"
            ),
            models.Index(
                fields=[
                    "collection",
                    "state",
                    "model_version",
                    "reason",
                    "invention",
                    "share_damaged",
                    "requested_at",
                    "restoration",
                ],
                name="restorations_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.restoration_id}: {self.state}"
