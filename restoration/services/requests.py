"""Asking for a restoration. The web process only writes a row and enqueues its id; it never loads a model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django_q.tasks import async_task

from archive.files.storage import placing
from archive.models import CatalogueEntry, Photo
from archive.queue.message_order import BeforeTheLine
from archive.services import record_event
from restoration import messages
from restoration.keeping.events import EventKind
from restoration.models import ModelVersion, Restoration
from restoration.running.hands import checked_hand
from restoration.running.stored_files import Kept, kept_file, store_kept
from restoration.services.discarding import lock_original
from restoration.services.request_batches import join_batch
from restoration.services.time_limits import longer_limits

RUN_RESTORATION = "restoration.tasks.run_restoration"

FIRST_FEW = 3
"""So many of a collection's photos may wait near the front of the queue; the others stand in line. So one
upload does not wait behind another collection's thousands.
"""


def request_restoration(
    *,
    photo: Photo,
    requested_by: User | None,
    model_version: ModelVersion | None = None,
    strength: int = 100,
    quick: bool = False,
    thorough: bool = False,
    hand: bytes | None = None,
    promptly: bool = False,
) -> Restoration:
    """Queue a restoration of the photo and return its row.

    `model_version`: None for the default of the time when a worker begins. `strength`: how much of the repair
    is blended into the original, 0 to 100 per cent. `quick`: 8-bit arithmetic, faster and a little worse.
    `thorough`: damage is looked for from eight sides, which finds more, errs less and takes three to four
    times as long.
    `hand`: a PNG as `restoration.running.hands` describes it; one that says nothing is as good as none.
    `promptly`: before all that stands in line, because somebody sits and waits; else only where fewer than
    FIRST_FEW of the photo's collection wait.

    Raises InputError `restoration:strength:out-of-range` or `restoration:hand:...`, and StateError
    `restoration:request:already-active` while another restoration of the photo waits or runs.
    """
    _check_strength(strength)
    original = photo.original
    drawn = checked_hand(hand, width=original.width, height=original.height) if hand is not None else None
    return _queue(
        Restoration(
            photo=photo,
            requested_by=requested_by,
            wanted_model=model_version,
            strength=strength,
            quick=quick,
            thorough=thorough,
            hand_sha256=hashlib.sha256(drawn).hexdigest() if drawn else "",
        ),
        hand=drawn,
        promptly=promptly or _is_among_the_first(photo),
    )


class Wishes(TypedDict, total=False):
    """How to restore, as `request_restoration` takes it."""

    model_version: ModelVersion | None
    strength: int
    quick: bool
    thorough: bool
    hand: bytes | None


def repeat_restoration(
    *, restoration: Restoration, requested_by: User | None, **changed: Unpack[Wishes]
) -> Restoration:
    """Queue another restoration of the same photo. What is not `changed` is as it was, the hand too.

    Raises as `request_restoration`.
    """
    drawn = kept_file(restoration, Kept.HAND)
    hand = None
    if drawn is not None:
        with drawn.stream() as file:
            hand = file.read()
    wishes: Wishes = {
        "model_version": restoration.wanted_model,
        "strength": restoration.strength,
        "quick": restoration.quick,
        "thorough": restoration.thorough,
        "hand": hand,
    }
    return request_restoration(photo=restoration.photo, requested_by=requested_by, **(wishes | changed))


def request_strength(*, restoration: Restoration, requested_by: User | None, strength: int) -> Restoration:
    """Queue a new version of a finished restoration, its repair blended in with another strength.

    No network runs: a worker renders it, promptly, from what the first one kept. `strength`: 0 to 100 per
    cent.
    Raises InputError `restoration:strength:out-of-range`, StateError `restoration:strength:not-done`,
    `:no-repair` (made before repairs were kept) or `restoration:request:already-active`.
    """
    _check_strength(strength)
    with transaction.atomic():
        # With the lock, what the base keeps cannot be discarded before the new row names it too.
        lock_original(restoration.original_sha256)
        base = Restoration.objects.filter(pk=restoration.pk).select_related("photo__original").first()
        if base is None or base.status != Restoration.Status.DONE:
            raise messages.state_error("restoration:strength:not-done")
        if not base.repair_sha256:
            raise messages.state_error("restoration:strength:no-repair")
        return _queue(
            Restoration(
                photo=base.photo,
                requested_by=requested_by,
                based_on=base,
                wanted_model=base.model_version,
                strength=strength,
                quick=base.quick,
                thorough=base.thorough,
                hand_sha256=base.hand_sha256,
                repair_sha256=base.repair_sha256,
                repair_byte_size=base.repair_byte_size,
                layers=base.layers,
                invention=base.invention,
                warnings=base.warnings,
            ),
            promptly=True,
        )


def _is_among_the_first(photo: Photo) -> bool:
    # The catalogue has an index for it, however much waits elsewhere.
    waiting = CatalogueEntry.objects.filter(collection=photo.collection_id, state=Restoration.Status.QUEUED)
    return len(waiting.order_by().values_list("pk")[:FIRST_FEW]) < FIRST_FEW


def _queue(restoration: Restoration, *, promptly: bool, hand: bytes | None = None) -> Restoration:
    """Save the new row, keep its hand, record the event and enqueue the id."""
    photo = restoration.photo
    restoration.original_sha256 = photo.original.sha256
    restoration.seed = seed_for(restoration.original_sha256)
    with placing(), transaction.atomic():
        try:
            with transaction.atomic():
                restoration.save(force_insert=True)
        except IntegrityError as error:
            if not Restoration.objects.filter(photo=photo).active().exists():
                raise
            raise messages.state_error("restoration:request:already-active") from error
        if hand is not None:
            lock_original(restoration.original_sha256)
            store_kept(Kept.HAND, hand, original_sha256=restoration.original_sha256)
        record_event(
            collection=photo.collection,
            photo=photo,
            actor=restoration.requested_by,
            kind=EventKind.REQUESTED,
            details={"restoration": str(restoration.id)},
        )
        if restoration.requested_by is not None:
            join_batch(restorations=[restoration.id], person=restoration.requested_by)
        enqueue_on_commit(restoration.id, promptly=promptly)
    return restoration


def _check_strength(strength: int) -> None:
    if not 0 <= strength <= 100:
        raise messages.input_error("restoration:strength:out-of-range")


def restore_if_wanted(photo: Photo) -> None:
    """Queue the restoration of a photo that has just come in, where its collection wants that.

    In the transaction that makes the photo: there is none whose automatic restoration was forgotten.
    """
    if photo.collection.auto_restore:
        request_restoration(photo=photo, requested_by=photo.uploaded_by)


def seed_for(original_sha256: str) -> int:
    """The seed of every restoration of these bytes: 32 bits, the same on every machine and at every
    attempt.
    """
    return int(original_sha256[:8], 16)


def enqueue_on_commit(restoration_id: UUID, *, promptly: bool = False) -> None:
    """Hand the id to the queue once the row is really there.

    Robust, because the row is what counts: the sweep finds a queued row whose message never reached the
    queue.
    """
    transaction.on_commit(lambda: enqueue(restoration_id, promptly=promptly), robust=True)


def enqueue(restoration_id: UUID, *, promptly: bool = False) -> None:
    """Put the id of a restoration on the queue, by dotted string, so that nobody here imports the engine."""
    _send(restoration_id, longer_limits([restoration_id]), promptly=promptly)


def enqueue_all(restoration_ids: Iterable[UUID]) -> None:
    """`enqueue` for many: one write to the queue's table instead of as many."""
    ids = list(restoration_ids)
    limits = longer_limits(ids)
    with transaction.atomic():
        for restoration_id in ids:
            _send(restoration_id, limits)


def _send(restoration_id: UUID, limits: dict[UUID, int], *, promptly: bool = False) -> None:
    options: dict[str, Any] = {"broker": BeforeTheLine()} if promptly else {}
    if restoration_id in limits:
        options["timeout"] = limits[restoration_id]
    async_task(RUN_RESTORATION, str(restoration_id), group="restoration", **options)
