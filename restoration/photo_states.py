"""The one word that the gallery says about a photo: where its newest restoration, and its review, stand."""

from __future__ import annotations

from django.db.models import Case, Count, F, OuterRef, Subquery, TextChoices, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from restoration.models import Restoration
from restoration.querysets import GalleryPhotoQuerySet


class PhotoState(TextChoices):
    """Values are those of Restoration.status; a finished one counts as its review state."""

    UNREVIEWED = "unreviewed", _("To review")
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


def in_state(photos: GalleryPhotoQuerySet, state: PhotoState) -> GalleryPhotoQuerySet:
    """Those of the photos that are in this state."""
    return photos.annotate(state=_state_in_database()).filter(state=state)


def count_states(photos: GalleryPhotoQuerySet) -> dict[PhotoState, int]:
    """How many of the photos are in each state, in one query; every state is present."""
    grouped = photos.order_by().annotate(state=_state_in_database()).values("state")
    found = dict(grouped.annotate(number=Count("pk")).values_list("state", "number"))
    return {state: found.get(state.value, 0) for state in PhotoState}


def _state_in_database() -> Coalesce:
    """What `state_of` says, in the database's words, so that it can be filtered and counted."""
    newest = Restoration.objects.filter(photo=OuterRef("pk")).order_by("-requested_at", "-id")
    state = Case(When(status=Restoration.Status.DONE, then=F("review_state")), default=F("status"))
    return Coalesce(Subquery(newest.annotate(state=state).values("state")[:1]), Value(PhotoState.NONE.value))
