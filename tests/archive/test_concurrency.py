"""Uploads and deletions that happen at the same moment, each on a connection of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from archive.errors import InputError
from archive.files.storage import Area
from archive.models import Collection, Original, Photo
from archive.services import purge_photo
from tests import pictures
from tests.at_once import at_once
from tests.factories import make_collection, make_photo
from tests.stored import stored_path

pytestmark = pytest.mark.django_db(transaction=True)


def upload_to(collection: Collection) -> Callable[[], Photo]:
    return lambda: make_photo(collection=collection, content=pictures.png())


def test_same_file_into_one_collection_is_taken_once() -> None:
    collection = make_collection()
    outcomes = at_once(*[upload_to(collection)] * 4)
    refused = [outcome for outcome in outcomes if isinstance(outcome, InputError)]
    assert [error.code for error in refused] == ["archive:photo:duplicate"] * 3
    assert [type(outcome) for outcome in outcomes].count(Photo) == 1
    assert Photo.objects.count() == 1


def test_same_file_into_several_collections_is_stored_once(media_root: Path) -> None:
    outcomes = at_once(*[upload_to(make_collection()) for _ in range(4)])
    assert {type(outcome) for outcome in outcomes} == {Photo}
    assert Original.objects.count() == 1
    assert len([path for path in media_root.rglob("*") if path.is_file()]) == 3


@pytest.mark.parametrize("attempt", range(5))
def test_deletion_and_upload_of_the_same_file_never_lose_it(attempt: int) -> None:
    first = make_photo(content=pictures.png())
    collection = make_collection()
    outcomes = at_once(
        upload_to(collection),
        lambda: purge_photo(photo=first, actor=first.uploaded_by),
        upload_to(make_collection()),
    )
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    original = Original.objects.get()
    assert original.photos.count() == 2
    assert stored_path(Area.ORIGINALS, original.sha256).read_bytes() == pictures.png()
    assert original.renditions.count() == 2
