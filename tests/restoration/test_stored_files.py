"""What is kept beside a result goes with the last row that names it, and not before."""

import numpy as np
import pytest
from PIL import Image

from archive.files.storage import Area, sha256_of
from archive.services import purge_photo
from restoration.errors import EngineError
from restoration.models import Restoration
from restoration.running.stored_files import LAYERS, Kept, files_of, kept_as, kept_file, result_suffix
from restoration.services import (
    claim_restoration,
    complete_restoration,
    discard_unused_files,
    request_restoration,
    request_strength,
)
from tests import pictures
from tests.factories import make_collection, make_outcome, make_photo, make_restoration
from tests.stored import kept_path, path_of, result_path, stored_path

pytestmark = pytest.mark.django_db

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


def hand(value: int = 255) -> bytes:
    values = np.zeros((160, 128), np.uint8)
    values[:20] = value
    return pictures.png(Image.fromarray(values))


def present(restoration: Restoration) -> set[Kept]:
    found = {kind: kept_file(restoration, kind) for kind in Kept}
    return {kind for kind, file in found.items() if file and file.exists()}


def delete(restoration: Restoration, committed) -> None:
    with committed(execute=True):
        restoration.delete()


def test_everything_has_its_place_under_its_own_checksum():
    restoration = make_restoration(hand=hand())
    assert present(restoration) == set(Kept)
    for kind, sha256 in files_of(restoration).kept.items():
        path = kept_path(restoration, kind)
        assert sha256_of(path) == sha256
        assert path.parts[-4] == "layers"
        assert path.name.startswith(sha256)
        assert path.suffix == (".tif" if kind is Kept.REPAIR else ".png")


def test_what_was_never_kept_has_no_file():
    assert present(make_restoration(status=QUEUED)) == set()
    assert present(make_restoration(status=QUEUED, hand=hand())) == {Kept.HAND}


def test_two_originals_never_share_a_kept_file():
    """Else a photo without damage could lose its mask when another one of the same size is deleted."""
    sha256 = "a" * 64
    first, second = (kept_as(Kept.MASK, sha256, original_sha256=letter * 64) for letter in "bc")
    assert first != second


def test_files_go_with_their_row(media_root, django_capture_on_commit_callbacks):
    restoration = make_restoration(hand=hand())
    photo = restoration.photo
    with django_capture_on_commit_callbacks(execute=True):
        purge_photo(photo=photo, actor=photo.uploaded_by)
    assert [path for path in media_root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("newer_first", [True, False])
def test_the_last_of_two_equal_rows_decides(django_capture_on_commit_callbacks, newer_first):
    first = make_restoration(hand=hand())
    content = make_photo(
        collection=make_collection(), content=_original(first), filename="the same original.png"
    )
    second = make_restoration(photo=content, hand=hand())
    assert files_of(first) == files_of(second)
    one, other = (second, first) if newer_first else (first, second)
    delete(one, django_capture_on_commit_callbacks)
    assert present(other) == set(Kept)
    assert result_path(other).is_file()
    delete(other, django_capture_on_commit_callbacks)
    assert present(other) == set()
    assert not result_path(other).exists()


def _original(restoration: Restoration) -> bytes:
    return stored_path(Area.ORIGINALS, restoration.original_sha256).read_bytes()


def test_a_version_of_another_strength_keeps_what_its_base_made(django_capture_on_commit_callbacks):
    base = make_restoration(hand=hand())
    version = request_strength(restoration=base, requested_by=None, strength=40)
    delete(base, django_capture_on_commit_callbacks)
    version.refresh_from_db()
    assert version.based_on is None
    assert present(version) == set(Kept)


def test_a_layer_that_serves_as_another_stays(django_capture_on_commit_callbacks):
    """An unchanged photo has an empty mask and an empty change: one file under two names."""
    first, second = make_restoration(), make_restoration(status=QUEUED)
    sha256 = first.layers["mask"]
    Restoration.objects.filter(pk=second.pk).update(
        layers={"change": sha256}, original_sha256=first.original_sha256
    )
    delete(first, django_capture_on_commit_callbacks)
    assert kept_as(Kept.MASK, sha256, original_sha256=first.original_sha256).exists()


def test_what_a_lost_worker_made_goes_but_not_the_hand_that_is_still_waiting():
    restoration = make_restoration(status=RUNNING, hand=hand())
    outcome = make_outcome(restoration)
    discard_unused_files(files=outcome.files(restoration.original_sha256))
    assert present(restoration) == {Kept.HAND}
    assert [file for file in outcome.files(restoration.original_sha256).each() if file.exists()] == []


@pytest.mark.parametrize("kind", [*LAYERS, Kept.REPAIR])
def test_a_run_whose_layer_is_gone_again_is_not_called_done(kind):
    restoration = request_restoration(photo=make_photo(), requested_by=None)
    claimed = claim_restoration(restoration_id=restoration.pk)
    outcome = make_outcome(claimed)
    files = outcome.files(claimed.original_sha256)
    path_of(kept_as(kind, files.kept[kind], original_sha256=files.original_sha256)).unlink()
    with pytest.raises(EngineError) as refused:
        complete_restoration(restoration=claimed, outcome=outcome)
    assert refused.value.code == "restoration:engine:result-missing"


def test_results_end_in_what_they_are():
    assert [result_suffix(f"image/{kind}") for kind in ("png", "tiff", "jpeg")] == [".png", ".tif", ".jpg"]
    with pytest.raises(ValueError, match="image/webp"):
        result_suffix("image/webp")
