"""The one word that the gallery says about a photo: where its newest restoration, and its review, stand."""

from __future__ import annotations

from django.db.models import Case, Count, F, OuterRef, Subquery, TextChoices, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from restoration.models import Restoration
from restoration.querysets import GalleryPhotoQuerySet


class PhotoState(TextChoices):
    """Values are those of Restoration.status; a finished one counts as its review state."""

    UNREVIEWED = "unreviewed", _("Awaiting review")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    RUNNING = "running", _("Restoring")
    QUEUED = "queued", _("Queued")
    FAILED = "failed", _("Failed")
    NONE = "none", _("Not restored")


def state_of(restoration: Restoration | None) -> PhotoState:
    """The state of a photo whose newest restoration this is."""
    if restoration is None:
        return PhotoState.NONE
    if restoration.status == Restoration.Status.DONE:
        return PhotoState(restoration.review_state)
    return PhotoState(restoration.status)


def with_state(photos: GalleryPhotoQuerySet) -> GalleryPhotoQuerySet:
    """The photos with `state`, in the database's own words, so that it can be filtered and counted."""
    newest = Restoration.objects.filter(photo=OuterRef("pk")).order_by("-requested_at", "-id")
    states = newest.annotate(
        state=Case(When(status=Restoration.Status.DONE, then=F("review_state")), default=F("status"))
    ).values("state")
    return photos.annotate(state=Coalesce(Subquery(states[:1]), Value(PhotoState.NONE.value)))


def count_states(photos: GalleryPhotoQuerySet) -> dict[PhotoState, int]:
    """How many of the photos are in each state, in one query; every state is present."""
    rows = (
        with_state(photos)
        .order_by()
        .values("state")
        .annotate(number=Count("pk"))
        .values_list("state", "number")
    )
    found = dict(rows)
    return {state: found.get(state.value, 0) for state in PhotoState}
