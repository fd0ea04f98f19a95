"""Every write of the archive. Each function is one transaction and takes keywords only."""

import unicodedata
from collections.abc import Callable
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import TextChoices

from archive import renditions, storage
from archive.messages import input_error
from archive.models import Collection, Event, Membership, Original, Photo, Rendition
from archive.roles import Role
from archive.sniffing import SniffedImage, sniff_image
from archive.storage import Area, ReceivedFile

_FILENAME_MAX_LENGTH = 255
# Characters that turn the direction of the text around them can make "gpj.exe" look like "exe.jpg".
_BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class EventKind(TextChoices):
    """What the archive itself records; other apps add kinds of their own."""

    COLLECTION_CREATED = "collection-created"
    COLLECTION_CHANGED = "collection-changed"
    PHOTO_INGESTED = "photo-ingested"
    PHOTO_DELETED = "photo-deleted"


@transaction.atomic
def create_collection(
    *, owner: User, title: str, description: str = "", auto_restore: bool = True
) -> Collection:
    """Create a collection whose curator is `owner`. Raises ValidationError when a field does not fit."""
    collection = Collection(owner=owner, title=title, description=description, auto_restore=auto_restore)
    collection.full_clean()
    collection.save()
    add_member(collection=collection, user=owner, role=Role.CURATOR)
    record_event(
        collection=collection, kind=EventKind.COLLECTION_CREATED, actor=owner, details={"title": title}
    )
    return collection


@transaction.atomic
def update_collection(*, collection: Collection, actor: User, **changes: Any) -> Collection:
    """Change title, description or auto_restore. Raises ValidationError when a field does not fit."""
    unknown = changes.keys() - {"title", "description", "auto_restore"}
    if unknown:
        raise TypeError(f"not to be changed: {', '.join(sorted(unknown))}")
    for name, value in changes.items():
        setattr(collection, name, value)
    collection.full_clean()
    collection.save(update_fields=list(changes))
    record_event(collection=collection, kind=EventKind.COLLECTION_CHANGED, actor=actor, details=dict(changes))
    return collection


def add_member(*, collection: Collection, user: User, role: Role) -> Membership:
    """Give `user` the `role` in `collection`, in place of an earlier one. The owner stays curator."""
    if user.pk == collection.owner_id:
        role = Role.CURATOR
    membership, _created = Membership.objects.update_or_create(
        collection=collection, user=user, defaults={"role": role}
    )
    return membership


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


@transaction.atomic
def delete_photo(*, photo: Photo, actor: User) -> None:
    """Take `photo` out of its collection.

    Its files go after the commit, unless another photo still shows them.
    """
    record_event(
        collection=photo.collection,
        kind=EventKind.PHOTO_DELETED,
        actor=actor,
        details={"photo": str(photo.pk), "filename": photo.filename, "sha256": photo.original.sha256},
    )
    photo.delete()


@transaction.atomic
def discard_unused_original(*, original_id: Any) -> None:
    """Remove an original, its renditions and all their files when no photo shows it any more."""
    original = Original.objects.select_for_update().filter(pk=original_id).first()
    # Asked after the lock is held: an upload of the same file may have come in between.
    if original is None or original.photos.exists():
        return
    original.delete()
    # Still inside the transaction, whose lock keeps the next upload of the same file waiting. Should the
    # commit fail, a row without photos is left over, and the next upload puts the file back.
    renditions.remove_renditions(original.sha256)
    storage.remove(area=Area.ORIGINALS, sha256=original.sha256)


def record_event(
    *,
    collection: Collection,
    kind: str,
    actor: User | None = None,
    photo: Photo | None = None,
    details: dict[str, Any] | None = None,
) -> Event:
    """Write down that something happened. `details` must be JSON."""
    return Event.objects.create(
        collection=collection, kind=kind, actor=actor, photo=photo, details=details or {}
    )


def clean_filename(filename: str) -> str:
    """Return the last part of `filename`, fit to be shown and to be offered for download; never empty."""
    name = unicodedata.normalize("NFC", filename.replace("\\", "/").rsplit("/", 1)[-1])
    # Control characters, surrogates and unassigned code points have no business in a name.
    name = "".join(
        c for c in name if unicodedata.category(c) not in {"Cc", "Cs", "Cn"} and c not in _BIDI_CONTROLS
    )
    name = name.strip().strip(".").strip() or "photo"
    if len(name) <= _FILENAME_MAX_LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return name[:_FILENAME_MAX_LENGTH]
    return stem[: _FILENAME_MAX_LENGTH - len(extension) - 1] + dot + extension


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
