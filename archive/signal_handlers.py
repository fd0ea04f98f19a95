"""Files follow their rows.

A receiver, not a service: the admin and cascades delete without asking any service.
"""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from archive.models import Photo
from archive.services import discard_unused_original


@receiver(post_delete, sender=Photo, dispatch_uid="archive.discard_unused_original")
def discard_original_after_commit(instance: Photo, **kwargs: Any) -> None:
    transaction.on_commit(partial(discard_unused_original, original_id=instance.original_id))
