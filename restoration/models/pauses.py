"""Restorations that wait because somebody said so."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archive.models import Collection


class Pause(models.Model):
    """While it stands, nothing is restored in the collection or in anything below it.

    A worker that is at it when it comes stops at its next tile, and the row waits again as if that attempt
    had not begun; what is being put into storage already is finished. `services.pause_restorations` makes it.
    """

    collection = models.OneToOneField(Collection, models.CASCADE, related_name="restoration_pause")
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("paused by"),
    )
    paused_at = models.DateTimeField(_("paused at"), auto_now_add=True)

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")

    def __str__(self) -> str:
        return str(self.collection)
