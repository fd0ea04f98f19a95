"""The log of fixity checks: every run with what it covered, and everything that it found wrong."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from archive.models.collections import Collection
from archive.models.photos import Photo
from archive.querysets.keeping import FixityFindingQuerySet, FixityRunQuerySet

SHELVES = 65536
"""Stored files stand on as many shelves: the number that the first four digits of their SHA-256 write."""


class FixityRun(models.Model):
    """One check of files against their SHA-256. Never deleted.

    It goes shelf by shelf from `first_shelf` up to, without, `end_shelf`; all below `next_shelf` is done, so
    that a run whose worker was killed goes on where it stood. SHA-256 spreads files evenly over the shelves,
    so a part of the shelves is the same part of the files.
    """

    class Scope(models.TextChoices):
        SLICE = "slice", _("the night's part")
        EVERYTHING = "everything", _("the whole archive")
        COLLECTION = "collection", _("a collection")
        PHOTO = "photo", _("a photo")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(_("scope"), max_length=16, choices=Scope)
    # As with events: the log outlives what it speaks of.
    collection = models.ForeignKey(
        Collection,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="fixity_runs",
        verbose_name=_("collection"),
    )
    photo = models.ForeignKey(
        Photo,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="fixity_runs",
        verbose_name=_("photo"),
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    first_shelf = models.PositiveIntegerField(_("first shelf"), default=0)
    end_shelf = models.PositiveIntegerField(_("end of the shelves"), default=SHELVES)
    next_shelf = models.PositiveIntegerField(_("next shelf"), default=0)
    lease_expires_at = models.DateTimeField(_("lease expires at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    file_count = models.PositiveBigIntegerField(_("files"), default=0)
    byte_count = models.PositiveBigIntegerField(_("bytes"), default=0)
    fault_count = models.PositiveIntegerField(_("faults"), default=0)
    is_reported = models.BooleanField(_("operators were told"), default=False)

    objects = FixityRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        verbose_name = _("fixity run")
        verbose_name_plural = _("fixity runs")
        constraints = [
            models.CheckConstraint(
                condition=Q(first_shelf__lte=models.F("next_shelf"), next_shelf__lte=models.F("end_shelf")),
                name="fixity_run_between_its_shelves",
            ),
        ]
        indexes = [models.Index(fields=["scope", "-started_at"], name="fixity_run_newest")]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} · {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_finished(self) -> bool:
        """Whether every shelf has been gone through."""
        return self.finished_at is not None

    @property
    def percent(self) -> int:
        """How far the run has come, 0 to 100."""
        span = self.end_shelf - self.first_shelf
        return 100 * (self.next_shelf - self.first_shelf) // span if span else 100


class FixityFinding(models.Model):
    """A file that was not as it should be. Never deleted; `mended_at` once a later check found it right."""

    class Kind(models.TextChoices):
        MISSING = "missing", _("missing")
        CHANGED = "changed", _("changed")
        UNKNOWN = "unknown", _("unknown")
        UNREADABLE = "unreadable", _("unreadable")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(FixityRun, models.PROTECT, related_name="findings", verbose_name=_("run"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    # The file's key in the store.
    path = models.CharField(_("path"), max_length=500)
    # Whose file it is; nobody's for a stranger.
    photos = models.ManyToManyField(Photo, related_name="fixity_findings", verbose_name=_("photos"))
    # What the file should have, and what it had; empty where there is none.
    sha256 = models.CharField(_("expected SHA-256"), max_length=64, blank=True)
    found_sha256 = models.CharField(_("found SHA-256"), max_length=64, blank=True)
    found_at = models.DateTimeField(_("found at"), auto_now_add=True)
    seen_at = models.DateTimeField(_("last seen at"))
    mended_at = models.DateTimeField(_("mended at"), null=True, blank=True)

    objects = FixityFindingQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "-id"]
        verbose_name = _("fixity finding")
        verbose_name_plural = _("fixity findings")
        constraints = [
            # However many runs meet it, a fault stands once until it is mended.
            models.UniqueConstraint(
                fields=["path"], condition=Q(mended_at__isnull=True), name="fixity_finding_open_once"
            ),
        ]
        indexes = [models.Index(fields=["sha256"], name="fixity_finding_sha256")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.path}"
