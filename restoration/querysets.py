"""Reads of restorations, each with its definition. No view filters by owner itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Subquery

from archive.access.visitors import Guest, Visitor
from archive.models import Lineage, Photo
from archive.querysets.visible import PhotoQuerySet

if TYPE_CHECKING:
    from archive.models import Collection
    from restoration.models import (  # noqa: F401  (named in the strings below)
        GalleryPhoto,
        ModelVersion,
        Restoration,
        RestorationEntry,
    )


LONG_TEXTS = ("card", "training_log", "benchmark", "architecture")
"""Fields of a model version that lists of restorations can do without."""

_OF_CARD = (
    "title",
    "filename",
    "collection__title",
    "original__sha256",
    "original__width",
    "original__height",
    "original__colour",
)
_OF_CARD_RESTORED = (
    "photo",
    "status",
    "review_state",
    "result_sha256",
    "result_media_type",
    "result_width",
    "result_height",
    "progress",
    "share_damaged",
    "invention",
)

RESTORATION_STATES = ("queued", "running", "failed", "unreviewed", "approved", "rejected", "cancelled")
"""Where a restoration stands: its status, and once it is done its review."""

RESTORATION_ORDERS = {
    "-requested_at": ("-requested_at", "-pk"),
    "requested_at": ("requested_at", "pk"),
    "-invention": (F("invention").desc(nulls_last=True), "-requested_at", "-pk"),
    "invention": (F("invention").asc(nulls_last=True), "-requested_at", "-pk"),
    "-share_damaged": (F("share_damaged").desc(nulls_last=True), "-requested_at", "-pk"),
    "share_damaged": (F("share_damaged").asc(nulls_last=True), "-requested_at", "-pk"),
}
"""Orders in which a collection's restorations can be worked through; what was not measured comes last."""


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
        visible = self._of_photos(Photo.objects.visible_to(user))
        return visible.in_state(self.model.ReviewState.APPROVED) if isinstance(user, Guest) else visible

    def downloadable_by(self, user: Visitor) -> Self:
        """Restorations whose files the user may have in full: members, and guests where it says so."""
        return self.visible_to(user)._of_photos(Photo.objects.downloadable_by(user))

    def reviewable_by(self, user: Visitor) -> Self:
        """Restorations of photos in collections where the user is a curator or a reviewer."""
        return self._of_photos(Photo.objects.reviewable_by(user))

    def active(self) -> Self:
        """Waiting for a worker or in a worker's hands."""
        return self.filter(status__in=self.model.Status.active())

    def within(self, collection: Collection) -> Self:
        """Of photos in the collection and in everything below it."""
        return self._of_photos(Photo.objects.within(collection))

    def not_paused(self) -> Self:
        """Of photos in collections that no Pause stands on, nor on anything above them."""
        # Subqueries, not joins: claiming is one UPDATE with conditions on the row itself. Asked of each row,
        # since a worker asks of its own all the time, and paused collections may hold very many photos.
        lines = Lineage.objects.filter(ancestor__restoration_pause__isnull=False)
        paused = Photo.objects.filter(pk=OuterRef("photo"), collection__in=lines.values("descendant"))
        return self.exclude(Exists(paused.order_by()))

    def awaiting_review(self) -> Self:
        """Done, and nobody has decided yet."""
        return self.filter(status=self.model.Status.DONE, review_state=self.model.ReviewState.UNREVIEWED)

    def in_state(self, state: str) -> Self:
        """Those in one of RESTORATION_STATES; "unreviewed" is `awaiting_review`."""
        if state in self.model.ReviewState.values:
            # By what they are not: SQLite would otherwise look through all that are done.
            unfinished = sorted(set(self.model.Status.values) - {self.model.Status.DONE})
            return self.filter(review_state=state).exclude(status__in=unfinished)
        return self.filter(status=state)

    def lease_expired(self, now: datetime) -> Self:
        """Running on paper, but the worker has not renewed its lease: it died or lost the database."""
        return self.filter(status=self.model.Status.RUNNING, lease_expires_at__lt=now)

    def ended_since(self, moment: datetime) -> Self:
        """Brought to an end by a worker, well or not, after that moment."""
        # By what they are not: SQLite would otherwise look through all that are done.
        others = (*self.model.Status.active(), self.model.Status.CANCELLED)
        return self.filter(finished_at__gte=moment).exclude(status__in=others)

    def for_gallery(self) -> Self:
        """With everything that a card or a photo page shows, in one query."""
        return self.select_related("photo__original", "photo__collection", "model_version", "requested_by")

    def for_answers(self) -> Self:
        """With everything that the API tells of it, in one query."""
        told = self.select_related("model_version", "requested_by")
        return told.defer(
            *(f"model_version__{text}" for text in LONG_TEXTS), *_but_the_name_of("requested_by")
        )

    def latest_of_each_photo(self) -> Self:
        """Of these restorations, the newest one of every photo; cancelled ones do not count."""
        kept = self.exclude(status=self.model.Status.CANCELLED)
        newest = kept.filter(photo=OuterRef("photo")).order_by("-requested_at", "-id").values("id")
        return self.filter(id=Subquery(newest[:1]))

    def _of_photos(self, photos: PhotoQuerySet) -> Self:
        # Asked of each, since other conditions find few: a collection may hold very many photos.
        return self.filter(Exists(photos.filter(pk=OuterRef("photo")).order_by()))


