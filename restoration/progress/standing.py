"""Where the restorations of a collection, and of everything below it, stand: in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from archive.access.visitors import Visitor
from archive.finding.counts import count_states
from archive.finding.criteria import criteria_of
from archive.finding.filters import BELOW
from archive.models import Collection
from restoration.models import Pause, Restoration
from restoration.presentation.photo_states import PhotoState
from restoration.progress.estimates import LOOKED_BACK, MOST_LOOKED_AT, time_left

_REVIEWED = (PhotoState.APPROVED, PhotoState.REJECTED)
_DONE = (PhotoState.UNREVIEWED, *_REVIEWED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Numbers of photos by where their newest version stands.

    `by_state`: by PhotoState. `time_left`: until nothing waits or runs; None where nobody can tell. `pause`:
    what keeps this collection waiting, its own pause or one further up.
    """

    by_state: dict[str, int]
    time_left: timedelta | None
    pause: Pause | None

    @property
    def total(self) -> int:
        return sum(self.by_state.values())

    @property
    def waiting(self) -> int:
        return self.by_state.get(PhotoState.QUEUED, 0)

    @property
    def running(self) -> int:
        return self.by_state.get(PhotoState.RUNNING, 0)

    @property
    def failed(self) -> int:
        return self.by_state.get(PhotoState.FAILED, 0)

    @property
    def done(self) -> int:
        """Restored, reviewed or not."""
        return sum(self.by_state.get(state, 0) for state in _DONE)

    @property
    def reviewed(self) -> int:
        return sum(self.by_state.get(state, 0) for state in _REVIEWED)

    @property
    def not_asked_for(self) -> int:
        return self.by_state.get(PhotoState.NONE, 0)

    @property
    def is_moving(self) -> bool:
        """Whether something waits or runs, so that a page has a reason to ask again."""
        return self.waiting + self.running > 0


def standing_of(collection: Collection, visitor: Visitor, *, now: datetime | None = None) -> Standing:
    """The standing as `visitor` may see it. Three queries."""
    now = now or timezone.now()
    counts = count_states(criteria_of(visitor, {BELOW.name: "on"}, collection))
    pause = pause_over(collection)
    moving = counts.by_state.get(PhotoState.QUEUED, 0) + counts.by_state.get(PhotoState.RUNNING, 0)
    left = None
    if moving and pause is None:
        ended = Restoration.objects.within(collection).ended_since(now - LOOKED_BACK)
        moments = ended.order_by("-finished_at").values_list("finished_at", flat=True)[:MOST_LOOKED_AT]
        left = time_left([moment for moment in moments if moment], waiting=moving, now=now)
    return Standing(by_state=counts.by_state, time_left=left, pause=pause)


def pause_over(collection: Collection) -> Pause | None:
    """The pause that keeps the collection waiting: its own, else the nearest one further up."""
    over = Pause.objects.filter(collection__below__descendant=collection)
    return over.order_by("collection__below__distance").select_related("collection", "paused_by").first()
