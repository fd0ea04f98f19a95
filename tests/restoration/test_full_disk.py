"""A disk that is full when a result is to be stored: said, nothing left behind, done when there is room."""

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from archive.services import sweep_leftovers
from restoration.models import ModelVersion, Restoration
from restoration.running import engine
from restoration.services import retry_restorations
from restoration.tasks import run_restoration
from tests.factories import make_collection, make_photo, make_restoration

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["make_with_network", "adopt_kept", "write_renditions", "adopt"])
def test_a_full_disk_fails_the_row_with_its_own_code_and_it_can_be_retried(
    model_version: ModelVersion, monkeypatch: pytest.MonkeyPatch, media_root: Path, step: str
) -> None:
    album = make_collection(auto_restore=False)
    restoration = make_restoration(photo=make_photo(collection=album), status=QUEUED)

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(engine, step, full)
        assert run_restoration(str(restoration.id)) == "restoration:engine:no-room"
    restoration.refresh_from_db()
    assert (restoration.status, restoration.error_code) == (FAILED, "restoration:engine:no-room")
    assert restoration.error_message.startswith("There was no room left")
    sweep_leftovers(now=timezone.now() + timedelta(hours=2))
    assert [path for path in (media_root / "incoming").rglob("*") if path.is_file()] == []
    retry_restorations(restorations=Restoration.objects.all(), requested_by=album.owner)
    again = Restoration.objects.get(status=QUEUED)
    assert run_restoration(str(again.id)) == "done"
