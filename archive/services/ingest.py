"""The one way in for files."""

from collections.abc import Callable
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from archive import renditions, storage
from archive.filenames import clean_filename
from archive.messages import input_error
from archive.models import Collection, Original, Photo, Rendition
from archive.services.events import EventKind, record_event
from archive.sniffing import SniffedImage, sniff_image
from archive.storage import Area, ReceivedFile


def ingest_photo(
    *,
    collection: Collection,
    uploaded_by: User,
    file: IO[bytes] | Any,
    filename: str,
    in_same_transaction: Callable[[Photo], None] | None = None,
) -> Photo:
    """Take `file` into `collection`: the one way in, for pages, API and commands alike.

    `file` is anything with .chunks() or .read(); `filename` is what its sender called it. The file is
    received and hashed, looked into, read back from disk, given its place, and only then do rows speak of it;
    whenever this is interrupted, what was stored before is untouched and the same upload can simply be
    repeated. `in_same_transaction` is called with the photo before the commit: for something that another app
    begins and that must not be forgotten. It should be quick.

    Raises InputError: archive:file:empty, archive:file:too-large, archive:file:not-an-image,
    archive:file:too-many-pixels, archive:file:truncated, or archive:photo:duplicate when `collection` has the
    file.
    """
    with storage.receive(file, max_bytes=settings.PULIH_MAX_UPLOAD_BYTES) as received:
        _refuse_duplicate(collection, received)
        sniffed = sniff_image(received.path)
        with renditions.draft_renditions(received.path) as drafts:
            storage.verify(received.path, sha256=received.sha256)
            with transaction.atomic():
                # The row comes first: it makes a deletion of the same original, and a second upload of it,
                # wait.
                original = _lock_original(received, sniffed)
                _refuse_duplicate(collection, received)
                storage.place(received.path, area=Area.ORIGINALS, sha256=received.sha256)
                renditions.place_renditions(drafts, received.sha256)
                for draft in drafts:
                    spec = draft.spec
                    Rendition.objects.update_or_create(
                        original=original,
                        kind=spec.kind,
                        defaults={"width": spec.width, "height": spec.height, "byte_size": spec.byte_size},
                    )
                photo = Photo.objects.create(
                    collection=collection,
                    original=original,
                    filename=clean_filename(filename),
                    uploaded_by=uploaded_by,
                )
                record_event(
                    collection=collection,
                    kind=EventKind.PHOTO_INGESTED,
                    actor=uploaded_by,
                    photo=photo,
                    details={"photo": str(photo.pk), "filename": photo.filename, "sha256": original.sha256},
                )
                if in_same_transaction is not None:
                    in_same_transaction(photo)
    return photo


def _lock_original(received: ReceivedFile, sniffed: SniffedImage) -> Original:
    original, _created = Original.objects.select_for_update().get_or_create(
        sha256=received.sha256,
        defaults={
            "byte_size": received.byte_size,
            "media_type": sniffed.media_type,
            "width": sniffed.width,
            "height": sniffed.height,
        },
    )
    return original


def _refuse_duplicate(collection: Collection, received: ReceivedFile) -> None:
    earlier = Photo.objects.filter(collection=collection, original__sha256=received.sha256).first()
    if earlier is not None:
        raise input_error("archive:photo:duplicate", filename=earlier.filename)
