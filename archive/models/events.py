"""What happened, written once, and the chain that would give away a later change."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.models.collections import Collection
from archive.models.photos import Photo
from archive.querysets.keeping import EventQuerySet


class Event(models.Model):
    """Something that happened, in PREMIS terms: what, when, by whom, to what, with which outcome.

    Written once by `services.record_event`; the database itself refuses every change. It outlives what it
    speaks of, so the keys of collection and photo may lead nowhere. `origin` is empty for what happened here;
    for what was imported with a bag it is the record of the archive where it happened.
    """

    class Outcome(models.TextChoices):
        SUCCESS = "success", _("success")
        WARNING = "warning", _("warning")
        FAIL = "fail", _("failure")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Neither key has an index of its own: those below begin with them, and SQLite would take the lesser one.
    collection = models.ForeignKey(
        Collection,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="events",
    )
    photo = models.ForeignKey(
        Photo,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        related_name="events",
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    # The person's name at that time; empty where nobody asked for it.
    agent = models.CharField(_("person"), max_length=150, blank=True)
    software = models.CharField(_("software"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=64)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome, default=Outcome.SUCCESS)
    details = models.JSONField(_("details"), default=dict, blank=True)
    origin = models.JSONField(_("origin"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    digest = models.CharField(_("digest"), max_length=64, default="")

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-created_at", "id"]
        indexes = [
            # Both hold all that a log is ordered and narrowed by, so that no event is read for nothing.
            models.Index(fields=["collection", "-created_at", "id", "outcome"], name="event_log"),
            models.Index(
                fields=["collection", "kind", "-created_at", "id", "outcome"], name="event_log_of_kind"
            ),
            models.Index(fields=["photo", "-created_at"], name="event_photo_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.created_at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Events are written once and never changed.")
        super().save(*args, **kwargs)


class ChainLink(models.Model):
    """An event's place in the chain of all events; see `archive.events.chain`.

    PostgreSQL makes it when a transaction commits, so that nobody waits for another's long transaction;
    elsewhere the service makes it.
    """

    sequence = models.BigIntegerField(_("sequence"), primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.DO_NOTHING, related_name="link")
    previous_hash = models.CharField(_("previous hash"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("link of the chain")
        verbose_name_plural = _("links of the chain")
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.hash[:12]}"
