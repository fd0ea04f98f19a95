"""Deleting is a bin with thirty days: out of sight at once, back as it was, gone for good only then."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from archive.access.roles import Role
from archive.errors import AlreadyThereError, StateError
from archive.events.verification import verify_chain
from archive.models import Collection, Event, Photo
from archive.services import (
    EventKind,
    create_collection,
    delete_collection,
    delete_photo,
    empty_bin,
    purge_collection,
    take_back_collection,
    take_back_photo,
)
from restoration.models import Restoration
from tests import pictures
from tests.factories import make_collection, make_photo, make_restoration, make_user

pytestmark = pytest.mark.django_db


def later(days: int) -> object:
    return timezone.now() + timedelta(days=days)


class TestPhoto:
    def test_deleted_photo_is_invisible_and_keeps_everything(self, media_root: Path) -> None:
        photo = make_photo()
        owner = photo.collection.owner
        files = sorted(media_root.rglob("*"))
        delete_photo(photo=photo, actor=owner)
        for found in (Photo.objects.visible_to(owner), Photo.objects.curated_by(owner)):
            assert not found.exists()
        assert Restoration.objects.visible_to(owner).count() == 0
        assert sorted(media_root.rglob("*")) == files
        assert (photo.deleted_by, photo.deleted_at is not None) == (owner, True)
        event = Event.objects.get(kind=EventKind.PHOTO_DELETED)
        assert event.details["sha256"] == photo.original.sha256

    def test_taken_back_it_is_as_it_was(self) -> None:
        restoration = make_restoration()
        photo = restoration.photo
        owner = photo.collection.owner
        delete_photo(photo=photo, actor=owner)
        take_back_photo(photo=photo, actor=owner)
        assert Photo.objects.visible_to(owner).get() == photo
        assert Restoration.objects.visible_to(owner).get() == restoration
        with pytest.raises(StateError) as refused:
            take_back_photo(photo=photo, actor=owner)
        assert refused.value.code == "archive:bin:not-there"

    def test_deleting_twice_is_one_event(self) -> None:
        photo = make_photo()
        for _ in range(2):
            delete_photo(photo=photo, actor=photo.uploaded_by)
        assert Event.objects.filter(kind=EventKind.PHOTO_DELETED).count() == 1

    def test_bin_is_for_those_who_curate(self) -> None:
        reviewer, curator = make_user(), make_user()
        collection = make_collection(members={reviewer: Role.REVIEWER, curator: Role.CURATOR})
        photo = make_photo(collection=collection)
        delete_photo(photo=photo, actor=curator)
        assert Photo.objects.in_bin(curator).get() == photo
        assert Photo.objects.in_bin(collection.owner).get() == photo
        for other in (reviewer, make_user(), AnonymousUser()):
            assert not Photo.objects.in_bin(other).exists()

    def test_same_file_again_says_that_it_is_in_the_bin(self) -> None:
        photo = make_photo(content=pictures.png(), filename="a.png")
        delete_photo(photo=photo, actor=photo.uploaded_by)
        with pytest.raises(AlreadyThereError) as refused:
            make_photo(collection=photo.collection, content=pictures.png())
        assert refused.value.code == "archive:photo:in-bin"
        assert "a.png" in refused.value.message


class TestCollection:
    def test_takes_all_below_along_and_back(self) -> None:
        fonds = make_collection()
        series = create_collection(owner=fonds.owner, title="Series", parent=fonds)
        photo = make_photo(collection=series)
        gone_before = make_photo(collection=series)
        delete_photo(photo=gone_before, actor=fonds.owner)
        delete_collection(collection=fonds, actor=fonds.owner)
        assert not Collection.objects.visible_to(fonds.owner).exists()
        assert not Photo.objects.visible_to(fonds.owner).exists()
        assert Collection.objects.in_bin(fonds.owner).get() == fonds
        assert not Photo.objects.in_bin(fonds.owner).exists()

        take_back_collection(collection=fonds, actor=fonds.owner)
        assert Photo.objects.visible_to(fonds.owner).get() == photo
        assert Photo.objects.in_bin(fonds.owner).get() == gone_before

    def test_part_waits_for_what_holds_it(self) -> None:
        fonds = make_collection()
        series = create_collection(owner=fonds.owner, title="Series", parent=fonds)
        delete_collection(collection=series, actor=fonds.owner)
        delete_collection(collection=fonds, actor=fonds.owner)
        with pytest.raises(StateError) as refused:
            take_back_collection(collection=series, actor=fonds.owner)
        assert refused.value.code == "archive:bin:inside"
        take_back_collection(collection=fonds, actor=fonds.owner)
        take_back_collection(collection=series, actor=fonds.owner)
        assert Collection.objects.visible_to(fonds.owner).count() == 2

    def test_only_an_owner_finds_it_in_the_bin(self) -> None:
        curator = make_user()
        collection = make_collection(members={curator: Role.CURATOR})
        delete_collection(collection=collection, actor=collection.owner)
        assert not Collection.objects.in_bin(curator).exists()


class TestPurge:
    def test_after_thirty_days_and_not_before(
        self, media_root: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        photo, kept = make_restoration().photo, make_photo()
        delete_photo(photo=photo, actor=photo.uploaded_by)
        with django_capture_on_commit_callbacks(execute=True):
            assert str(empty_bin(now=later(29))) == "0 photos and 0 collections purged, 0 held"
            assert str(empty_bin(now=later(31))) == "1 photos and 0 collections purged, 0 held"
        assert Photo.objects.get() == kept
        assert len([path for path in media_root.rglob("*") if path.is_file()]) == 3
        assert Event.objects.filter(photo_id=photo.pk).count() >= 4
        assert list(verify_chain()) == []

    def test_days_are_a_setting(self, settings: Settings) -> None:
        settings.PULIH_BIN_DAYS = 5
        photo = make_photo()
        delete_photo(photo=photo, actor=photo.uploaded_by)
        assert empty_bin(now=later(4)).photos == 0
        assert empty_bin(now=later(6)).photos == 1

    def test_tree_goes_from_below(self) -> None:
        fonds = make_collection()
        series = create_collection(owner=fonds.owner, title="Series", parent=fonds)
        make_photo(collection=series)
        make_photo(collection=fonds)
        delete_collection(collection=series, actor=fonds.owner)
        delete_collection(collection=fonds, actor=fonds.owner)
        assert str(empty_bin(now=later(31))) == "2 photos and 2 collections purged, 0 held"
        assert not Collection.objects.exists()
        assert Event.objects.filter(kind=EventKind.COLLECTION_PURGED).count() == 2

    def test_interrupted_purge_is_gone_on_with(self, monkeypatch: pytest.MonkeyPatch) -> None:
        collection = make_collection()
        for _ in range(3):
            make_photo(collection=collection)
        delete_collection(collection=collection, actor=collection.owner)
        first = Photo.objects.order_by().first()
        assert first is not None
        first.delete()
        assert purge_collection(collection=collection) == 2
        assert not Collection.objects.exists()
