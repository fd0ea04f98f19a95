"""The signs of life of the queue's clusters, for those who look from another process or machine."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClusterBeatQuerySet(models.QuerySet["ClusterBeat"]):
    def alive_since(self, moment: datetime) -> Self:
        """Clusters that have given a sign of life after that moment."""
        return self.filter(beat_at__gt=moment)


class ClusterBeat(models.Model):
    """One cluster: who it is, the names of the queues that it takes from, and when it last said that all its
    parts work. Its row goes with it; that of one that was killed stays for a day.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    host = models.CharField(_("host"), max_length=255)
    workers = models.PositiveSmallIntegerField(_("workers"))
    queues = models.JSONField(_("queues"), default=list)
    started_at = models.DateTimeField(_("started"))
    beat_at = models.DateTimeField(_("last sign of life"))

    objects = ClusterBeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign of life of a cluster")
        verbose_name_plural = _("signs of life of clusters")
        ordering = ["-beat_at"]

    def __str__(self) -> str:
        return f"{self.host} {self.beat_at:%Y-%m-%d %H:%M:%S}"
