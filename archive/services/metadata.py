"""Descriptions out of tables: looked through, then applied, batch by batch in the queue.

What a batch does and how far the table has been gone through are written in one transaction. So a worker may
be killed at any moment: the next one goes on behind the last whole batch, and no row is applied twice.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone
from django_q.tasks import async_task

from archive.description.metadata_plan import PlannedRow, reading_of
from archive.description.metadata_table import MetadataTable, decode_table, read_table
from archive.errors import InputError
from archive.files.filenames import clean_filename
from archive.messages import input_error, state_error
from archive.models import Collection, MetadataImport, MetadataRow, Photo
from archive.querysets.visible import PhotoQuerySet
from archive.queue.message_order import NextButOne
from archive.services.description import describe_photos

CONTINUE_METADATA = "archive.queue.description_tasks.continue_metadata"
# So many rows are one transaction: half a second of work, in which SQLite lets nobody else write.
BATCH_ROWS = 200
# Longer than any batch takes.
METADATA_LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 3
# Tables that nobody applied go after this, and the rows of those applied: what changed stands in events.
_KEPT = timedelta(days=7)

_State = MetadataImport.State


@transaction.atomic
def receive_metadata(
    *,
    collection: Collection,
    uploaded_by: User,
    content: bytes,
    filename: str,
    key: str = "",
    clear_empty: bool = False,
    at_once: bool = False,
) -> MetadataImport:
    """Keep a table, and look through its first rows; the queue looks through the others.

    A table of up to BATCH_ROWS rows is PLANNED at once. `at_once`: apply it as `uploaded_by` without anybody
    looking at it first. Raises InputError archive:csv:* where nothing of the table can be used.
    """
    text = decode_table(content)
    table = read_table(text)
    kept = MetadataImport.objects.create(
        collection=collection,
        uploaded_by=uploaded_by,
        text=text,
        filename=clean_filename(filename),
        key=reading_of(table, key=key or None).key,
        ignored=list(table.ignored),
        clear_empty=clear_empty,
        at_once=at_once,
        total=len(table.rows),
    )
    _Walk(kept, table).go_on()
    if kept.is_active:
        _hand_on(kept)
    return kept


@transaction.atomic
def apply_metadata(*, metadata_import: MetadataImport, actor: User) -> MetadataImport:
    """Have the queue describe the photos as the table says, where its plan found something to change.

    One that failed in the middle goes on from there. Raises StateError archive:csv:applied,
    archive:csv:being-applied, archive:csv:not-planned.
    """
    kept = MetadataImport.objects.select_for_update().get(pk=metadata_import.pk)
    if kept.state == _State.DONE:
        raise state_error("archive:csv:applied")
    if kept.state in {_State.QUEUED, _State.RUNNING}:
        raise state_error("archive:csv:being-applied")
    if not kept.can_be_applied:
        raise state_error("archive:csv:not-planned")
    if kept.state == _State.PLANNED:
        kept.position = 0
    kept.state, kept.applied_by = _State.QUEUED, actor
    kept.attempts, kept.error_code, kept.error_message = 0, "", ""
    kept.save()
    _enqueue_on_commit(kept.pk)
    metadata_import.refresh_from_db()
    return kept


def claim_metadata(*, import_id: UUID) -> MetadataImport | None:
    """Take the table in hand; None where there is nothing to do or somebody else holds it.

    One at which worker after worker died is FAILED.
    """
    now = timezone.now()
    active = MetadataImport.objects.active().filter(pk=import_id)
    claimed = active.exclude(lease_expires_at__gt=now).update(
        lease_expires_at=now + METADATA_LEASE, attempts=F("attempts") + 1
    )
    if not claimed:
        return None
    people = ("collection", "uploaded_by", "applied_by")
    kept = MetadataImport.objects.select_related(*people).get(pk=import_id)
    if kept.attempts > MAX_ATTEMPTS:
        _fail(kept, input_error("archive:csv:given-up"))
        return None
    return kept


def continue_metadata(*, metadata_import: MetadataImport, seconds: float) -> bool:
    """A turn of a claimed table, of at least one batch; False where the queue has to come back to it."""
    until = time.monotonic() + seconds
    try:
        walk = _Walk(metadata_import, read_table(metadata_import.text))
        while walk.go_on() and metadata_import.is_active:
            if time.monotonic() >= until:
                _hand_on(metadata_import)
                return False
    except InputError as error:
        _fail(metadata_import, error)
    return True


def sweep_metadata(*, now: datetime | None = None) -> int:
    """Send the ids of tables again on which nobody works, and remove what was kept long enough.

    Safe at any time and twice. Returns how many were sent.
    """
    now = now or timezone.now()
    dropped = MetadataImport.objects.dropped(now).values_list("pk", flat=True)
    for import_id in dropped:
        _enqueue(import_id)
    MetadataImport.objects.left_lying(now - _KEPT).delete()
    MetadataRow.objects.filter(metadata_import__applied_at__lt=now - _KEPT).delete()
    return len(dropped)


class _Walk:
    """One worker's way through a table, from where it was left."""

    def __init__(self, kept: MetadataImport, table: MetadataTable) -> None:
        self._kept = kept
        self._table = table
        self._reading = reading_of(table, key=kept.key, clear_empty=kept.clear_empty)
        self._seen = set(kept.rows.exclude(photo=None).values_list("photo_id", flat=True))

    @transaction.atomic
    def go_on(self) -> bool:
        """One batch; False where somebody else has gone on from here meanwhile."""
        kept, begin = self._kept, self._kept.position
        end = min(begin + BATCH_ROWS, kept.total)
        here = MetadataImport.objects.filter(pk=kept.pk, state=kept.state, position=begin)
        going = kept.state if kept.state == _State.PLANNING else _State.RUNNING
        lease = timezone.now() + METADATA_LEASE
        if not here.update(state=going, position=end, attempts=0, lease_expires_at=lease):
            return False
        if going == _State.PLANNING:
            self._plan(begin, end)
        else:
            self._apply(begin, end)
        kept.state, kept.lease_expires_at = going, lease
        kept.position = end
        if end == kept.total:
            self._arrive()
        return True

    def _plan(self, begin: int, end: int) -> None:
        planned = self._reading.plan(
            self._table.rows[begin:end], photos=self._photos_of(self._kept.uploaded_by), seen=self._seen
        )
        rows = [MetadataRow(metadata_import=self._kept, number=begin + n) for n in range(len(planned))]
        for row, plan in zip(rows, planned, strict=True):
            _fill(row, plan)
        MetadataRow.objects.bulk_create(rows)

    def _apply(self, begin: int, end: int) -> None:
        """Apply what was planned as a change, unless something has come in between."""
        actor = self._kept.applied_by
        assert actor is not None  # nothing is applied without somebody who said so
        wanted = self._kept.rows.filter(number__gte=begin, number__lt=end)
        rows = list(wanted.filter(outcome=MetadataRow.Outcome.CHANGED))
        named = [(*self._table.rows[row.number], row.photo_id) for row in rows]
        planned = self._reading.plan_again(named, photos=self._photos_of(actor))
        describe_photos(
            descriptions={
                plan.photo.pk: plan.description
                for plan in planned
                if plan.photo is not None and plan.description is not None and plan.changes
            },
            actor=actor,
        )
        different = []
        for row, plan in zip(rows, planned, strict=True):
            if plan.outcome != row.outcome or plan.changes != row.changes:
                _fill(row, plan)
                different.append(row)
        MetadataRow.objects.bulk_update(different, ["outcome", "changes", "code", "message"])

    def _photos_of(self, person: User) -> PhotoQuerySet:
        return Photo.objects.curated_by(person).within(self._kept.collection)

    def _arrive(self) -> None:
        """The last row is done: tell how many ended how, and what comes next."""
        kept = self._kept
        counts = dict(kept.rows.order_by().values_list("outcome").annotate(number=Count("pk")))
        kept.rows_changed = counts.get(MetadataRow.Outcome.CHANGED, 0)
        kept.rows_unchanged = counts.get(MetadataRow.Outcome.UNCHANGED, 0)
        kept.rows_refused = counts.get(MetadataRow.Outcome.REFUSED, 0)
        kept.lease_expires_at, kept.attempts = None, 0
        if kept.state == _State.PLANNING and kept.at_once:
            kept.state, kept.position, kept.applied_by = _State.QUEUED, 0, kept.uploaded_by
        elif kept.state == _State.PLANNING:
            kept.state = _State.PLANNED
        else:
            kept.state, kept.applied_at, kept.text = _State.DONE, timezone.now(), ""
        kept.save()


