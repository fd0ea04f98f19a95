"""The model registry's tables: weights with what is known of them, who made them the default, and what they
make of the sample pictures.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from restoration import messages
from restoration.models.background_job import BackgroundJob
from restoration.querysets import ModelVersionQuerySet


class ModelVersion(models.Model):
    """One registered set of weights. The file stays where it is; its SHA-256 says which bytes were meant.

    `architecture`: {"generator", "options", "parameters": {part: count, "total": count}}. `benchmark`: what
    benchmark_metrics measured, without single scores (`restoration.registry.figures` reads it), and under
    "expected" what single results reached (`mlcore.inference.expected_ranges`). `training_log`: the run's
    epochs, [{"epoch", "phase", "losses", "validation"}]. Each is empty where nothing is known.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)
    version = models.CharField(_("version"), max_length=50)
    weights_path = models.CharField(
        _("weights path"), max_length=500, help_text=_("Relative to the project, or absolute.")
    )
    weights_sha256 = models.CharField(_("weights SHA-256"), max_length=64, unique=True)
    architecture = models.JSONField(_("architecture"), default=dict, blank=True)
    benchmark = models.JSONField(_("benchmark"), default=dict, blank=True)
    training_log = models.JSONField(_("training log"), default=list, blank=True)
    card = models.TextField(_("model card"), blank=True, help_text=_("Markdown."))
    data_licence = models.TextField(_("licence of the training data"), blank=True)
    is_default = models.BooleanField(_("is default"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="model_version_name_version"),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="model_version_one_default"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def weights_file(self) -> Path:
        """Absolute path of the weights."""
        return Path(settings.BASE_DIR) / self.weights_path

    @property
    def parameter_counts(self) -> dict[str, int]:
        """Parameters of each part of the network, and in all as "total"."""
        counts: dict[str, int] = self.architecture.get("parameters", {})
        return counts


class ModelPromotion(models.Model):
    """One time that a model became the default. Rows are added, never changed.

    `comparison`: the figures that were compared, [{"level", "measure", "candidate", "present"}].
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model_version = models.ForeignKey(
        ModelVersion, models.PROTECT, related_name="promotions", verbose_name=_("model version")
    )
    replaced = models.ForeignKey(
        ModelVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("replaced model"),
    )
    promoted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("promoted by"),
    )
    promoted_at = models.DateTimeField(_("promoted at"), auto_now_add=True)
    forced = models.BooleanField(_("forced"), default=False)
    refusal_code = models.CharField(
        _("what was overruled"), max_length=100, blank=True, help_text=_("Why it would have been refused.")
    )
    reason = models.TextField(_("reason"), blank=True)
    comparison = models.JSONField(_("figures compared"), default=list, blank=True)

    class Meta:
        ordering = ["-promoted_at", "-id"]
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        constraints = [
            models.CheckConstraint(
                condition=Q(forced=False) | ~Q(reason=""), name="model_promotion_forced_has_reason"
            )
        ]

    def __str__(self) -> str:
        return str(self.model_version)


class SamplePicture(models.Model):
    """A picture on which models are compared, kept as it was when it was first damaged.

    Kept, because a later version of the generator would damage it otherwise, and models that were shown
    different pictures could not be compared.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=50)
    level = models.CharField(_("level"), max_length=20)
    clean_sha256 = models.CharField(_("SHA-256 before the damage"), max_length=64)
    degraded_sha256 = models.CharField(_("SHA-256 after the damage"), max_length=64)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))

    class Meta:
        ordering = ["name", "level"]
        verbose_name = _("sample picture")
        verbose_name_plural = _("sample pictures")
        constraints = [
            models.UniqueConstraint(fields=["name", "level"], name="sample_picture_name_level"),
        ]

    def __str__(self) -> str:
        return f"{self.name}-{self.level}"


class SampleRun(BackgroundJob):
    """The restoring of all sample pictures by one model, in the background. One row a model."""

    model_version = models.OneToOneField(
        ModelVersion,
        models.CASCADE,
        primary_key=True,
        related_name="sample_run",
        verbose_name=_("model version"),
    )

    class Meta:
        verbose_name = _("sample run")
        verbose_name_plural = _("sample runs")
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(error_code=""), name="sample_run_failed_has_code"
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease_expires_at__isnull=False),
                name="sample_run_running_has_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_version_id}: {self.get_status_display()}"

    @property
    def failure_sentence(self) -> str:
        """The failure in the reader's language; empty unless it failed."""
        return messages.sentence(self.error_code, default=self.error_code)


class SampleResult(models.Model):
    """What one model made of one sample picture. `measures`: against the picture before the damage."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    model_version = models.ForeignKey(
        ModelVersion, models.CASCADE, related_name="sample_results", verbose_name=_("model version")
    )
    sample = models.ForeignKey(
        SamplePicture, models.CASCADE, related_name="results", verbose_name=_("sample picture")
    )
    result_sha256 = models.CharField(_("result SHA-256"), max_length=64, db_index=True)
    measures = models.JSONField(_("measures"), default=dict, blank=True)
    code_version = models.CharField(_("code version"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        ordering = ["sample", "created_at"]
        verbose_name = _("sample result")
        verbose_name_plural = _("sample results")
        constraints = [
            models.UniqueConstraint(fields=["model_version", "sample"], name="sample_result_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model_version}: {self.sample}"
