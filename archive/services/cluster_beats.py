"""What a cluster of the queue writes about itself, and what it takes over from one that died."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from archive.models import ClusterBeat

ALIVE_FOR = timedelta(seconds=30)
"""A cluster that has been silent for longer is believed dead, or stuck."""

_KEPT_FOR = timedelta(days=1)


def record_beat(*, cluster_id: UUID, workers: int, queues: Sequence[str], started_at: datetime) -> None:
    """Say that all parts of the cluster work, which takes from these queues."""
    ClusterBeat.objects.update_or_create(
        id=cluster_id,
        defaults={"beat_at": timezone.now()},
        create_defaults={
            "beat_at": timezone.now(),
            "host": socket.gethostname(),
            "workers": workers,
            "queues": list(queues),
            "started_at": started_at,
        },
    )


def end_beat(*, cluster_id: UUID) -> None:
    """The cluster has stopped, as it was told to."""
    ClusterBeat.objects.filter(id=cluster_id).delete()


@transaction.atomic
def take_over_messages(*, cluster_id: UUID, queues: Sequence[str], started_at: datetime) -> int | None:
    """Set free what dead clusters had in their hands of these queues when this one started; returns how many
    messages.

    A queue that another living cluster takes from is left alone: whose hands its messages are in cannot be
    told. They come back when their lock runs out. None if there is such a one, so that it is worth coming
    again. A task may so be called twice; each claims its work.
    """
    now = timezone.now()
    others = ClusterBeat.objects.exclude(id=cluster_id)
    lists = others.alive_since(now - ALIVE_FOR).values_list("queues", flat=True)
    shared = {queue for names in lists for queue in names}
    mine = [queue for queue in queues if queue not in shared]
    freed = 0
    if mine:
        others.filter(beat_at__lt=now - _KEPT_FOR).delete()
        pulled_before = started_at + timedelta(seconds=settings.Q_CLUSTER["retry"])
        in_hand = OrmQ.objects.filter(key__in=mine, lock__gt=now, lock__lt=pulled_before)
        freed = in_hand.update(lock=now)
    return freed if len(mine) == len(queues) else None