class RestorationEntryQuerySet(models.QuerySet["RestorationEntry"]):
    """Reads of the entries that restorations are listed and counted by. None is of a photo in the bin."""

    def of_collection(self, collection: Collection, *, state: str | None = None) -> Self:
        """Those of the collection's own photos; of RESTORATION_STATES those in `state`, where it is given."""
        entries = self.filter(collection=collection)
        return entries.filter(state=state) if state else entries

    def done_below(self, collections: models.QuerySet[Any]) -> Self:
        """Those in these collections for which there is a result, reviewed or not."""
        states = apps.get_model("restoration", "Restoration").ReviewState.values
        return self.filter(collection__in=collections.order_by().values("pk"), state__in=states)

    def in_order(self, order: str) -> Self:
        """In one of RESTORATION_ORDERS."""
        return self.order_by(*RESTORATION_ORDERS[order])


class GalleryPhotoQuerySet(PhotoQuerySet):
    """Photos as the gallery and the API show them: each with its newest restoration."""

    def with_latest_restoration(self, visitor: Visitor) -> Self:
        """Fill `latest_restoration` of every photo with two queries in all, however many photos there are.

        A Guest gets the newest approved one. Long texts that no list shows are fetched when they are asked
        for.
        """
        latest = _latest_for(visitor).select_related("model_version", "requested_by")
        return (
            self.select_related("original", "collection", "uploaded_by")
            .defer("original__embedded")
            ._with_latest(latest.defer(*(f"model_version__{text}" for text in LONG_TEXTS)))
        )

    def for_answers(self, visitor: Visitor) -> Self:
        """As `with_latest_restoration`, but what the API does not tell is fetched when it is asked for."""
        shown = self.select_related("original", "uploaded_by")
        told = shown.defer("original__embedded", *_but_the_name_of("uploaded_by"))
        return told._with_latest(_latest_for(visitor).for_answers())

    def for_cards(self, visitor: Visitor) -> Self:
        """Like `with_latest_restoration`, with what a card of a gallery says and nothing else."""
        shown = self.select_related("original", "collection").only(*_OF_CARD)
        return shown._with_latest(_latest_for(visitor).only(*_OF_CARD_RESTORED))

    def _with_latest(self, latest: RestorationQuerySet) -> Self:
        return self.prefetch_related(Prefetch("restorations", queryset=latest, to_attr="prefetched_latest"))


def _but_the_name_of(path: str) -> list[str]:
    """Paths to all fields of the account at `path` but its key and its user name."""
    fields = apps.get_model("auth", "User")._meta.concrete_fields
    return [f"{path}__{field.name}" for field in fields if field.name not in {"id", "username"}]


def _latest_for(visitor: Visitor) -> RestorationQuerySet:
    restorations: RestorationQuerySet = apps.get_model("restoration", "Restoration").objects.all()
    if isinstance(visitor, Guest):
        restorations = restorations.in_state(restorations.model.ReviewState.APPROVED)
    return restorations.latest_of_each_photo()


def photos_for_gallery(visitor: Visitor, photos: Sequence[UUID]) -> list[GalleryPhoto]:
    """Those of the photos with these keys that the visitor may see, in this order, each with
    `latest_restoration`. Two queries.
    """
    shown = apps.get_model("restoration", "GalleryPhoto").objects
    return _in_order(shown.visible_to(visitor).with_latest_restoration(visitor), photos)


def photos_for_answers(visitor: Visitor, photos: Sequence[UUID]) -> list[GalleryPhoto]:
    """Like `photos_for_gallery`, without what the API does not tell. Two queries."""
    shown = apps.get_model("restoration", "GalleryPhoto").objects
    return _in_order(shown.visible_to(visitor).for_answers(visitor), photos)


def photos_for_cards(visitor: Visitor, photos: Sequence[UUID]) -> list[GalleryPhoto]:
    """Like `photos_for_gallery`, with what a card of a gallery says and nothing else. Two queries."""
    shown = apps.get_model("restoration", "GalleryPhoto").objects
    return _in_order(shown.visible_to(visitor).for_cards(visitor), photos)


def _in_order(shown: GalleryPhotoQuerySet, photos: Sequence[UUID]) -> list[GalleryPhoto]:
    # Without an order of their own: they are few, and stand in that of the keys.
    found: dict[UUID, Any] = shown.order_by().in_bulk(photos)
    return [found[key] for key in photos if key in found]
