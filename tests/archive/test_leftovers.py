"""What something broken off leaves: nobody's file goes, and nobody's file stays."""

from __future__ import annotations

import contextlib
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from archive.files.placing_notes import notes_in
from archive.files.storage import Area, incoming_folder, place, placing, sha256_of, store
from archive.models import Photo
from archive.models.ingest import uploads_folder
from archive.services import sweep_leftovers
from tests.factories import make_collection, make_photo
from tests.stored import path_of, stored_path

HOUR = timedelta(hours=1)


def placed(content: bytes) -> Path:
    path = incoming_folder() / "part"
    path.write_bytes(content)
    return path_of(place(path, area=Area.ORIGINALS, sha256=sha256_of(path)))


def broken_off(content: bytes) -> Path:
    """A file whose row never came."""
    with contextlib.suppress(ZeroDivisionError), placing():
        path = placed(content)
        raise ZeroDivisionError
    return path


@pytest.mark.django_db
class TestSweep:
    def test_a_file_whose_row_never_came_goes_in_an_hour(self) -> None:
        path = broken_off(b"nobody's")
        assert sweep_leftovers() == 0
        assert path.exists()
        assert sweep_leftovers(now=timezone.now() + 2 * HOUR) == 1
        assert not path.exists()
        assert notes_in(store()) == {}

    def test_a_file_that_a_row_names_stays(self) -> None:
        photo = make_photo()
        path = stored_path(Area.ORIGINALS, photo.original.sha256)
        assert broken_off(path.read_bytes()) == path
        assert sweep_leftovers(now=timezone.now() + 2 * HOUR) == 0
        assert path.exists()
        assert notes_in(store()) == {}

    def test_a_file_that_somebody_is_about_to_name_stays(self) -> None:
        path = broken_off(b"wanted again")
        (old,) = incoming_folder().iterdir()
        for each in [*old.iterdir(), old]:
            os.utime(each, (time.time() - 7200,) * 2)
        with placing():
            placed(b"wanted again")
            assert sweep_leftovers() == 0
            assert path.exists()

    def test_a_stranger_that_no_note_tells_of_is_left_for_people_to_judge(self) -> None:
        path = placed(b"put here by hand")
        assert sweep_leftovers(now=timezone.now() + timedelta(days=9)) == 0
        assert path.exists()

    def test_what_never_got_a_name_goes_in_two_days_but_uploads_have_their_own_time(self) -> None:
        folder = incoming_folder() / "bag-of-a-dead-worker"
        folder.mkdir()
        (folder / "half").write_bytes(b"half")
        (incoming_folder() / "tmp123").write_bytes(b"half")
        upload = uploads_folder() / "goes-on"
        upload.write_bytes(b"some")
        assert sweep_leftovers(now=timezone.now() + timedelta(days=1)) == 0
        assert sweep_leftovers(now=timezone.now() + timedelta(days=3)) == 2
        assert sorted(incoming_folder().iterdir()) == [uploads_folder()]
        assert upload.exists()

    def test_what_goes_well_leaves_no_note(self) -> None:
        make_photo(collection=make_collection())
        assert Photo.objects.count() == 1
        assert list(incoming_folder().iterdir()) == []
