"""The orders in which a gallery can be worked through; what counts is a photo's newest restoration."""

from __future__ import annotations

from django.db.models import F, OuterRef, Subquery, TextChoices
from django.utils.translation import gettext_lazy as _

from restoration.models import Restoration
from restoration.querysets import GalleryPhotoQuerySet


class PhotoOrder(TextChoices):
    """Values stand in addresses."""

    NEWEST = "newest", _("Newest first")
    DAMAGE = "damage", _("Most damaged first")
    INVENTION = "invention", _("Most invented first")


_MEASURES = {PhotoOrder.DAMAGE: "share_damaged", PhotoOrder.INVENTION: "invention"}


def in_order(photos: GalleryPhotoQuerySet, order: PhotoOrder) -> GalleryPhotoQuerySet:
    """The photos in this order; those of which nothing was measured come last, newest first."""
    measure = _MEASURES.get(order)
    if measure is None:
        return photos
    newest = Restoration.objects.filter(photo=OuterRef("pk")).order_by("-requested_at", "-id")
    measured = photos.annotate(measure=Subquery(newest.values(measure)[:1]))
    return measured.order_by(F("measure").desc(nulls_last=True), "-created_at", "pk")
