"""The one way in for files."""

from collections.abc import Callable
from typing import IO, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from archive.errors import AlreadyThereError
from archive.events.kinds import EventKind
from archive.files import renditions, storage
from archive.files.colours import mean_colour
from archive.files.filenames import clean_filename, clean_folder
from archive.files.renditions import DraftRendition
from archive.files.storage import Area, ReceivedFile
from archive.finding.likeness import perceptual_hash
from archive.formats.decoders import embedded_metadata
from archive.formats.sniffing import SniffedImage, sniff_image
from archive.messages import input_error
from archive.models import Collection, Original, Photo
from archive.services.description import describe_photo
from archive.services.events import record_event
from archive.services.renditions import keep_renditions


def ingest_photo(
    *,
    collection: Collection,
    uploaded_by: User,
    file: IO[bytes] | Any,
    filename: str,
    folder: str = "",
    sha256: str | None = None,
    description: dict[str, Any] | None = None,
    photo_id: UUID | None = None,
    in_same_transaction: Callable[[Photo], None] | None = None,
) -> Photo:
    """Take `file` into `collection`: the one way in, for pages, API and commands alike.

    `file` is anything with .chunks() or .read(); `filename` is what its sender called it, and `folder` where
    it lay there ("1965/negatives"). `sha256`: what its sender has computed (hex), if anything. `description`:
    fields as `describe_photo` takes them. `photo_id`: the id that the photo had elsewhere.

    The file is received and hashed, looked into, read back from disk, given its place, and only then do rows
    speak of it; whenever this is interrupted, what was stored before is untouched and the same upload can
    simply be repeated. `in_same_transaction` is called with the photo before the commit: for something that
    is begun with it and must not be forgotten. It should be quick.

    Raises InputError: archive:file:empty, archive:file:too-large, archive:file:checksum,
    and as `sniff_image`; or AlreadyThereError
    (archive:photo:duplicate, archive:photo:in-bin) when `collection` has the file; or what `describe_photo`
    refuses.
    """
    with storage.receive(file, max_bytes=settings.PULIH_MAX_UPLOAD_BYTES) as received:
        if sha256 and sha256.strip().lower() != received.sha256:
            raise input_error("archive:file:checksum")
        _refuse_duplicate(collection, received)
        sniffed = sniff_image(received.path)
        with renditions.draft_renditions(received.path) as drafts:
            facts = _facts_of(received, sniffed, drafts)
            storage.verify(received.path, sha256=received.sha256)
            with storage.placing(), transaction.atomic():
                # The row comes first: it makes a deletion of the same original, and a second upload of it,
                # wait.
                original = _lock_original(received, facts)
                _refuse_duplicate(collection, received)
                storage.place(received.path, area=Area.ORIGINALS, sha256=received.sha256)
                keep_renditions(original=original, drafts=drafts)
                photo = Photo.objects.create(
                    pk=photo_id or uuid4(),
                    collection=collection,
                    original=original,
                    filename=clean_filename(filename),
                    folder=clean_folder(folder),
                    uploaded_by=uploaded_by,
                )
                record_event(
                    collection=collection,
                    kind=EventKind.PHOTO_INGESTED,
                    actor=uploaded_by,
                    photo=photo,
                    details={"photo": str(photo.pk), "filename": photo.filename, "sha256": original.sha256},
                )
                if description:
                    describe_photo(photo=photo, actor=uploaded_by, **description)
                if in_same_transaction is not None:
                    in_same_transaction(photo)
    return photo


def _facts_of(received: ReceivedFile, sniffed: SniffedImage, drafts: list[DraftRendition]) -> dict[str, Any]:
    """What a row says about the file itself."""
    # The last draft is the smallest, and the look is that of the picture in 32 x 32 anyway.
    return {
        "byte_size": received.byte_size,
        "media_type": sniffed.media_type,
        "width": sniffed.width,
        "height": sniffed.height,
        "page_count": sniffed.page_count,
        "embedded": embedded_metadata(received.path),
        "perceptual_hash": perceptual_hash(drafts[-1].path),
        "colour": mean_colour(drafts[-1].path),
    }


def _lock_original(received: ReceivedFile, facts: dict[str, Any]) -> Original:
    original, _created = Original.objects.select_for_update().get_or_create(
        sha256=received.sha256, defaults=facts
    )
    return original


def _refuse_duplicate(collection: Collection, received: ReceivedFile) -> None:
    earlier = Photo.objects.filter(collection=collection, original__sha256=received.sha256).first()
    if earlier is not None:
        code = "archive:photo:in-bin" if earlier.deleted_at else "archive:photo:duplicate"
        refusal = input_error(code, filename=earlier.filename)
        raise AlreadyThereError(refusal.code, refusal.message, photo_id=earlier.pk)
