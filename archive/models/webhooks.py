"""Addresses that are told when something happens, what they are to be told, and how that went."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.models.collections import Collection
from archive.querysets.webhooks import WebhookDeliveryQuerySet, WebhookQuerySet


class Webhook(models.Model):
    """An address that is told of these `kinds` of things (see `archive.webhooks.kinds`).

    Of `collection` and everything below it, or, without one, of every collection that its owner owns. Nothing
    is sent about a collection that the person is no owner of (any more). No secret is kept: it is computed
    from `secret_number` (see `archive.webhooks.signing`).

    A worker that sends holds it by a lease. After a failure all of it rests until `rests_until`; it has been
    failing since `failing_since`, `failures` times in a row.
    """

    class State(models.TextChoices):
        SENDING = "sending", _("sending")
        PAUSED = "paused", _("paused")
        DISABLED = "disabled", _("switched off")

    class Reason(models.TextChoices):
        FAILING = "failing", _("It has failed for days.")
        GONE = "gone", _("It answered that it is gone for good.")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, null=True, blank=True, related_name="webhooks"
    )
    name = models.CharField(_("name"), max_length=100, blank=True)
    url = models.CharField(_("address"), max_length=2000)
    kinds = models.JSONField(_("tells of"), default=list)
    secret_number = models.PositiveIntegerField(default=1, editable=False)
    # Until then, what is sent is signed with the secret before the present one, too.
    old_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True, editable=False)
    disabled_at = models.DateTimeField(_("switched off"), null=True, blank=True, editable=False)
    disabled_because = models.CharField(max_length=8, choices=Reason, blank=True, editable=False)
    # When the owner was told that it is switched off, and how often that mail could not be sent.
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    failed_mails = models.PositiveSmallIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    rests_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When its id was last handed to the queue; empty once a worker has taken it.
    enqueued_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(paused_at=None, disabled_at=None),
                name="webhook_sending",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_at=None) | ~Q(disabled_because=""), name="webhook_disabled_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.url

    @property
    def state(self) -> State:
        """Whether it sends, rests by somebody's wish, or was switched off because it failed too long."""
        if self.disabled_at is not None:
            return self.State.DISABLED
        return self.State.PAUSED if self.paused_at is not None else self.State.SENDING


class WebhookDelivery(models.Model):
    """Something that a webhook is to be told: written in the transaction in which it happened.

    Its id and `body` are the same at every attempt, so that the receiver can tell one that comes twice.
    `failures` counts attempts in vain since it was last asked for, `attempts` all of them.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    # What it is about; empty for a test of an account's webhook.
    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=64)
    body = models.TextField(_("body"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["webhook", "-created_at", "-id"], name="webhook_delivery_newest"),
            models.Index(
                fields=["webhook", "next_attempt_at"],
                condition=Q(state="waiting"),
                name="webhook_delivery_waiting",
            ),
            models.Index(fields=["finished_at"], name="webhook_delivery_finished"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(next_attempt_at__isnull=False),
                name="webhook_delivery_waits_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def message_id(self) -> str:
        """What the receiver knows it by: the header webhook-id."""
        return f"msg_{self.pk.hex}"


class WebhookAttempt(models.Model):
    """One attempt at a delivery: written before it is made, so that a killed worker's counts, too.

    `status`: the HTTP status, None where none came; `error_code` says why then. Both are empty while it is
    under way, and stay so when its worker died.
    """

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="log")
    number = models.PositiveIntegerField(_("number"))
    started_at = models.DateTimeField(_("begun"), default=timezone.now)
    duration_ms = models.PositiveIntegerField(_("milliseconds"), null=True, blank=True)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    # The first bytes of the answer, as text.
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="webhook_attempt_once_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} ({self.number})"
