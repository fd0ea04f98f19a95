"""How files come in: uploads that may pause and go on, and imports of many files at once."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.files.storage import incoming_folder
from archive.models.collections import Collection
from archive.models.photos import Photo
from archive.querysets.imports import ImportRunQuerySet, UploadQuerySet


class ImportRun(models.Model):
    """Many files taken in at once, from a ZIP, a folder of the server or a bag; each has its ImportItem."""

    class Source(models.TextChoices):
        ZIP = "zip", _("ZIP file")
        FOLDER = "folder", _("folder")
        BAG = "bag", _("bag (BagIt)")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # A bag brings its collections along; if it came to the top, this is its uppermost once that is there.
    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, null=True, blank=True, related_name="import_runs"
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="import_runs"
    )
    source = models.CharField(_("source"), max_length=8, choices=Source)
    # What its sender called the ZIP, or the folder's path on the server.
    name = models.CharField(_("name"), max_length=1000)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    # Whether other apps begin their work with what comes in (see `archive.arrivals`).
    begins_work = models.BooleanField(default=True)
    total = models.PositiveIntegerField(_("files"), default=0)
    # How much has been unpacked so far: a ZIP's own word for its size is not believed.
    bytes_read = models.PositiveBigIntegerField(default=0)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    # Whoever works on the run holds it until then; afterwards it is anybody's.
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    # When its id was last handed to the queue.
    enqueued_at = models.DateTimeField(default=timezone.now)
    # The file that is being taken in, and how many workers have died over it.
    current_path = models.CharField(max_length=2000, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["collection", "-created_at"], name="import_run_newest")]

    def __str__(self) -> str:
        return f"{self.name} · {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_active(self) -> bool:
        """Whether files may still come in."""
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def unpacked_path(self) -> Path:
        """Where a bag's files lie while it is taken in."""
        return incoming_folder() / f"import-{self.pk}"


class ImportItem(models.Model):
    """What became of one file of an import."""

    class Outcome(models.TextChoices):
        TAKEN = "taken", _("taken in")
        PRESENT = "present", _("there already")
        REFUSED = "refused", _("refused")
        PASSED_OVER = "passed-over", _("passed over")

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="items")
    path = models.CharField(_("path"), max_length=2000)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    code = models.CharField(_("code"), max_length=64, blank=True)
    message = models.TextField(_("reason"), blank=True)
    photo = models.ForeignKey(Photo, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("file of an import")
        verbose_name_plural = _("files of imports")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "path"], name="import_item_once_per_run")]
        indexes = [models.Index(fields=["run", "outcome"], name="import_item_outcome")]

    def __str__(self) -> str:
        return f"{self.path} · {self.get_outcome_display()}"


class Upload(models.Model):
    """A file on its way in by tus 1.0: it may be cut off at any place and go on from `offset`.

    Its bytes lie at `part_path`; those before `offset` are on disk for certain.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", _("photo")
        ZIP = "zip", _("ZIP file")
        BAG = "bag", _("bag (BagIt)")

    class State(models.TextChoices):
        ARRIVING = "arriving", _("arriving")
        CHECKING = "checking", _("being checked")
        DONE = "done", _("stored")
        REFUSED = "refused", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None for a bag that comes to the top.
    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, null=True, blank=True, related_name="uploads"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ARRIVING)
    filename = models.CharField(_("file name"), max_length=255)
    folder = models.CharField(_("folder"), max_length=1000, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)  # as its sender computed it, if at all
    length = models.PositiveBigIntegerField(_("size in bytes"))
    offset = models.PositiveBigIntegerField(_("bytes that have arrived"), default=0)
    # The words that its sender gave, to be handed back as they were.
    metadata = models.TextField(blank=True)
    photo = models.ForeignKey(Photo, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # The bytes of a ZIP or bag are kept until its import has ended.
    import_run = models.OneToOneField(
        ImportRun, on_delete=models.CASCADE, null=True, blank=True, related_name="upload"
    )
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    # Whoever checks the whole file holds it until then.
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    expires_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(_("kept until"))

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["expires_at"], name="upload_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(offset__lte=models.F("length")), name="upload_not_past_end"
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_whole(self) -> bool:
        """Whether every byte has arrived."""
        return self.offset == self.length

    @property
    def part_path(self) -> Path:
        """Where its bytes lie."""
        return uploads_folder() / str(self.pk)


def uploads_folder() -> Path:
    """The folder of the unfinished uploads: on the storage's disk, so that every web process finds them."""
    folder = incoming_folder() / "uploads"
    folder.mkdir(exist_ok=True)
    return folder
