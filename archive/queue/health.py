"""How the queue is, for whoever asks from outside: the web process, another machine, a command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone
from django_q.models import OrmQ

from archive.models import ClusterBeat
from archive.services.cluster_beats import ALIVE_FOR


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """`clusters`: how many live. `last_beat`: the newest sign of life that any of them gave. `waiting`: how
    many messages could be taken, `oldest_waiting`: for how long the first of them could have been; a long
    time is no fault by itself, since all workers may be busy.
    """

    clusters: int
    last_beat: datetime | None
    waiting: int
    oldest_waiting: timedelta | None

    @property
    def is_stuck(self) -> bool:
        """Nobody works on the queue: no cluster runs, or none whose parts all work. True at most a minute
        after the accident.
        """
        return self.clusters == 0


def queue_health(*, now: datetime | None = None) -> QueueHealth:
    """How the queue is. Two short queries."""
    now = now or timezone.now()
    beats = list(ClusterBeat.objects.values_list("beat_at", flat=True))
    free = OrmQ.objects.filter(lock__lte=now).aggregate(waiting=Count("pk"), oldest=Min("lock"))
    return QueueHealth(
        clusters=sum(beat > now - ALIVE_FOR for beat in beats),
        last_beat=max(beats, default=None),
        waiting=free["waiting"],
        oldest_waiting=now - free["oldest"] if free["oldest"] else None,
    )
