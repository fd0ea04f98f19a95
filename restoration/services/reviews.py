"""People's decisions about restorations."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from archive.services import record_event
from restoration import messages
from restoration.keeping.events import EventKind
from restoration.models import Restoration, Review


def review_restoration(
    *, restoration: Restoration, reviewer: User, decision: str, comment: str = ""
) -> Review:
    """Add a decision (`Review.Decision`) about a finished restoration; the newest one is its review state.

    Raises StateError `restoration:review:not-permitted`, `:not-done` or `:unknown-decision`.
    """
    if decision not in Review.Decision.values:
        raise messages.state_error("restoration:review:unknown-decision")
    if not Restoration.objects.reviewable_by(reviewer).filter(id=restoration.id).exists():
        raise messages.state_error("restoration:review:not-permitted")
    with transaction.atomic():
        done = Restoration.objects.filter(id=restoration.id, status=Restoration.Status.DONE)
        if not done.update(review_state=decision):
            raise messages.state_error("restoration:review:not-done")
        review = Review.objects.create(
            restoration=restoration, reviewer=reviewer, decision=decision, comment=comment.strip()
        )
        record_event(
            collection=restoration.photo.collection,
            photo=restoration.photo,
            actor=reviewer,
            kind=EventKind(f"restoration-{decision}"),
            details={"restoration": str(restoration.id), "review": str(review.id)},
        )
    restoration.review_state = decision
    return review
