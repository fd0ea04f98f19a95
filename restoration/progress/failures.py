"""Photos whose newest version failed, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from archive.access.visitors import Visitor
from archive.finding.criteria import criteria_of
from archive.finding.filters import BELOW
from archive.finding.pages import EntryPage, page_of
from archive.models import Collection
from restoration.models import GalleryPhoto, Restoration
from restoration.presentation.photo_states import PhotoState
from restoration.querysets import RestorationQuerySet, photos_for_gallery

FAILURES_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Failures:
    """One page of them; `page` says whether there are others."""

    photos: list[GalleryPhoto]
    page: EntryPage


def failures_of(collection: Collection, visitor: Visitor, *, after: str = "", before: str = "") -> Failures:
    """The failures of the collection and below, newest photo first. Raises InputError as `page_of` does."""
    criteria = criteria_of(visitor, {BELOW.name: "on", "state": PhotoState.FAILED.value}, collection)
    page = page_of(criteria, size=FAILURES_PER_PAGE, after=after, before=before)
    return Failures(photos_for_gallery(visitor, page.photos), page)


def failed_restorations(
    collection: Collection, visitor: Visitor, photos: Sequence[UUID] | None = None
) -> RestorationQuerySet:
    """The newest versions that failed, of all photos there that `visitor` may review, or of these."""
    reviewable = Restoration.objects.reviewable_by(visitor).within(collection)
    if photos is not None:
        reviewable = reviewable.filter(photo__in=photos)
    failed = reviewable.filter(photo__entry__state=PhotoState.FAILED)
    return failed.latest_of_each_photo().filter(status=Restoration.Status.FAILED)
