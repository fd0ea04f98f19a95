"""Files follow their rows, and what is under legal hold stays: receivers, because admin and cascades delete
without asking any service.
"""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from archive.services import refuse_if_held
from restoration.models import Restoration
from restoration.running.stored_files import files_of
from restoration.services import discard_unused_files


@receiver(post_delete, sender=Restoration, dispatch_uid="restoration.discard_unused_files")
def discard_files_after_commit(instance: Restoration, **kwargs: Any) -> None:
    files = files_of(instance)
    # Robust, since the restoration is gone by then whatever the store says; what stays, fixity checks report.
    transaction.on_commit(lambda: discard_unused_files(files=files), robust=True)


@receiver(pre_delete, sender=Restoration, dispatch_uid="restoration.keep_held_restoration")
def keep_held_restoration(instance: Restoration, **kwargs: Any) -> None:
    refuse_if_held(instance.photo.collection_id)
