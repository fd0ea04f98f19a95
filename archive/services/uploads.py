"""Files that come in bit by bit. Bytes on disk go ahead of the row that counts them, never behind it."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from archive.arrivals import begin_work
from archive.errors import AlreadyThereError, InputError, PulihError
from archive.files.filenames import clean_filename, clean_folder
from archive.files.storage import sha256_of
from archive.importing.zips import declared_entries
from archive.messages import input_error, state_error, too_large
from archive.models import Collection, ImportRun, Photo, Upload
from archive.models.ingest import uploads_folder
from archive.services.imports import begin_import, enqueue_import_on_commit
from archive.services.ingest import ingest_photo

# Longer than any picture takes to be looked into; then the sweep takes its checker for dead.
CHECK_LEASE = timedelta(minutes=20)
# A part file is there a moment before its row; only older ones without a row are nobody's.
ORPHAN_AGE = timedelta(hours=1)
# So much of the disk is left to what is already under way.
_SPARE_BYTES = 256 * 1024 * 1024


def begin_upload(
    *,
    collection: Collection | None,
    uploaded_by: User,
    filename: str,
    length: int,
    folder: str = "",
    sha256: str = "",
    metadata: str = "",
    as_bag: bool = False,
) -> Upload:
    """Make room for a file of `length` bytes, of which none has come yet. A name in .zip makes it an import.

    `as_bag`: it is a zipped bag, which comes to the top and has no `collection`.
    `sha256`: what the whole file should be (hex). `metadata` is handed back as it is.
    Raises InputError: archive:file:empty, archive:file:too-large, archive:upload:checksum-form; StateError:
    archive:upload:no-room, archive:upload:too-many.
    """
    is_zip = filename.lower().endswith(".zip")
    kind = Upload.Kind.BAG if as_bag else Upload.Kind.ZIP if is_zip else Upload.Kind.PHOTO
    limit = settings.PULIH_MAX_UPLOAD_BYTES if kind == Upload.Kind.PHOTO else settings.PULIH_MAX_ZIP_BYTES
    if length == 0:
        raise input_error("archive:file:empty")
    if length > limit:
        raise too_large(limit)
    if sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise input_error("archive:upload:checksum-form")
    # A photograph lies there twice for a moment, as a part file and under its name.
    if shutil.disk_usage(uploads_folder()).free < 2 * length + _SPARE_BYTES:
        raise state_error("archive:upload:no-room")
    unfinished = Upload.objects.filter(uploaded_by=uploaded_by, state=Upload.State.ARRIVING)
    if unfinished.count() >= settings.PULIH_MAX_OPEN_UPLOADS:
        raise state_error("archive:upload:too-many", limit=settings.PULIH_MAX_OPEN_UPLOADS)
    upload = Upload(
        collection=collection,
        uploaded_by=uploaded_by,
        kind=kind,
        filename=clean_filename(filename),
        folder=clean_folder(folder),
        sha256=sha256.lower(),
        length=length,
        metadata=metadata,
        expires_at=_kept_until(),
    )
    upload.part_path.touch(exist_ok=False)
    upload.save(force_insert=True)
    return upload


def upload_zip(
    *, collection: Collection | None, uploaded_by: User, file: Any, filename: str, as_bag: bool = False
) -> Upload:
    """Take a ZIP that has arrived whole (with .size and .chunks()) and begin its import.

    Raises InputError and StateError as `begin_upload`, and InputError for what is wrong with the ZIP.
    """
    upload = begin_upload(
        collection=collection,
        uploaded_by=uploaded_by,
        filename=filename,
        length=file.size,
        as_bag=as_bag,
    )
    for chunk in file.chunks(4 * 1024 * 1024):
        upload.offset = extend_upload(upload=upload, offset=upload.offset, content=chunk)
    upload = finish_upload(upload=upload)
    if upload.state == Upload.State.REFUSED:
        raise InputError(upload.error_code, upload.error_message)
    return upload


def extend_upload(*, upload: Upload, offset: int, content: bytes) -> int:
    """Append `content`, which begins at byte `offset`; return the new offset. It is on disk by then.

    Raises InputError archive:upload:too-long, StateError archive:upload:offset when others have gone on
    meanwhile, archive:upload:gone, archive:upload:no-room.
    """
    end = offset + len(content)
    if end > upload.length:
        raise input_error("archive:upload:too-long")
    try:
        with upload.part_path.open("r+b") as file:
            # For the moment of writing only, and between processes.
            fcntl.flock(file, fcntl.LOCK_EX)
            found = Upload.objects.filter(pk=upload.pk).values_list("offset", flat=True).first()
            if found is None:
                raise state_error("archive:upload:gone")
            if found != offset:
                raise state_error("archive:upload:offset", offset=found)
            file.seek(offset)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Upload.objects.filter(pk=upload.pk, offset=offset).update(offset=end, expires_at=_kept_until())
    except FileNotFoundError as error:
        raise state_error("archive:upload:gone") from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise state_error("archive:upload:no-room") from error
        raise
    return end


def finish_upload(*, upload: Upload) -> Upload:
    """Take a file that has arrived whole into its collection, or begin its import; return the row anew.

    Does nothing where that is done or somebody is at it. What is wrong with the file is written into the row:
    state REFUSED with code and message. Anything unexpected is raised, and can be tried again.
    """
    if _claim(upload):
        try:
            if upload.kind == Upload.Kind.PHOTO:
                _ingest(upload)
            else:
                _begin_import(upload)
        except PulihError as error:
            photo_id = error.photo_id if isinstance(error, AlreadyThereError) else None
            _end(upload, Upload.State.REFUSED, code=error.code, message=error.message, photo_id=photo_id)
            upload.part_path.unlink(missing_ok=True)
        except BaseException:
            Upload.objects.filter(pk=upload.pk, state=Upload.State.CHECKING).update(
                state=Upload.State.ARRIVING, lease_expires_at=None
            )
            raise
    upload.refresh_from_db()
    return upload


def cancel_upload(*, upload: Upload) -> None:
    """Forget the upload and its bytes. Raises StateError archive:upload:being-checked when it is too late."""
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if row is None:
            return
        if row.state == Upload.State.CHECKING or (row.import_run and row.import_run.is_active):
            raise state_error("archive:upload:being-checked")
        row.delete()
    upload.part_path.unlink(missing_ok=True)


def sweep_uploads(*, now: datetime | None = None) -> int:
    """Remove uploads that nobody goes on with, and bytes without a row; finish those whose checker died.

    Safe to run at any time and twice. Returns how many uploads and files were removed.
    """
    now = now or timezone.now()
    removed = 0
    for upload in Upload.objects.expired(now):
        deleted, _by_model = Upload.objects.filter(pk=upload.pk, expires_at__lt=now).delete()
        if deleted:
            upload.part_path.unlink(missing_ok=True)
            removed += 1
    # The files are listed before the rows: one that is new by then has its row.
    oldest = now.timestamp() - ORPHAN_AGE.total_seconds()
    paths = [path for path in uploads_folder().iterdir() if path.stat().st_mtime < oldest]
    known = {str(pk) for pk in Upload.objects.values_list("pk", flat=True)}
    for path in paths:
        if path.name not in known:
            path.unlink(missing_ok=True)
            removed += 1
    # Last, because what is wrong with one of them must not keep the disk full.
    for upload in Upload.objects.unchecked(now).select_related("collection", "uploaded_by"):
        if upload.part_path.exists():
            finish_upload(upload=upload)
    return removed


def _claim(upload: Upload) -> bool:
    now = timezone.now()
    free = Upload.objects.unchecked(now).filter(pk=upload.pk)
    return bool(free.update(state=Upload.State.CHECKING, lease_expires_at=now + CHECK_LEASE))


def _ingest(upload: Upload) -> None:
    def begin(photo: Photo) -> None:
        begin_work(photo)
        _end(upload, Upload.State.DONE, photo_id=photo.pk)

    assert upload.collection is not None  # only a bag has none
    with upload.part_path.open("rb") as file:
        ingest_photo(
            collection=upload.collection,
            uploaded_by=upload.uploaded_by,
            file=file,
            filename=upload.filename,
            folder=upload.folder,
            sha256=upload.sha256 or None,
            in_same_transaction=begin,
        )
    upload.part_path.unlink(missing_ok=True)


def _begin_import(upload: Upload) -> None:
    if upload.sha256 and sha256_of(upload.part_path) != upload.sha256:
        raise input_error("archive:file:checksum")
    entries = declared_entries(upload.part_path)
    is_bag = upload.kind == Upload.Kind.BAG
    with transaction.atomic():
        run = begin_import(
            collection=upload.collection,
            started_by=upload.uploaded_by,
            source=ImportRun.Source.BAG if is_bag else ImportRun.Source.ZIP,
            name=upload.filename,
            total=0 if is_bag else entries,  # how many photos a bag holds, it says inside
        )
        _end(upload, Upload.State.DONE, run=run)
        enqueue_import_on_commit(run.pk)


def _end(
    upload: Upload,
    state: Upload.State,
    *,
    code: str = "",
    message: str = "",
    photo_id: UUID | None = None,
    run: ImportRun | None = None,
) -> None:
    Upload.objects.filter(pk=upload.pk).update(
        state=state,
        error_code=code,
        error_message=message,
        photo_id=photo_id,
        import_run=run,
        lease_expires_at=None,
    )


def _kept_until() -> datetime:
    return timezone.now() + timedelta(hours=settings.PULIH_UPLOAD_HOURS)
