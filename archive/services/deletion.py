"""What goes, and the files that go with it."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from archive import renditions, storage
from archive.models import Original, Photo
from archive.services.events import EventKind, record_event
from archive.storage import Area


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
