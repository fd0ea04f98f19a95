"""What became of a collection's restorations in review, by model, and why they were rejected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Subquery

from archive.access.visitors import Visitor
from archive.models import Collection, Photo
from restoration.models import Restoration, Review
from restoration.presentation.change_reports import per_cent
from restoration.reviewing.reasons import Reason

NO_REASON = ""


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """One model's restorations. `reasons`: how many rejected ones stand with each Reason, or NO_REASON."""

    model: str
    waiting: int
    approved: int
    rejected: int
    reasons: dict[str, int]

    @property
    def share_rejected(self) -> float | None:
        """Of what was decided, from 0 to 1; None while nothing was."""
        decided = self.approved + self.rejected
        return self.rejected / decided if decided else None

    @property
    def share_in_words(self) -> str:
        """`share_rejected` in per cent; empty while nothing was decided."""
        return "" if self.share_rejected is None else per_cent(self.share_rejected)

    @property
    def in_order(self) -> list[int]:
        """The counts of all reasons in their order, and last of those rejected without one."""
        return [self.reasons.get(reason, 0) for reason in (*Reason.values, NO_REASON)]


def review_figures(visitor: Visitor, collection: Collection) -> list[ModelFigures]:
    """By model, the one with the most restorations first: of all that is in the collection and below it.

    Decisions that were undone or overruled do not count. Two queries.
    """
    photos = Photo.objects.reviewable_by(visitor).within(collection)
    done = Restoration.objects.filter(
        photo__in=photos.order_by().values("pk"), status=Restoration.Status.DONE
    )
    states: dict[str, Counter[str]] = {}
    by_state = done.order_by().values_list("model_version__name", "model_version__version", "review_state")
    for name, version, state, number in by_state.annotate(number=Count("pk")):
        states.setdefault(_called(name, version), Counter())[state] += number
    newest = Review.objects.filter(restoration=OuterRef("pk")).order_by("-created_at", "-id")
    rejected = done.filter(review_state=Restoration.ReviewState.REJECTED)
    by_reason = (
        rejected.order_by()
        .annotate(why=Subquery(newest.values("reason")[:1]))
        .values_list("model_version__name", "model_version__version", "why")
    )
    reasons: dict[str, Counter[str]] = {}
    for name, version, why, number in by_reason.annotate(number=Count("pk")):
        reasons.setdefault(_called(name, version), Counter())[why or NO_REASON] += number
    figures = [
        ModelFigures(
            model=model,
            waiting=counts[Restoration.ReviewState.UNREVIEWED],
            approved=counts[Restoration.ReviewState.APPROVED],
            rejected=counts[Restoration.ReviewState.REJECTED],
            reasons=dict(reasons.get(model, {})),
        )
        for model, counts in states.items()
    ]
    return sorted(figures, key=lambda each: (-(each.waiting + each.approved + each.rejected), each.model))


def _called(name: str | None, version: str | None) -> str:
    return f"{name} {version}" if name else "?"
