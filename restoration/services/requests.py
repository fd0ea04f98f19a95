"""Asking for a restoration. The web process only writes a row and enqueues its id; it never loads a model."""

from __future__ import annotations

from typing import IO, Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django_q.tasks import async_task

from archive.models import Collection, Photo
from archive.services import ingest_photo, record_event
from restoration import messages
from restoration.events import EventKind
from restoration.models import Restoration

RUN_RESTORATION = "restoration.tasks.run_restoration"


def request_restoration(*, photo: Photo, requested_by: User | None) -> Restoration:
    """Queue a restoration of the photo and return its row.

    Raises StateError `restoration:request:already-active` while another restoration of the photo waits or
    runs.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                restoration = Restoration.objects.create(
                    photo=photo,
                    requested_by=requested_by,
                    original_sha256=photo.original.sha256,
                    seed=seed_for(photo.original.sha256),
                )
        except IntegrityError as error:
            if not Restoration.objects.filter(photo=photo).active().exists():
                raise
            raise messages.state_error("restoration:request:already-active") from error
        record_event(
            collection=photo.collection,
            photo=photo,
            actor=requested_by,
            kind=EventKind.REQUESTED,
            details={"restoration": str(restoration.id)},
        )
        enqueue_on_commit(restoration.id)
    return restoration


def ingest_and_restore(
    *, collection: Collection, uploaded_by: User, file: IO[bytes] | Any, filename: str
) -> Photo:
    """Take a file into the collection and, where the collection wants that, queue its restoration.

    Both in one transaction: there is no photo whose automatic restoration was forgotten. Raises InputError as
    `archive.services.ingest_photo` does.
    """

    def restore_if_wanted(photo: Photo) -> None:
        if collection.auto_restore:
            request_restoration(photo=photo, requested_by=uploaded_by)

    return ingest_photo(
        collection=collection,
        uploaded_by=uploaded_by,
        file=file,
        filename=filename,
        in_same_transaction=restore_if_wanted,
    )


def seed_for(original_sha256: str) -> int:
    """The seed of every restoration of these bytes: 32 bits, the same on every machine and at every
    attempt.
    """
    return int(original_sha256[:8], 16)


def enqueue_on_commit(restoration_id: UUID) -> None:
    """Hand the id to the queue once the row is really there.

    Robust, because the row is what counts: the sweep finds a queued row whose message never reached the
    queue.
    """
    transaction.on_commit(lambda: enqueue(restoration_id), robust=True)


def enqueue(restoration_id: UUID) -> None:
    """Put the id of a restoration on the queue, by dotted string, so that nobody here imports the engine."""
    async_task(RUN_RESTORATION, str(restoration_id), group="restoration")
