"""reproduce_restoration: the same bytes again from what the row keeps, and a plain word where not."""

import io
from uuid import uuid4

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from restoration.models import ModelVersion, Restoration
from restoration.running.stored_files import Kept
from restoration.services import request_strength
from restoration.tasks import run_restoration
from tests import pictures
from tests.factories import make_photo, make_restoration
from tests.restoration.conftest import save_untrained
from tests.stored import kept_path

pytestmark = pytest.mark.django_db

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


def run(restoration: Restoration) -> Restoration:
    assert run_restoration(str(restoration.pk)) == "done"
    restoration.refresh_from_db()
    return restoration


@pytest.fixture
def restoration(model_version) -> Restoration:
    """Restored by a worker, a JPEG with a hand, at less than full strength: nothing is at its default."""
    values = np.zeros((160, 128), np.uint8)
    values[:40], values[120:] = 255, 128
    photo = make_photo(content=pictures.jpeg(pictures.scratched(pictures.portrait())))
    hand = pictures.png(Image.fromarray(values))
    return run(make_restoration(photo=photo, status=QUEUED, hand=hand, strength=80))


def reproduce(restoration: Restoration) -> list[str]:
    out = io.StringIO()
    call_command("reproduce_restoration", str(restoration.pk), stdout=out)
    return out.getvalue().splitlines()


def failing(restoration_id: object) -> tuple[str, list[str]]:
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("reproduce_restoration", str(restoration_id), stdout=out)
    assert error.value.returncode == 1
    return str(error.value), out.getvalue().splitlines()


def test_the_same_bytes_again(restoration, media_root):
    stored = {path: path.stat().st_mtime_ns for path in media_root.rglob("*") if path.is_file()}
    assert reproduce(restoration) == [
        f"result: identical, SHA-256 {restoration.result_sha256}",
        f"repair: identical, SHA-256 {restoration.repair_sha256}",
        "The restoration was reproduced, byte for byte.",
    ]
    assert {path: path.stat().st_mtime_ns for path in media_root.rglob("*") if path.is_file()} == stored


def test_a_blend_is_rendered_again_from_its_repair(restoration):
    version = run(request_strength(restoration=restoration, requested_by=None, strength=30))
    assert reproduce(version) == [
        f"result: identical, SHA-256 {version.result_sha256}",
        "The restoration was reproduced, byte for byte.",
    ]


def test_a_thorough_one_is_made_thoroughly_again(model_version):
    photo = make_photo(content=pictures.png(pictures.scratched(pictures.portrait())))
    restoration = run(make_restoration(photo=photo, status=QUEUED, thorough=True))
    assert reproduce(restoration)[-1] == "The restoration was reproduced, byte for byte."
    restoration.parameters["looks"] = 1
    restoration.save()
    assert failing(restoration.pk)[1][0].startswith("result: differs")


def test_one_that_was_made_before_there_were_several_looks_had_one(restoration):
    del restoration.parameters["looks"]
    restoration.save()
    lines = reproduce(restoration)
    assert (len(lines), lines[-1]) == (3, "The restoration was reproduced, byte for byte.")


def test_the_settings_of_today_do_not_matter(restoration, settings):
    settings.PULIH_TILE, settings.PULIH_TORCH_THREADS, settings.PULIH_INVENTION_PASSES = 2048, 2, 0
    assert reproduce(restoration)[-1] == "The restoration was reproduced, byte for byte."


def test_what_differs_is_named(restoration):
    kept = restoration.result_sha256
    Restoration.objects.update(result_sha256="0" * 64, code_version="sources-sha256:of-long-ago")
    message, lines = failing(restoration.pk)
    assert message == "The restoration was not reproduced."
    assert lines[0] == f"result: differs, SHA-256 {kept} instead of {'0' * 64}"
    assert lines[1] == f"repair: identical, SHA-256 {restoration.repair_sha256}"
    assert lines[2].startswith("code version: sources-sha256:of-long-ago then, sources-sha256:")


def test_other_weights_are_not_used(restoration, tmp_path):
    other = save_untrained(tmp_path / "other.safetensors", seed=5)
    ModelVersion.objects.update(weights_path=str(other))
    message, _ = failing(restoration.pk)
    assert message.endswith("[restoration:model:changed]")


def test_without_its_hand_it_is_not_tried(restoration):
    kept_path(restoration, Kept.HAND).unlink()
    assert failing(restoration.pk)[0].endswith("[restoration:engine:hand-missing]")


@pytest.mark.parametrize("status", [QUEUED, RUNNING, FAILED])
def test_only_what_is_done_can_be_made_again(status):
    assert failing(make_restoration(status=status).pk)[0].endswith("[restoration:reproduction:not-done]")


def test_what_was_made_before_repairs_were_kept_cannot_be(restoration):
    Restoration.objects.update(repair_sha256="")
    assert failing(restoration.pk)[0].endswith("[restoration:reproduction:too-old]")


def test_one_that_does_not_exist_is_told():
    assert failing(uuid4())[0].endswith("[restoration:reproduction:unknown]")
