"""What a cluster of the queue writes about itself, and what it takes over from one that died."""

from __future__ import annotations

import socket
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


def record_beat(*, cluster_id: UUID, workers: int, started_at: datetime) -> None:
    """Say that all parts of the cluster work."""
    ClusterBeat.objects.update_or_create(
        id=cluster_id,
        defaults={"beat_at": timezone.now()},
        create_defaults={
            "beat_at": timezone.now(),
            "host": socket.gethostname(),
            "workers": workers,
            "started_at": started_at,
        },
    )


def end_beat(*, cluster_id: UUID) -> None:
    """The cluster has stopped, as it was told to."""
    ClusterBeat.objects.filter(id=cluster_id).delete()


@transaction.atomic
def take_over_messages(*, cluster_id: UUID, started_at: datetime) -> int | None:
    """Set free what dead clusters had in their hands when this one started; returns how many messages.

    None, and nothing is changed, while another cluster lives: whose hands they are in cannot be told. Then
    they come back when their lock runs out. A task may so be called twice; each claims its work.
    """
    now = timezone.now()
    others = ClusterBeat.objects.exclude(id=cluster_id)
    if others.alive_since(now - ALIVE_FOR).exists():
        return None
    others.filter(beat_at__lt=now - _KEPT_FOR).delete()
    pulled_before = started_at + timedelta(seconds=settings.Q_CLUSTER["retry"])
    freed: int = OrmQ.objects.filter(lock__gt=now, lock__lt=pulled_before).update(lock=now)
    return freed
