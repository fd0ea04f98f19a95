"""Reads of restorations, each with its definition. No view filters by owner itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Subquery

from archive.access.visitors import Guest, Visitor
from archive.models import Photo
from archive.querysets.visible import PhotoQuerySet

if TYPE_CHECKING:
    from restoration.models import GalleryPhoto, ModelVersion, Restoration  # noqa: F401  (named in the strings below)


LONG_TEXTS = ("card", "training_log", "benchmark", "architecture")
"""Fields of a model version that lists of restorations can do without."""

RESTORATION_STATES = ("queued", "running", "failed", "unreviewed", "approved", "rejected")
"""Where a restoration stands: its status, and once it is done its review."""

RESTORATION_ORDERS = {
    "-requested_at": (F("requested_at").desc(), "-id"),
    "requested_at": (F("requested_at").asc(), "id"),
    "-invention": (F("invention").desc(nulls_last=True), "-requested_at", "-id"),
    "invention": (F("invention").asc(nulls_last=True), "-requested_at", "-id"),
    "-share_damaged": (F("share_damaged").desc(nulls_last=True), "-requested_at", "-id"),
    "share_damaged": (F("share_damaged").asc(nulls_last=True), "-requested_at", "-id"),
}
"""Orders in which restorations can be worked through."""


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    """Reads of the model registry."""

    def visible_to(self, user: Visitor) -> Self:
        """Every model for whoever is signed in, none for others."""
        return self if user.is_authenticated else self.none()

    def default(self) -> Self:
        """The model that new restorations use: at most one row."""
        return self.filter(is_default=True)

    def for_lists(self) -> Self:
        """Default first, then newest first, without what only a model's own page shows."""
        return self.defer("card", "training_log").order_by("-is_default", "-created_at", "pk")

    def with_promotions(self) -> Self:
        """Each with its promotions, newest first, and who made them."""
        promotions = apps.get_model("restoration", "ModelPromotion").objects
        return self.prefetch_related(
            Prefetch("promotions", queryset=promotions.select_related("promoted_by", "replaced"))
        )


class RestorationQuerySet(models.QuerySet["Restoration"]):
    """Reads of restorations."""

    def visible_to(self, user: Visitor) -> Self:
        """Restorations of photos that the user may see; none for anonymous users.

        A Guest sees approved ones only.
        """
        visible = self.filter(photo__in=Photo.objects.visible_to(user))
        return visible.in_state(self.model.ReviewState.APPROVED) if isinstance(user, Guest) else visible

    def downloadable_by(self, user: Visitor) -> Self:
        """Restorations whose files the user may have in full: members, and guests where it says so."""
        return self.visible_to(user).filter(photo__in=Photo.objects.downloadable_by(user))

    def reviewable_by(self, user: Visitor) -> Self:
        """Restorations of photos in collections where the user is a curator or a reviewer."""
        return self.filter(photo__in=Photo.objects.reviewable_by(user))

    def active(self) -> Self:
        """Waiting for a worker or in a worker's hands."""
        return self.filter(status__in=self.model.Status.active())

    def awaiting_review(self) -> Self:
        """Done, and nobody has decided yet."""
        return self.filter(status=self.model.Status.DONE, review_state=self.model.ReviewState.UNREVIEWED)

    def in_state(self, state: str) -> Self:
        """Those in one of RESTORATION_STATES; "unreviewed" is `awaiting_review`."""
        if state in self.model.ReviewState.values:
            return self.filter(status=self.model.Status.DONE, review_state=state)
        return self.filter(status=state)

    def in_order(self, order: str) -> Self:
        """In one of RESTORATION_ORDERS; what was not measured comes last."""
        return self.order_by(*RESTORATION_ORDERS[order])

    def lease_expired(self, now: datetime) -> Self:
        """Running on paper, but the worker has not renewed its lease: it died or lost the database."""
        return self.filter(status=self.model.Status.RUNNING, lease_expires_at__lt=now)

    def for_gallery(self) -> Self:
        """With everything that a card or a photo page shows, in one query."""
        return self.select_related("photo__original", "photo__collection", "model_version", "requested_by")

    def latest_of_each_photo(self) -> Self:
        """Of these restorations, the newest one of every photo."""
        newest = self.filter(photo=OuterRef("photo")).order_by("-requested_at", "-id").values("id")
        return self.filter(id=Subquery(newest[:1]))


class GalleryPhotoQuerySet(PhotoQuerySet):
    """Photos as the gallery and the API show them: each with its newest restoration."""

    def with_latest_restoration(self, visitor: Visitor) -> Self:
        """Fill `latest_restoration` of every photo with two queries in all, however many photos there are.

        A Guest gets the newest approved one. Long texts that no list shows are fetched when they are asked
        for.
        """
        restorations = apps.get_model("restoration", "Restoration").objects.all()
        if isinstance(visitor, Guest):
            restorations = restorations.in_state(restorations.model.ReviewState.APPROVED)
        latest = restorations.latest_of_each_photo().select_related("model_version", "requested_by")
        return (
            self.select_related("original", "collection", "uploaded_by")
            .defer("original__embedded")
            .prefetch_related(
                Prefetch(
                    "restorations",
                    queryset=latest.defer(*(f"model_version__{text}" for text in LONG_TEXTS)),
                    to_attr="prefetched_latest",
                )
            )
        )


def photos_for_gallery(visitor: Visitor, photos: Sequence[UUID]) -> list[GalleryPhoto]:
    """Those of the photos with these keys that the visitor may see, in this order, each with
    `latest_restoration`. Two queries.
    """
    shown = apps.get_model("restoration", "GalleryPhoto").objects
    found: dict[UUID, Any] = shown.visible_to(visitor).with_latest_restoration(visitor).in_bulk(photos)
    return [found[key] for key in photos if key in found]
