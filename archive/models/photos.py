"""Photos, the files behind them, and the small copies that pages show."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from archive.finding.likeness import BAND_BITS, BAND_MASK
from archive.models.collections import Collection
from archive.models.described import Described
from archive.models.tags import Tag
from archive.querysets.visible import PhotoQuerySet

is_sha256 = RegexValidator(r"\A[0-9a-f]{64}\Z")


def _hash_band(number: int) -> models.GeneratedField:
    return models.GeneratedField(
        expression=models.F("perceptual_hash").bitrightshift(number * BAND_BITS).bitand(BAND_MASK),
        output_field=models.IntegerField(null=True),
        db_persist=True,
        db_index=True,
    )


class Original(models.Model):
    """A file as it came in, kept once however many photos show it, named by its SHA-256 and never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True, validators=[is_sha256])
    byte_size = models.PositiveBigIntegerField(_("size in bytes"), validators=[MinValueValidator(1)])
    media_type = models.CharField(_("media type"), max_length=64)
    # As people see it: after the EXIF orientation has been applied. Pixels.
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    page_count = models.PositiveIntegerField(_("pages"), default=1)
    # What the file says about itself, as `archive.formats.embedded.read_embedded` found it when it came in.
    embedded = models.JSONField(_("embedded metadata"), default=dict, blank=True)
    # What a page shows in the picture's place until it is there: its mean colour, "#a08560". Empty: unknown.
    colour = models.CharField(_("mean colour"), max_length=7, blank=True)
    # 64 bits of the picture's look, signed, because databases have no unsigned number of that size.
    perceptual_hash = models.BigIntegerField(_("perceptual hash"), null=True, blank=True)
    # Its four bands of 16 bits, by which near ones are found through an index: `archive.finding.likeness`.
    hash_band_0 = _hash_band(0)
    hash_band_1 = _hash_band(1)
    hash_band_2 = _hash_band(2)
    hash_band_3 = _hash_band(3)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("original")
        verbose_name_plural = _("originals")
        constraints = [
            models.CheckConstraint(condition=models.Q(byte_size__gte=1), name="original_not_empty"),
            models.CheckConstraint(
                condition=models.Q(width__gte=1, height__gte=1), name="original_has_pixels"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class Photo(Described):
    """An original's place in a collection, with what people say about it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="photos")
    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="photos")
    filename = models.CharField(_("file name"), max_length=255)
    # Where it lay inside what was imported: "1965/negatives"; empty at the top.
    folder = models.CharField(_("folder"), max_length=1000, blank=True)
    title = models.CharField(_("title"), max_length=500, blank=True)
    contributor = models.CharField(_("contributor"), max_length=300, blank=True)
    publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    place = models.CharField(_("place"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=500, blank=True)
    relation = models.CharField(_("relation"), max_length=500, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="photos", verbose_name=_("tags"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploaded_photos"
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    deleted_at = models.DateTimeField(_("put in the bin"), null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "original"], name="photo_once_per_collection"),
        ]

    def __str__(self) -> str:
        return self.title or self.filename


class Rendition(models.Model):
    """A smaller copy of an original for pages: re-encoded as WebP in sRGB, without any of its metadata."""

    class Kind(models.TextChoices):
        THUMBNAIL = "thumbnail", _("thumbnail")
        WEB = "web", _("web")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    original = models.ForeignKey(Original, on_delete=models.CASCADE, related_name="renditions")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    byte_size = models.PositiveBigIntegerField(_("size in bytes"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints = [
            models.UniqueConstraint(fields=["original", "kind"], name="rendition_once_per_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.original} · {self.get_kind_display()}"
