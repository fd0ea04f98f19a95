"""The one word that the gallery says about a photo: where its newest restoration, and its review, stand."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from restoration.models import Restoration


class PhotoState(TextChoices):
    """Values are those of Restoration.status; a finished one counts as its review state.

    CANCELLED is a version's alone: a photo is where it would be had nobody asked for that version.
    """

    UNREVIEWED = "unreviewed", _("To review")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    RUNNING = "running", _("Restoring")
    QUEUED = "queued", _("Queued")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    NONE = "none", _("Not restored")


STATES_OF_PHOTOS = tuple(state for state in PhotoState if state != PhotoState.CANCELLED)


def state_of(restoration: Restoration | None) -> PhotoState:
    """The state of a photo whose newest restoration this is (in SQL: `restoration.keeping.catalogue`)."""
    if restoration is None:
        return PhotoState.NONE
    if restoration.status == Restoration.Status.DONE:
        return PhotoState(restoration.review_state)
    return PhotoState(restoration.status)
