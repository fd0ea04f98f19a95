"""A cluster of workers that is alive, as far as its row says."""

import uuid

from django.utils import timezone

from archive.services.cluster_beats import record_beat


def give_sign_of_life() -> None:
    """As a cluster does every few seconds."""
    record_beat(cluster_id=uuid.uuid4(), workers=1, started_at=timezone.now())
