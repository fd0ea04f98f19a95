"""Counts of what was tried, until they end."""

from __future__ import annotations

from django.db import models


class Attempts(models.Model):
    """How often the same was tried within a Limit of archive.access.attempts. `who` and `place` are digests;
    empty where the limit does not ask for them.
    """

    limit = models.CharField(max_length=20)
    who = models.CharField(max_length=64, blank=True)
    place = models.CharField(max_length=64, blank=True)
    count = models.PositiveIntegerField(default=1)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["limit", "who", "place"], name="attempts_counted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.limit}: {self.count}"
