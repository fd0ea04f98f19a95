"""The catalogue: one narrow row for every photo that can be found, made to be filtered and sorted quickly."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from archive.finding.entries import CatalogueEntryQuerySet
from archive.finding.triggers import FACTS
from archive.models.collections import Collection
from archive.models.photos import Photo

UNKNOWN_FROM, UNKNOWN_TO = "9999-12-31", "0001-01-01"
"""The days between which a photo without a known date lies: a span that touches no other, and sorts last."""

NOT_MEASURED = -1.0


class CatalogueEntry(models.Model):
    """What lists of photos filter and sort by, so that a page of 100,000 photos is a look at one index.

    There is one for every photo that is not in the bin. Written by the database's own triggers alone
    (`archive.finding.keeping`), however a photo is written. None of its sort keys is ever NULL: what is not
    known has a value that comes last. `state`, `damage_level`, `share_damaged` (0 to 1) and `invention` are
    the photo's newest restoration's, kept by that app's triggers; the archive does not know what they mean.
    """

    id = models.BigAutoField(primary_key=True)
    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, related_name="entry")
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="+", db_index=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    media_type = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    # Title or else file name, in small letters, cut.
    name_key = models.CharField(max_length=200)
    # The first and the last day that the photo's date can mean.
    first_day = models.DateField(default=UNKNOWN_FROM)
    last_day = models.DateField(default=UNKNOWN_TO)
    state = models.CharField(max_length=16, default="")
    damage_level = models.CharField(max_length=16, default="")
    share_damaged = models.FloatField(default=NOT_MEASURED)
    invention = models.FloatField(default=NOT_MEASURED)

    objects = CatalogueEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("catalogue entry")
        verbose_name_plural = _("catalogue entries")
        # One for every order of a gallery, one for its counts, and the orders of a search over everything.
        # The last holds all that can be filtered and sorted by: whatever is asked of a collection, it is read
        # from one end to the other at most, and no row is looked up.
        indexes = [
            models.Index(fields=["collection", "-added_at", "-id"], name="entry_newest"),
            models.Index(fields=["collection", "state", "-added_at", "-id"], name="entry_state"),
            models.Index(fields=["collection", "name_key", "id"], name="entry_name"),
            models.Index(fields=["collection", "first_day", "id"], name="entry_first_day"),
            models.Index(fields=["collection", "-last_day", "-id"], name="entry_last_day"),
            models.Index(fields=["collection", "-share_damaged", "-id"], name="entry_damage"),
            models.Index(fields=["collection", "-invention", "-id"], name="entry_invention"),
            models.Index(fields=["uploaded_by", "collection"], name="entry_uploader"),
            models.Index(F("added_at").desc(), F("id").desc(), name="entry_newest_of_all"),
            models.Index(
                fields=[
                    "collection",
                    "state",
                    "damage_level",
                    "media_type",
                    "uploaded_by",
                    "share_damaged",
                    "invention",
                    "first_day",
                    "last_day",
                    "added_at",
                    "photo",
                    "name_key",
                ],
                name=FACTS,
            ),
        ]

    def __str__(self) -> str:
        return self.name_key
