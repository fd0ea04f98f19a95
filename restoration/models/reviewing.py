"""What reviewing leaves behind: decisions, who looks at what at this moment, and the rule of four eyes."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from archive.models import Collection, Photo
from restoration.models.restorations import Restoration
from restoration.reviewing.reasons import Reason
from restoration.reviewing.rules import Rule


class Review(models.Model):
    """One person's decision about one restoration. Decisions are added, never changed; the newest counts.

    To undo one is a decision, too: `decision` is UNDONE then, and the restoration is not reviewed again.
    """

    class Decision(models.TextChoices):
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    UNDONE = "undone"
    Reason = Reason

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    restoration = models.ForeignKey(
        Restoration, models.CASCADE, related_name="reviews", verbose_name=_("restoration")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reviews", verbose_name=_("reviewer")
    )
    decision = models.CharField(
        _("decision"), max_length=10, choices=[*Decision.choices, (UNDONE, _("Decision undone"))]
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(reason="") | Q(decision="rejected"), name="review_reason_of_rejection"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} ({self.reviewer})"


class Reservation(models.Model):
    """A photo that lies on somebody's desk in the review room, until it ends; nobody else gets it meanwhile.

    A row that has ended says nothing any more and is taken over by whoever comes next.
    """

    photo = models.OneToOneField(
        Photo, models.CASCADE, primary_key=True, related_name="reservation", verbose_name=_("photo")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("reviewer")
    )
    expires_at = models.DateTimeField(_("ends"))

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        indexes = [models.Index(fields=["expires_at"], name="reservation_ends")]

    def __str__(self) -> str:
        return f"{self.photo_id} · {self.reviewer_id}"


class ReviewRule(models.Model):
    """What a collection itself asks of approvals in it and below it; without a row, nothing."""

    Rule = Rule

    collection = models.OneToOneField(
        Collection,
        models.CASCADE,
        primary_key=True,
        related_name="review_rule",
        verbose_name=_("collection"),
    )
    rule = models.CharField(_("rule"), max_length=10, choices=Rule)

    class Meta:
        verbose_name = _("review rule")
        verbose_name_plural = _("review rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(rule__in=[Rule.NOT_OWN, Rule.TWO]), name="review_rule_asks_something"
            )
        ]

    def __str__(self) -> str:
        return f"{self.collection}: {self.get_rule_display()}"
