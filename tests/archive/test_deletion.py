"""Files go with the last row that names them: after the commit, and never sooner."""

from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from archive.files.storage import Area
from archive.models import Collection, Event, Original, Photo
from archive.services import EventKind, discard_unused_original, purge_photo
from tests import pictures
from tests.factories import make_collection, make_photo
from tests.stored import stored_path

pytestmark = pytest.mark.django_db


def stored_files(media_root: Path) -> list[Path]:
    return [path for path in media_root.rglob("*") if path.is_file()]


def test_deleted_photo_takes_its_files_along_after_the_commit(
    media_root: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = make_photo(filename="a.png")
    sha256, pk = photo.original.sha256, photo.pk
    with django_capture_on_commit_callbacks(execute=True):
        purge_photo(photo=photo, actor=photo.uploaded_by)
        assert len(stored_files(media_root)) == 3
    assert stored_files(media_root) == []
    assert not Original.objects.exists()
    event = Event.objects.select_related("photo").get(kind=EventKind.PHOTO_PURGED)
    assert event.details == {"photo": str(pk), "filename": "a.png", "sha256": sha256}
    assert (event.photo_id, event.photo) == (pk, None)


def test_files_stay_while_another_photo_shows_them(
    media_root: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    first, second = make_photo(content=pictures.png()), make_photo(content=pictures.png())
    with django_capture_on_commit_callbacks(execute=True):
        purge_photo(photo=first, actor=first.uploaded_by)
    assert len(stored_files(media_root)) == 3
    with django_capture_on_commit_callbacks(execute=True):
        purge_photo(photo=second, actor=second.uploaded_by)
    assert stored_files(media_root) == []


def test_deletion_that_is_rolled_back_keeps_everything(media_root: Path) -> None:
    photo = make_photo()
    with transaction.atomic():
        purge_photo(photo=Photo.objects.get(), actor=photo.uploaded_by)
        transaction.set_rollback(True)
    assert Photo.objects.get() == photo
    assert len(stored_files(media_root)) == 3


def test_deleted_collection_takes_all_its_files_along(
    media_root: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    collection = make_collection()
    for _ in range(3):
        make_photo(collection=collection)
    kept = make_photo()
    with django_capture_on_commit_callbacks(execute=True):
        Collection.objects.filter(pk=collection.pk).delete()
    assert len(stored_files(media_root)) == 3
    assert stored_path(Area.ORIGINALS, kept.original.sha256).exists()
    assert Event.objects.filter(collection=collection.pk).count() == 4


def test_upload_between_deletion_and_clearing_up_keeps_the_files() -> None:
    first = make_photo(content=pictures.png())
    original = first.original
    purge_photo(photo=first, actor=first.uploaded_by)
    second = make_photo(content=pictures.png())
    discard_unused_original(original_id=original.pk)
    assert second.original == original
    assert stored_path(Area.ORIGINALS, original.sha256).exists()


def test_clearing_up_twice_is_harmless(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    photo = make_photo()
    original_id = photo.original_id
    with django_capture_on_commit_callbacks(execute=True):
        purge_photo(photo=photo, actor=photo.uploaded_by)
    discard_unused_original(original_id=original_id)
    assert not Original.objects.filter(pk=original_id).exists()
