"""Restorations of photos, and photos with the newest of theirs."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from archive.models import Photo
from restoration import messages
from restoration.models.background_job import BackgroundJob
from restoration.models.registry import ModelVersion
from restoration.querysets import GalleryPhotoQuerySet, RestorationQuerySet


class Restoration(BackgroundJob):
    """One attempt to restore one photo, and everything that is needed to tell how its result came about.

    A version of the photo among others: none replaces another, and each is reviewed by itself. What was asked
    for: `wanted_model`, `strength` (0 to 100 per cent), `quick`, `thorough`, the curator's hand, and with
    `based_on` a finished restoration whose repair is blended again without a network.

    What came of it, beside the result: the repair (what the network changes, in the original's own samples,
    before `strength`), `layers` ({name: SHA-256}, see `restoration.running.stored_files`), `invention` (mean
    spread of several passes inside the repair, in grey levels of 255; None where it was not measured),
    `share_damaged` (0 to 1), `warnings` ([{"code", ...}]) and `change_report`.
    """

    class ReviewState(models.TextChoices):
        UNREVIEWED = "unreviewed", _("Not reviewed")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="restorations", verbose_name=_("photo"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    # What else was asked for in one go: its person is told once when all of it is done.
    request_batch = models.ForeignKey(
        "restoration.RequestBatch",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="restorations",
    )
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, help_text=_("Per cent."))
    lease_token = models.UUIDField(_("lease token"), null=True, blank=True)
    error_message = models.TextField(_("error message"), blank=True)

    wanted_model = models.ForeignKey(
        ModelVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("model asked for"),
        help_text=_("Empty for the default at the time of the work."),
    )
    strength = models.PositiveSmallIntegerField(_("strength"), default=100, help_text=_("Per cent."))
    quick = models.BooleanField(_("quick"), default=False)
    # With a default of the database's own: workers and the web may still run the code of before while it is
    # migrated.
    thorough = models.BooleanField(_("thorough"), default=False, db_default=False)
    hand_sha256 = models.CharField(_("SHA-256 of the hand's mask"), max_length=64, blank=True, db_index=True)
    based_on = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="blends",
        verbose_name=_("blended again from"),
    )

    model_version = models.ForeignKey(
        ModelVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="restorations",
        verbose_name=_("model version"),
    )
    code_version = models.CharField(_("code version"), max_length=100, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    seed = models.PositiveBigIntegerField(_("seed"), default=0)
    original_sha256 = models.CharField(_("original SHA-256"), max_length=64)
    result_sha256 = models.CharField(_("result SHA-256"), max_length=64, blank=True, db_index=True)
    result_media_type = models.CharField(_("result media type"), max_length=50, blank=True)
    result_byte_size = models.PositiveBigIntegerField(_("result size in bytes"), null=True, blank=True)
    result_width = models.PositiveIntegerField(_("result width"), null=True, blank=True)
    result_height = models.PositiveIntegerField(_("result height"), null=True, blank=True)
    repair_sha256 = models.CharField(_("repair SHA-256"), max_length=64, blank=True, db_index=True)
    repair_byte_size = models.PositiveBigIntegerField(_("repair size in bytes"), null=True, blank=True)
    layers = models.JSONField(_("layers"), default=dict, blank=True)
    invention = models.FloatField(_("invention"), null=True, blank=True, db_index=True)
    share_damaged = models.FloatField(_("share that is damaged"), null=True, blank=True)
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    change_report = models.JSONField(_("change report"), default=dict, blank=True)
    peak_memory_bytes = models.PositiveBigIntegerField(_("peak memory in bytes"), null=True, blank=True)

    review_state = models.CharField(
        _("review"), max_length=10, choices=ReviewState, default=ReviewState.UNREVIEWED
    )
    # Where two have to approve: the one who has, while it is not reviewed and after a second one has, too.
    first_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("first approved by"),
    )
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)

    objects = RestorationQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name = _("restoration")
        verbose_name_plural = _("restorations")
        indexes = [
            models.Index(fields=["photo", "-requested_at"], name="restoration_photo_newest"),
            models.Index(fields=["status", "lease_expires_at"], name="restoration_status_lease"),
            models.Index(fields=["finished_at"], name="restoration_finished"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="done") | ~Q(result_sha256=""), name="restoration_done_has_result"
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(error_code=""), name="restoration_failed_has_code"
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease_token__isnull=False, lease_expires_at__isnull=False),
                name="restoration_running_has_lease",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="restoration_progress_percent"),
            models.CheckConstraint(condition=Q(strength__lte=100), name="restoration_strength_percent"),
            models.UniqueConstraint(
                fields=["photo"], condition=Q(status__in=["queued", "running"]), name="restoration_one_active"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.photo_id}: {self.get_status_display()}"

    @property
    def is_reviewable(self) -> bool:
        """True once there is a result to decide about."""
        return self.status == self.Status.DONE

    @property
    def failure_sentence(self) -> str:
        """The failure in the reader's language; empty unless the restoration failed."""
        return messages.sentence(self.error_code, default=self.error_message) if self.error_code else ""


class GalleryPhoto(Photo):
    """A photo together with its newest restoration; the archive itself knows nothing of restorations."""

    objects: ClassVar[models.Manager[GalleryPhoto]] = GalleryPhotoQuerySet.as_manager()

    class Meta:
        proxy = True
        verbose_name = _("photo")
        verbose_name_plural = _("photos")

    @property
    def latest_restoration(self) -> Restoration | None:
        """The newest restoration; without a query when the photo came from `with_latest_restoration()`."""
        if not hasattr(self, "prefetched_latest"):
            return self.restorations.latest_of_each_photo().first()
        return self.prefetched_latest[0] if self.prefetched_latest else None
