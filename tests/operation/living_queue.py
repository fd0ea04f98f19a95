"""A cluster of workers that is alive, as far as its row says."""

import uuid

from django.utils import timezone

from archive.queue.queues import Queue
from archive.services.cluster_beats import record_beat


def give_sign_of_life(*queues: Queue) -> None:
    """As a cluster does every few seconds that takes from these queues, or from all."""
    record_beat(cluster_id=uuid.uuid4(), workers=1, queues=queues or tuple(Queue), started_at=timezone.now())
