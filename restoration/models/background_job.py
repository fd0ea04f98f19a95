"""What rows of background work have in common: a state, counted attempts, a lease that runs out."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BackgroundJob(models.Model):
    """A piece of work that a worker takes by a lease and that is swept when the lease runs out."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

        @classmethod
        def active(cls) -> tuple[BackgroundJob.Status, ...]:
            """States from which the row still moves by itself."""
            return (cls.QUEUED, cls.RUNNING)

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_expires_at = models.DateTimeField(_("lease expires at"), null=True, blank=True)
    error_code = models.CharField(_("error code"), max_length=100, blank=True)
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_active(self) -> bool:
        """True while the row still moves by itself, so a page has a reason to poll."""
        return self.status in self.Status.active()
