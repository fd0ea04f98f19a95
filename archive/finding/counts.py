"""Counts that stay cheap: exact where an index has them, and not beyond what anybody reads otherwise."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from archive.finding.criteria import Criteria
from archive.finding.filters import BELOW

STATE = "state"
"""The filter whose values are counted."""

COUNTED = 10_000
"""Where something narrows, counting ends here."""


@dataclass(frozen=True, slots=True)
class FoundCount:
    """`number` were found, or more than that where `is_exact` is false."""

    number: int
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class StateCounts:
    """What was found as if no state had been asked for: in all, and by state where all were counted."""

    total: FoundCount
    by_state: dict[str, int]


def count_found(criteria: Criteria, states: Counter[str] | None = None) -> FoundCount:
    """How many fit. One query, or none: `states` is what a page has counted of the same (EntryPage)."""
    if states is not None:
        return _found(states.total())
    entries = criteria.found().order_by()
    if not criteria.is_narrowed:
        return FoundCount(entries.count())
    return _found(entries.narrowed().values("pk")[: COUNTED + 1].count())


def count_states(criteria: Criteria, states: Counter[str] | None = None) -> StateCounts:
    """How many fit but for the state, and how they are spread over the states. One query, or none: as
    `count_found`, unless a state was asked for.
    """
    entries = criteria.found(without=STATE).order_by()
    if criteria.values.keys() - {BELOW.name, STATE}:
        if states is None or STATE in criteria.values:
            # Counted here, since a database that is to group what it cuts off reads it all the same.
            states = Counter(entries.narrowed().values_list("state", flat=True)[: COUNTED + 1])
        total = _found(states.total())
        return StateCounts(total, dict(states) if total.is_exact else {})
    by_state: Counter[str] = Counter()
    # By collection too, as the index has them: then nothing has to be sorted.
    grouped = entries.values("collection", "state").annotate(number=Count("pk"))
    for state, number in grouped.values_list("state", "number"):
        by_state[state] += number
    return StateCounts(FoundCount(by_state.total()), dict(by_state))


def _found(number: int) -> FoundCount:
    """What counting up to one more than COUNTED has come to."""
    return FoundCount(min(number, COUNTED), is_exact=number <= COUNTED)
