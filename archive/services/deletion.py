"""Deleting, which puts a thing into the bin; taking it back; and what goes for good, with its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from archive.errors import StateError
from archive.events.kinds import EventKind
from archive.files import renditions, storage
from archive.files.storage import Area
from archive.messages import state_error
from archive.models import Collection, Lineage, Original, Photo
from archive.querysets.visible import PhotoQuerySet
from archive.services.events import NewEvent, record_event, record_events
from archive.services.holds import refuse_if_held
from archive.zooming.pyramids import remove_tiles

_AT_ONCE = 1000  # rows that one statement names


@dataclass(frozen=True, slots=True)
class BinReport:
    """How many photos and collections went for good, and how many a legal hold kept."""

    photos: int
    collections: int
    held: int

    def __str__(self) -> str:
        return f"{self.photos} photos and {self.collections} collections purged, {self.held} held"


@transaction.atomic
def delete_photo(*, photo: Photo, actor: User) -> None:
    """Put `photo` into the bin: nobody sees it, and nothing of it is lost, for PULIH_BIN_DAYS.

    One that is there already stays as it is. Raises StateError archive:hold:held.
    """
    refuse_if_held(photo.collection_id)
    binned = Photo.objects.filter(pk=photo.pk, deleted_at__isnull=True)
    if binned.update(deleted_at=timezone.now(), deleted_by=actor):
        _record(EventKind.PHOTO_DELETED, photo, actor)
    photo.refresh_from_db(fields=["deleted_at", "deleted_by"])


@transaction.atomic
def delete_photos(*, photos: PhotoQuerySet, actor: User) -> int:
    """Put these photos into the bin and return how many were not there yet.

    All or none: raises StateError archive:hold:held where a legal hold keeps one of them.
    """
    rows = list(photos.filter(deleted_at__isnull=True).select_related("collection", "original"))
    for collection in {row.collection_id for row in rows}:
        refuse_if_held(collection)
    _set_in_bin(rows, EventKind.PHOTO_DELETED, actor, deleted_at=timezone.now(), deleted_by=actor)
    return len(rows)


@transaction.atomic
def delete_each_photo(*, photos: Sequence[UUID], actor: User) -> dict[UUID, StateError | None]:
    """Put these photos into the bin, each by itself: None for those that went, the error of those that a
    legal hold keeps (archive:hold:held). One that is there already is in neither.
    """
    rows = _rows(photos, in_bin=False)
    refused: dict[UUID, StateError] = {}
    for collection in {row.collection_id for row in rows}:
        try:
            refuse_if_held(collection)
        except StateError as error:
            refused[collection] = error
    going = [row for row in rows if row.collection_id not in refused]
    _set_in_bin(going, EventKind.PHOTO_DELETED, actor, deleted_at=timezone.now(), deleted_by=actor)
    return {row.pk: refused.get(row.collection_id) for row in rows}


@transaction.atomic
def take_back_each_photo(*, photos: Sequence[UUID], actor: User) -> set[UUID]:
    """Take these photos out of the bin, as they were; those that were there."""
    rows = _rows(photos, in_bin=True)
    back = {"deleted_at": None, "deleted_by": None, "updated_at": timezone.now()}
    _set_in_bin(rows, EventKind.PHOTO_TAKEN_BACK, actor, **back)
    return {row.pk for row in rows}


@transaction.atomic
def take_back_photo(*, photo: Photo, actor: User) -> None:
    """Take `photo` out of the bin, as it was. Raises StateError archive:bin:not-there."""
    binned = Photo.objects.filter(pk=photo.pk, deleted_at__isnull=False)
    # Harvesters, who were not told that it was gone, look for what has changed.
    if not binned.update(deleted_at=None, deleted_by=None, updated_at=timezone.now()):
        raise state_error("archive:bin:not-there")
    _record(EventKind.PHOTO_TAKEN_BACK, photo, actor)
    photo.refresh_from_db(fields=["deleted_at", "deleted_by"])


@transaction.atomic
def delete_collection(*, collection: Collection, actor: User) -> None:
    """Put `collection`, with everything in it and below it, into the bin.

    Raises StateError archive:hold:held, also when only a part of it is under legal hold.
    """
    refuse_if_held(collection.pk, with_parts=True)
    binned = Collection.objects.filter(pk=collection.pk, deleted_at__isnull=True)
    if binned.update(deleted_at=timezone.now(), deleted_by=actor):
        _record_of_collection(EventKind.COLLECTION_DELETED, collection, actor)
    collection.refresh_from_db(fields=["deleted_at", "deleted_by"])


@transaction.atomic
def take_back_collection(*, collection: Collection, actor: User) -> None:
    """Take `collection` out of the bin, with everything that went there with it.

    Raises StateError archive:bin:not-there, or archive:bin:inside when what holds it is in the bin itself.
    """
    above = Lineage.objects.filter(descendant=collection, distance__gt=0)
    if above.filter(ancestor__deleted_at__isnull=False).exists():
        raise state_error("archive:bin:inside")
    binned = Collection.objects.filter(pk=collection.pk, deleted_at__isnull=False)
    if not binned.update(deleted_at=None, deleted_by=None):
        raise state_error("archive:bin:not-there")
    _record_of_collection(EventKind.COLLECTION_TAKEN_BACK, collection, actor)
    collection.refresh_from_db(fields=["deleted_at", "deleted_by"])


@transaction.atomic
def purge_photo(*, photo: Photo, actor: User | None = None) -> None:
    """Remove `photo` for good, its restorations too; only its events stay.

    Its files go after the commit, unless another photo still shows them. Raises StateError archive:hold:held.
    """
    refuse_if_held(photo.collection_id)
    _record(EventKind.PHOTO_PURGED, photo, actor)
    photo.delete()


def purge_collection(*, collection: Collection, actor: User | None = None) -> int:
    """Remove `collection` for good, with everything in it and below it; how many photos went.

    One transaction a photo, and one for each collection at the end: what is interrupted is gone on with by
    the next call. Raises StateError archive:hold:held.
    """
    refuse_if_held(collection.pk, with_parts=True)
    photos = Photo.objects.filter(collection__in=Collection.objects.within(collection))
    purged = 0
    for photo in photos.select_related("original", "collection").order_by().iterator(chunk_size=200):
        purge_photo(photo=photo, actor=actor)
        purged += 1
    for line in (
        Lineage.objects.filter(ancestor=collection).select_related("descendant").order_by("-distance")
    ):
        with transaction.atomic():
            _record_of_collection(EventKind.COLLECTION_PURGED, line.descendant, actor)
            line.descendant.delete()
    return purged


def empty_bin(*, now: datetime | None = None) -> BinReport:
    """Purge what has lain in the bin for more than PULIH_BIN_DAYS; runs every night and by `empty_bin`."""
    limit = (now or timezone.now()) - timedelta(days=settings.PULIH_BIN_DAYS)
    photos = collections = held = 0
    for collection in Collection.objects.filter(deleted_at__lt=limit).order_by("deleted_at", "pk"):
        # It may have gone with the one above it, or have been taken back meanwhile.
        if not Collection.objects.filter(pk=collection.pk, deleted_at__lt=limit).exists():
            continue
        try:
            photos += purge_collection(collection=collection)
            collections += 1
        except StateError:
            held += 1
    expired = Photo.objects.filter(deleted_at__lt=limit).select_related("original", "collection")
    for photo in expired.order_by().iterator(chunk_size=200):
        try:
            photos += _purge_if_still_there(photo, limit)
        except StateError:
            held += 1
    return BinReport(photos, collections, held)


@transaction.atomic
def discard_unused_original(*, original_id: Any) -> None:
    """Remove an original, its renditions and all their files when no photo shows it any more."""
    original = Original.objects.select_for_update().filter(pk=original_id).first()
    # Asked after the lock is held: an upload of the same file may have come in between.
    if original is None or original.photos.exists():
        return
    original.delete()
    # Still inside the transaction, whose lock keeps the next upload of the same file waiting. Should the
    # commit fail, a row without photos is left over, and the next upload puts the file back.
    renditions.remove_renditions(original.sha256)
    remove_tiles(original.sha256)
    storage.remove(area=Area.ORIGINALS, sha256=original.sha256)


@transaction.atomic
def _purge_if_still_there(photo: Photo, limit: datetime) -> int:
    if not Photo.objects.select_for_update().filter(pk=photo.pk, deleted_at__lt=limit).exists():
        return 0
    purge_photo(photo=photo)
    return 1


def _rows(photos: Sequence[UUID], *, in_bin: bool) -> list[Photo]:
    """The rows of those that are in the bin, or are not; nobody else moves them until the end."""
    rows: list[Photo] = []
    for start in range(0, len(photos), _AT_ONCE):
        some = Photo.objects.filter(pk__in=photos[start : start + _AT_ONCE], deleted_at__isnull=not in_bin)
        locked = some.select_for_update(of=("self",), no_key=True)
        rows += locked.select_related("collection", "original").order_by("pk")
    return rows


def _set_in_bin(rows: Sequence[Photo], kind: EventKind, actor: User, **values: Any) -> None:
    """Give all of the rows these values, and record what that was."""
    for start in range(0, len(rows), _AT_ONCE):
        some = [row.pk for row in rows[start : start + _AT_ONCE]]
        Photo.objects.filter(pk__in=some).update(**values)
    record_events(
        events=[
            NewEvent(kind=kind, collection=row.collection, photo=row, actor=actor, details=_details_of(row))
            for row in rows
        ]
    )


def _record(kind: EventKind, photo: Photo, actor: User | None) -> None:
    record_event(
        collection=photo.collection,
        photo=photo,
        kind=kind,
        actor=actor,
        details=_details_of(photo),
    )


def _details_of(photo: Photo) -> dict[str, Any]:
    return {"photo": str(photo.pk), "filename": photo.filename, "sha256": photo.original.sha256}


def _record_of_collection(kind: EventKind, collection: Collection, actor: User | None) -> None:
    record_event(collection=collection, kind=kind, actor=actor, details={"title": collection.title})
