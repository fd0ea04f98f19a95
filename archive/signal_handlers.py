"""Files follow their rows, and rows under legal hold stay.

Receivers, not services: the admin and cascades delete without asking any service.
"""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from archive.models import Collection, Photo
from archive.services import discard_unused_original, refuse_if_held


@receiver(post_delete, sender=Photo, dispatch_uid="archive.discard_unused_original")
def discard_original_after_commit(instance: Photo, **kwargs: Any) -> None:
    original_id = instance.original_id
    # Robust, since the photo is gone by then whatever the store says: `sweep_leftovers` does it again.
    transaction.on_commit(lambda: discard_unused_original(original_id=original_id), robust=True)


@receiver(pre_delete, sender=Photo, dispatch_uid="archive.keep_held_photo")
def keep_held_photo(instance: Photo, **kwargs: Any) -> None:
    refuse_if_held(instance.collection_id)


@receiver(pre_delete, sender=Collection, dispatch_uid="archive.keep_held_collection")
def keep_held_collection(instance: Collection, **kwargs: Any) -> None:
    refuse_if_held(instance.pk, with_parts=True)
