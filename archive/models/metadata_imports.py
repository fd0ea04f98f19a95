"""Tables of descriptions that somebody has handed in, and what each of their rows says."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.models.collections import Collection
from archive.models.photos import Photo
from archive.querysets.metadata import MetadataImportQuerySet


class MetadataImport(models.Model):
    """A CSV file with descriptions: looked through, looked at by a person, applied.

    Twice it is gone through row by row, in batches; `position` counts the rows that the present going has
    behind it, and moves in one transaction with what the rows did.
    """

    class State(models.TextChoices):
        PLANNING = "planning", _("being looked through")
        PLANNED = "planned", _("looked through")
        QUEUED = "queued", _("waiting to be applied")
        RUNNING = "running", _("being applied")
        DONE = "done", _("applied")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="metadata_imports")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="metadata_imports"
    )
    filename = models.CharField(_("file name"), max_length=255)
    # The table itself, until it has been applied; what it changed stands in the photos' events then.
    text = models.TextField(_("table"), blank=True)
    key = models.CharField(_("photos found by"), max_length=20, blank=True)
    # Its columns that mean nothing here.
    ignored = models.JSONField(_("columns passed over"), default=list, blank=True)
    clear_empty = models.BooleanField(_("empty cells clear a field"), default=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PLANNING)
    # Whether it is applied without anybody looking at it first.
    at_once = models.BooleanField(default=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    total = models.PositiveIntegerField(_("rows"), default=0)
    position = models.PositiveIntegerField(_("rows gone through"), default=0)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    # Whoever goes through it holds it until then; afterwards it is anybody's.
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    # When its id was last handed to the queue.
    enqueued_at = models.DateTimeField(default=timezone.now)
    # How many workers have taken it in hand since a batch last came to its end.
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    # What would change, or has changed; counted at the end of each going.
    rows_changed = models.PositiveIntegerField(_("photos changed"), default=0)
    rows_unchanged = models.PositiveIntegerField(_("photos that were described so already"), default=0)
    rows_refused = models.PositiveIntegerField(_("rows refused"), default=0)

    objects = MetadataImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of descriptions")
        verbose_name_plural = _("imports of descriptions")
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_active(self) -> bool:
        """Whether a worker is going through it, or will."""
        return self.state in {self.State.PLANNING, self.State.QUEUED, self.State.RUNNING}

    @property
    def can_be_applied(self) -> bool:
        """Whether it waits for somebody to say so: looked through, or left in the middle by a failure."""
        failed = self.state == self.State.FAILED and self.applied_by_id is not None
        return (self.state == self.State.PLANNED and self.rows_changed > 0) or failed


class MetadataRow(models.Model):
    """One row of a table, which begins on `line` of the file: what it would change, or has changed.

    Kept for some days after the table was applied.
    """

    class Outcome(models.TextChoices):
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("described so already")
        REFUSED = "refused", _("refused")

    id = models.BigAutoField(primary_key=True)
    metadata_import = models.ForeignKey(MetadataImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # its place among the rows, from 0
    line = models.PositiveIntegerField(_("line"))
    # What its photo was looked for by; without a photo where none was found.
    key = models.TextField(_("photo looked for"), blank=True)
    photo = models.ForeignKey(Photo, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome)
    changes = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    code = models.CharField(_("code"), max_length=64, blank=True)
    message = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("row of a table of descriptions")
        verbose_name_plural = _("rows of tables of descriptions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["metadata_import", "number"], name="metadata_row_once"),
        ]
        indexes = [
            models.Index(fields=["metadata_import", "outcome", "number"], name="metadata_row_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.line} · {self.key} · {self.get_outcome_display()}"
