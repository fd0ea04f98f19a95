"""Tables of descriptions that somebody has handed in."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archive.models.collections import Collection


class MetadataImport(models.Model):
    """A CSV file with descriptions, kept between being looked through and being applied."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="metadata_imports")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="metadata_imports"
    )
    filename = models.CharField(_("file name"), max_length=255)
    # The table itself, until it has been applied; what it changed stands in the photos' events then.
    text = models.TextField(_("table"), blank=True)
    key = models.CharField(_("photos found by"), max_length=20, blank=True)
    clear_empty = models.BooleanField(_("empty cells clear a field"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    rows_changed = models.PositiveIntegerField(_("photos changed"), default=0)
    rows_unchanged = models.PositiveIntegerField(_("photos that were described so already"), default=0)
    rows_refused = models.PositiveIntegerField(_("rows refused"), default=0)

    class Meta:
        verbose_name = _("import of descriptions")
        verbose_name_plural = _("imports of descriptions")
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.filename
