"""Imports of many files: one row each for the import and for what became of every file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from archive.arrivals import begin_work
from archive.errors import AlreadyThereError, InputError
from archive.files.storage import incoming_folder
from archive.importing.entries import Entry
from archive.messages import input_error
from archive.models import Collection, ImportItem, ImportRun, Photo
from archive.queue.message_order import NextButOne
from archive.services.ingest import ingest_photo
from archive.webhooks.announcing import Occurrence, announce

CONTINUE_IMPORT = "archive.queue.ingest_tasks.continue_import"
# Longer than any one file takes.
IMPORT_LEASE = timedelta(minutes=20)
# What the name of a folder ends with into which a bag is being unpacked.
UNFINISHED = ".part"
# A file at which its worker died so often is left out, so that the others come in.
MAX_ATTEMPTS = 3


def begin_import(
    *,
    collection: Collection | None,
    started_by: User,
    source: ImportRun.Source,
    name: str,
    total: int = 0,
    begins_work: bool = True,
) -> ImportRun:
    """Write down an import that is about to begin. `begins_work`: see ImportRun; without a `collection`, of a
    bag that comes to the top.
    """
    return ImportRun.objects.create(
        collection=collection,
        started_by=started_by,
        source=source,
        name=name[:1000],
        total=total,
        begins_work=begins_work,
    )


def claim_import(*, run_id: UUID) -> ImportRun | None:
    """Take the import in hand; None where it has ended or somebody else holds it."""
    now = timezone.now()
    run = ImportRun.objects.active().filter(pk=run_id).select_related("collection", "started_by").first()
    if run is None:
        return None
    # A name is left there only by a worker that never came to its next file.
    attempts = run.attempts + 1 if run.current_path else 0
    free = ImportRun.objects.active().filter(pk=run_id).exclude(lease_expires_at__gt=now)
    claimed = free.update(
        state=ImportRun.State.RUNNING, lease_expires_at=now + IMPORT_LEASE, attempts=attempts
    )
    if not claimed:
        return None
    run.attempts = attempts
    return run


def take_entry(*, run: ImportRun, entry: Entry, bytes_read: int = 0) -> ImportItem:
    """Take one file in, or write down why not. `bytes_read`: what the import has unpacked before it.

    Raises whatever is not the file's fault; then nothing was written, and it can be tried again.
    """
    given_up = hold_import(run=run, path=entry.path, bytes_read=bytes_read)
    assert run.collection is not None  # only a bag's import has none
    items: list[ImportItem] = []

    def keep(photo: Photo) -> None:
        if run.begins_work:
            begin_work(photo)
        items.append(
            record_item(run=run, path=entry.path, outcome=ImportItem.Outcome.TAKEN, photo_id=photo.pk)
        )

    try:
        if given_up:
            raise input_error("archive:import:given-up")
        if entry.refusal is not None:
            raise entry.refusal
        with entry.open() as file:
            ingest_photo(
                collection=run.collection,
                uploaded_by=run.started_by,
                file=file,
                filename=entry.filename,
                folder=entry.folder,
                in_same_transaction=keep,
            )
    except AlreadyThereError as error:
        return record_item(
            run=run,
            path=entry.path,
            outcome=ImportItem.Outcome.PRESENT,
            error=error,
            photo_id=error.photo_id,
        )
    except InputError as error:
        if error.code == "archive:zip:too-much":
            raise
        no_picture = error.code in {"archive:file:not-an-image", "archive:file:kind-not-accepted"}
        other = no_picture and not entry.claims_to_be_a_picture
        outcome = ImportItem.Outcome.PASSED_OVER if other else ImportItem.Outcome.REFUSED
        return record_item(run=run, path=entry.path, outcome=outcome, error=error)
    return items[0]


def hold_import(*, run: ImportRun, path: str, bytes_read: int = 0) -> bool:
    """Write down what a claimed import turns to now, and hold it on; True where too many died over the same.

    `bytes_read`: what the import has unpacked before it.
    """
    path = path[:2000]
    if run.current_path != path:
        run.current_path, run.attempts = path, 0
    ImportRun.objects.filter(pk=run.pk).update(
        current_path=path,
        attempts=run.attempts,
        bytes_read=bytes_read,
        lease_expires_at=timezone.now() + IMPORT_LEASE,
    )
    return run.attempts >= MAX_ATTEMPTS


def pause_import(*, run: ImportRun) -> None:
    """Let others have their turn; a worker goes on later."""
    with transaction.atomic():
        ImportRun.objects.active().filter(pk=run.pk).update(lease_expires_at=None, current_path="")
        enqueue_import_on_commit(run.pk)


def put_off_import(*, run: ImportRun) -> None:
    """Something that passes, as a full disk does, kept a turn from its end: it counts as no attempt, and the
    sweep sends the import again.
    """
    ImportRun.objects.active().filter(pk=run.pk).update(lease_expires_at=None, current_path="")


def end_import(
    *,
    run: ImportRun,
    error: InputError | None = None,
    in_same_transaction: Callable[[], None] | None = None,
) -> ImportRun:
    """The import has come to its end, or cannot go on because of `error`. What was sent and unpacked goes
    after the commit: call it outside of any transaction, and say what belongs to it by `in_same_transaction`.
    """
    with transaction.atomic():
        if in_same_transaction is not None:
            in_same_transaction()
        ImportRun.objects.filter(pk=run.pk).update(
            state=ImportRun.State.FAILED if error else ImportRun.State.DONE,
            error_code=error.code if error else "",
            error_message=error.message if error else "",
            finished_at=timezone.now(),
            lease_expires_at=None,
            current_path="",
        )
        run.refresh_from_db()
        _announce_end(run)
    upload = getattr(run, "upload", None)
    if upload is not None:
        upload.part_path.unlink(missing_ok=True)
    unpacked = run.unpacked_path
    for folder in (unpacked, unpacked.with_name(unpacked.name + UNFINISHED)):
        shutil.rmtree(folder, ignore_errors=True)
    return run


def _announce_end(run: ImportRun) -> None:
    if run.collection_id is None:
        return  # a bag of which nothing came in
    data = {
        "import": str(run.pk),
        "source": run.source,
        "state": run.state,
        "code": run.error_code or None,
        "person": run.started_by.get_username(),
        **{
            outcome.value.replace("-", "_"): run.items.filter(outcome=outcome).count()
            for outcome in ImportItem.Outcome
        },
    }
    announce([Occurrence(kind="import.finished", collection_id=run.collection_id, data=data)])


def sweep_imports(*, now: datetime | None = None) -> int:
    """Send the ids of imports again on which nobody works, and remove what was unpacked for none.

    Safe at any time and twice. Returns how many were sent.
    """
    dropped = ImportRun.objects.dropped(now or timezone.now()).values_list("pk", flat=True)
    for run_id in dropped:
        _enqueue(run_id)
    unpacked = list(incoming_folder().glob("import-*"))
    if unpacked:
        active = {run.unpacked_path for run in ImportRun.objects.active()}
        for folder in unpacked:
            if folder.with_name(folder.name.removesuffix(UNFINISHED)) not in active:
                shutil.rmtree(folder, ignore_errors=True)
    return len(dropped)


def enqueue_import_on_commit(run_id: UUID) -> None:
    """Hand the id to the queue once the row is really there; the sweep finds one whose message was lost."""
    transaction.on_commit(partial(_enqueue, run_id), robust=True)


def _enqueue(run_id: UUID) -> None:
    ImportRun.objects.filter(pk=run_id).update(enqueued_at=timezone.now())
    async_task(CONTINUE_IMPORT, str(run_id), group="import", broker=NextButOne())


def record_item(
    *,
    run: ImportRun,
    path: str,
    outcome: ImportItem.Outcome,
    error: InputError | None = None,
    photo_id: UUID | None = None,
) -> ImportItem:
    """Write down what became of one file of the import."""
    return ImportItem.objects.create(
        run=run,
        path=path[:2000],
        outcome=outcome,
        code=error.code if error else "",
        message=error.message if error else "",
        photo_id=photo_id,
    )
