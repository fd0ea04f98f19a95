"""What became of a collection's restorations in review, by model, and why they were rejected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Value
from django.db.models.functions import Concat

from archive.access.visitors import Visitor
from archive.models import Collection
from restoration.models import ModelVersion, Restoration, RestorationEntry
from restoration.presentation.change_reports import per_cent
from restoration.reviewing.reasons import Reason

NO_REASON = ""
UNKNOWN_MODEL = "?"


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
    done = RestorationEntry.objects.done_below(Collection.objects.reviewable_by(visitor).within(collection))
    # By collection too, as the index has them: then nothing has to be sorted.
    counted = done.values("collection", "model_version", "state", "reason").annotate(number=Count("pk"))
    names = dict(
        ModelVersion.objects.annotate(called=Concat("name", Value(" "), "version")).values_list(
            "pk", "called"
        )
    )
    states: dict[str, Counter[str]] = {}
    reasons: dict[str, Counter[str]] = {}
    for version, state, reason, number in counted.values_list("model_version", "state", "reason", "number"):
        model = names.get(version, UNKNOWN_MODEL)
        states.setdefault(model, Counter())[state] += number
        if state == Restoration.ReviewState.REJECTED:
            reasons.setdefault(model, Counter())[reason] += number
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
