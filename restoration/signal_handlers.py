"""Files follow their rows: a receiver, because admin and cascades delete without asking any service."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from restoration.models import Restoration
from restoration.services import discard_unused_result


@receiver(post_delete, sender=Restoration, dispatch_uid="restoration.discard_unused_result")
def discard_result_after_commit(instance: Restoration, **kwargs: Any) -> None:
    if instance.result_sha256:
        transaction.on_commit(
            partial(
                discard_unused_result,
                result_sha256=instance.result_sha256,
                original_sha256=instance.original_sha256,
            )
        )
