"""Reads of webhooks and of what they are to be told, each with its definition."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from archive.access.visitors import Visitor, limits_of
from archive.querysets.imports import LONGEST_QUEUE

if TYPE_CHECKING:
    from archive.models import Webhook, WebhookDelivery  # noqa: F401  (named in the strings below)

MOST_FAILED_MAILS = 5


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Addresses that are told when something happens."""

    def visible_to(self, visitor: Visitor) -> Self:
        """Those of collections that `visitor` owns, whoever made them, and his own for all his collections;
        the latter not for a token that is good for some collections only.
        """
        if not visitor.is_authenticated:
            return self.none()
        owned = apps.get_model("archive", "Collection").objects.owned_by(visitor)
        open_to = Q(collection__in=owned)
        if limits_of(visitor) is None:
            open_to |= Q(collection=None, owner=visitor)
        return self.filter(open_to)

    def sending(self) -> Self:
        """Neither paused nor switched off."""
        return self.filter(paused_at=None, disabled_at=None)

    def free(self, now: datetime) -> Self:
        """Sending ones that no worker holds and that do not rest after a failure."""
        return self.sending().exclude(lease_expires_at__gt=now).exclude(rests_until__gt=now)

    def with_work(self, now: datetime) -> Self:
        """Free ones that have something to send by now."""
        deliveries = apps.get_model("archive", "WebhookDelivery").objects
        return self.free(now).filter(Exists(deliveries.due(now).filter(webhook=OuterRef("pk"))))

    def not_on_the_queue(self, now: datetime) -> Self:
        """No message in the queue speaks of them, or it must have been lost."""
        return self.exclude(enqueued_at__gt=now - LONGEST_QUEUE)

    def to_be_told(self) -> Self:
        """Switched off by themselves, and nobody has been told; given up after MOST_FAILED_MAILS."""
        return self.filter(disabled_at__isnull=False, told_at=None, failed_mails__lt=MOST_FAILED_MAILS)


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """What webhooks are to be told, or were."""

    def visible_to(self, visitor: Visitor) -> Self:
        """Those of webhooks that are visible to `visitor`."""
        webhooks = apps.get_model("archive", "Webhook").objects.visible_to(visitor)
        return self.filter(webhook__in=webhooks)

    def due(self, now: datetime) -> Self:
        """Waiting ones whose next attempt may be made."""
        return self.filter(state=self.model.State.WAITING, next_attempt_at__lte=now)

    def for_lists(self) -> Self:
        """Newest first, each with its attempts."""
        return self.prefetch_related("log").order_by("-created_at", "-id")
