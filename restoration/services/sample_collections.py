"""A collection to try everything on: pictures damaged by our own generator, restored for real."""

from __future__ import annotations

import io
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from archive.arrivals import begin_work
from archive.errors import AlreadyThereError
from archive.models import Collection
from archive.queue.message_order import NextButOne
from archive.services import EventKind, create_collection, ingest_photo
from restoration.registry.sample_pictures import COLLECTION_PICTURES, damaged_picture

FILL_SAMPLE_COLLECTION = "restoration.tasks.fill_sample_collection"


@transaction.atomic
def create_sample_collection(*, owner: User) -> Collection:
    """Make the person's sample collection, or find the one that was made before; a worker fills it soon."""
    # Two presses at once find one and the same.
    User.objects.select_for_update().get(pk=owner.pk)
    title = _("Sample: damaged by our own generator")
    mine = Collection.objects.curated_by(owner).filter(title=title, owner=owner)
    found = mine.order_by("created_at").first()
    if found is not None:
        return found
    collection = create_collection(
        owner=owner,
        title=title,
        description=_(
            "Six pictures that were damaged on purpose, lightly, moderately or heavily, and then "
            "restored by Pulih. Try everything here: compare, approve, reject, mark "
            "damage by hand. Delete it when you are done."
        ),
    )
    transaction.on_commit(partial(_enqueue, collection.pk), robust=True)
    return collection


def fill_sample_collection(*, collection: Collection) -> int:
    """Take in the pictures that never were in the collection, and queue their restorations; returns how many.

    Its events tell, so that a picture that somebody has deleted does not come back.
    """
    taken = 0
    for name, level in COLLECTION_PICTURES:
        filename = f"{name}-{level}.png"
        if collection.events.filter(kind=EventKind.PHOTO_INGESTED, details__filename=filename).exists():
            continue
        try:
            ingest_photo(
                collection=collection,
                uploaded_by=collection.owner,
                file=io.BytesIO(damaged_picture(name, level)),
                filename=filename,
                in_same_transaction=begin_work,
            )
        except AlreadyThereError:
            continue  # another worker was faster
        taken += 1
    return taken


def _enqueue(collection_id: UUID) -> None:
    # Right after what is next, not behind thousands of photos: somebody is waiting.
    async_task(FILL_SAMPLE_COLLECTION, str(collection_id), group="samples", broker=NextButOne())
