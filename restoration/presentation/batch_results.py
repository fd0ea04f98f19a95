"""What became of decisions about many restorations, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from restoration.services import DecisionResult

MOST_UNDONE = 900
"""So many can be taken back by one form: Django reads a thousand fields."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """`decided`: keys of the restorations. `waiting`: how many of these approvals need a second one.
    `refused`: sentences, and how often each was the reason.
    """

    decided: list[UUID]
    waiting: int
    refused: list[tuple[str, int]]

    @property
    def can_be_undone(self) -> bool:
        return 0 < len(self.decided) <= MOST_UNDONE


def batch_result(results: Sequence[DecisionResult]) -> BatchResult:
    """What to say of these results."""
    refusals = Counter(each.error.message for each in results if each.error is not None)
    return BatchResult(
        decided=[each.restoration for each in results if each.error is None],
        waiting=sum(each.waits_for_second for each in results),
        refused=refusals.most_common(),
    )