def _fill(row: MetadataRow, plan: PlannedRow) -> None:
    row.line, row.key, row.photo = plan.line, plan.key, plan.photo
    row.outcome, row.changes = plan.outcome, plan.changes
    row.code = plan.refusal.code if plan.refusal else ""
    row.message = plan.refusal.message if plan.refusal else ""


def _hand_on(kept: MetadataImport) -> None:
    """Leave it to the queue to go on."""
    with transaction.atomic():
        MetadataImport.objects.active().filter(pk=kept.pk).update(lease_expires_at=None)
        _enqueue_on_commit(kept.pk)


def _fail(kept: MetadataImport, error: InputError) -> None:
    MetadataImport.objects.active().filter(pk=kept.pk).update(
        state=_State.FAILED, error_code=error.code, error_message=error.message, lease_expires_at=None
    )
    kept.refresh_from_db()


def _enqueue_on_commit(import_id: UUID) -> None:
    """Hand the id to the queue once the row is really there; the sweep finds one whose message was lost."""
    transaction.on_commit(partial(_enqueue, import_id), robust=True)


def _enqueue(import_id: UUID) -> None:
    MetadataImport.objects.filter(pk=import_id).update(enqueued_at=timezone.now())
    async_task(CONTINUE_METADATA, str(import_id), group="descriptions", broker=NextButOne())
