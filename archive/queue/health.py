"""How the queues are, for whoever asks from outside: the web process, another machine, a command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone
from django_q.models import OrmQ

from archive.models import ClusterBeat
from archive.queue.queues import Queue
from archive.services.cluster_beats import ALIVE_FOR


@dataclass(frozen=True, slots=True)
class LineHealth:
    """One queue. `clusters`: how many live that take from it. `waiting`: how many messages could be taken,
    `oldest_waiting`: for how long the first of them could have been; a long time is no fault by itself, since
    all workers may be busy.
    """

    queue: str
    clusters: int
    waiting: int
    oldest_waiting: timedelta | None

    @property
    def is_stuck(self) -> bool:
        """Nobody works on it: no cluster that takes from it runs, or none whose parts all work. True at most
        a minute after the accident. Only the general one is stuck already before anything waits.
        """
        return self.clusters == 0 and (self.queue == Queue.GENERAL or self.waiting > 0)


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """`clusters`: how many live. `last_beat`: the newest sign of life that any of them gave. `lines`: every
    queue; also one of another version, if messages wait there.
    """

    clusters: int
    last_beat: datetime | None
    lines: tuple[LineHealth, ...]


def queue_health(*, now: datetime | None = None) -> QueueHealth:
    """How the queues are. Two short queries."""
    now = now or timezone.now()
    beats = list(ClusterBeat.objects.values_list("beat_at", "queues"))
    living = [queues for beat, queues in beats if beat > now - ALIVE_FOR]
    free = OrmQ.objects.filter(lock__lte=now).order_by().values_list("key")
    waiting = {key: (count, now - oldest) for key, count, oldest in free.annotate(Count("pk"), Min("lock"))}
    lines = []
    for queue in dict.fromkeys([*map(str, Queue), *sorted(waiting)]):
        count, oldest = waiting.get(queue, (0, None))
        clusters = sum(queue in queues for queues in living)
        lines.append(LineHealth(queue, clusters=clusters, waiting=count, oldest_waiting=oldest))
    newest = max((beat for beat, _queues in beats), default=None)
    return QueueHealth(clusters=len(living), last_beat=newest, lines=tuple(lines))
