"""What a person has asked for in one go, so that he is told once when all of it is done."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from archive.models import ImportRun, Upload
from restoration.models.restorations import Restoration

QUIET = timedelta(minutes=2)
"""Files of an upload come one by one: only when nothing has moved for so long is a batch at its end."""

MOST_FAILED_MAILS = 5


class RequestBatchQuerySet(models.QuerySet["RequestBatch"]):
    """Reads of batches, each with its definition."""

    def open(self) -> Self:
        """Those into which the next request of their person goes."""
        return self.filter(closed_at=None)

    def finished(self, now: datetime) -> Self:
        """Nothing of them waits or runs, nothing came to its end within QUIET, and no import or upload of
        their person is still bringing files.
        """
        mine = Restoration.objects.filter(request_batch=OuterRef("pk"))
        person = OuterRef("person")
        runs = ImportRun.objects.active().filter(started_by=person, begins_work=True)
        # An upload's end moves on with every part that arrives; one that was left alone holds up nobody.
        still = now + timedelta(hours=settings.PULIH_UPLOAD_HOURS) - QUIET
        uploads = Upload.objects.filter(
            uploaded_by=person, expires_at__gt=still, state__in=[Upload.State.ARRIVING, Upload.State.CHECKING]
        )
        return self.filter(opened_at__lt=now - QUIET).exclude(
            Exists(mine.filter(Q(status__in=Restoration.Status.active()) | Q(finished_at__gte=now - QUIET)))
            | Exists(runs)
            | Exists(uploads)
        )

    def to_be_told(self) -> Self:
        """Closed, and their person has not been told; given up after MOST_FAILED_MAILS."""
        return self.filter(closed_at__isnull=False, told_at=None, failed_mails__lt=MOST_FAILED_MAILS)


class RequestBatch(models.Model):
    """The restorations that one person asked for without a pause. A person has one open batch at most.

    `closed_at`: when all had come to their end; what is asked for later goes into another. `told_at`: when
    its mail was sent, or it was clear that none is wanted; None while it is still to be sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="request_batches", verbose_name=_("person")
    )
    opened_at = models.DateTimeField(_("opened at"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)
    # How often its mail could not be sent.
    failed_mails = models.PositiveSmallIntegerField(_("failed mails"), default=0)

    objects: ClassVar[models.Manager[RequestBatch]] = RequestBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of requests")
        verbose_name_plural = _("batches of requests")
        ordering = ["-opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(closed_at=None), name="request_batch_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(told_at=None), name="request_batch_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.opened_at:%Y-%m-%d %H:%M}"
