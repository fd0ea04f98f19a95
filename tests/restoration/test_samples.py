"""The sample pictures: restored in the background by each model, kept, and found again after accidents."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image

from archive.files.storage import Area
from restoration.models import SamplePicture, SampleResult, SampleRun
from restoration.registry import sample_pictures, sampling
from restoration.registry.registration import register_weights
from restoration.registry.sample_pictures import SAMPLES
from restoration.running.stored_files import StoredFiles
from restoration.services import (
    claim_sample_run,
    discard_unused_files,
    request_samples,
    sweep_sample_runs,
)
from restoration.tasks import restore_samples
from tests.factories import make_model_version, make_sample_results
from tests.restoration.conftest import save_untrained
from tests.stored import stored_path

pytestmark = pytest.mark.django_db

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = SampleRun.Status.values


@pytest.fixture
def two_samples(monkeypatch):
    """The colour and the grey picture are enough."""
    chosen = (("chelsea", "medium"), ("camera", "medium"))
    monkeypatch.setattr(sampling, "SAMPLES", chosen)
    return chosen


def restore(model_version) -> SampleRun:
    request_samples(model_version=model_version)
    restore_samples(str(model_version.pk))
    return SampleRun.objects.get(pk=model_version.pk)


def pixels(sha256: str):
    with Image.open(stored_path(Area.RESULTS, sha256, ".png")) as image:
        return image.mode, np.asarray(image)


def test_every_sample_is_damaged_restored_and_measured(model_version, two_samples):
    run = restore(model_version)
    assert (run.status, run.attempts, run.error_code) == (DONE, 1, "")
    assert set(SamplePicture.objects.values_list("name", "level")) == set(two_samples)
    for result in SampleResult.objects.select_related("sample"):
        mode, restored = pixels(result.result_sha256)
        clean_mode, clean = pixels(result.sample.clean_sha256)
        _mode, degraded = pixels(result.sample.degraded_sha256)
        assert mode == clean_mode == ("L" if result.sample.name == "camera" else "RGB")
        assert restored.shape == clean.shape == degraded.shape
        assert (degraded != clean).any()
        error = ((restored.astype(float) - clean) ** 2).mean() / 255**2
        assert result.measures["psnr"] == pytest.approx(-10 * np.log10(error), abs=0.01)
        assert set(result.measures) == {"psnr", "ssim"}


def test_a_second_model_gets_the_very_same_pictures_whatever_the_generator_has_become(
    model_version, monkeypatch, tmp_path
):
    monkeypatch.setattr(sampling, "SAMPLES", (("chelsea", "medium"),))
    restore(model_version)
    monkeypatch.setattr(sampling, "damaged_picture", None)
    other = register_weights(save_untrained(tmp_path / "other.safetensors", seed=7))
    assert restore(other).status == DONE
    first, second = SampleResult.objects.all()
    assert first.sample == second.sample
    assert first.result_sha256 != second.result_sha256


def test_what_was_restored_already_is_not_restored_again(model_version, two_samples, monkeypatch):
    restore(model_version)
    kept = set(SampleResult.objects.values_list("pk", "created_at"))
    SampleRun.objects.update(status=QUEUED)
    monkeypatch.setattr("restoration.registry.sampling.load_restorer", None)
    restore_samples(str(model_version.pk))
    assert SampleRun.objects.get().status == DONE
    assert set(SampleResult.objects.values_list("pk", "created_at")) == kept


def test_a_missing_file_is_told_and_can_be_tried_again(two_samples):
    run = restore(make_model_version())
    assert (run.status, run.error_code) == (FAILED, "restoration:model:missing")
    assert run.failure_sentence == "The model's weights file is missing."
    again = request_samples(model_version=run.model_version)
    assert (again.status, again.attempts, again.error_code) == (QUEUED, 0, "")


@pytest.mark.parametrize(
    ("accident", "code"),
    [
        (MemoryError(), "out-of-memory"),
        (SystemExit(), "timeout"),
        (RuntimeError("surprise"), "unexpected"),
    ],
)
def test_every_accident_ends_in_a_failed_run(model_version, monkeypatch, accident, code):
    def fail(*_arguments):
        raise accident

    monkeypatch.setattr(sampling, "restore_samples", fail)
    request_samples(model_version=model_version)
    if isinstance(accident, MemoryError):
        restore_samples(str(model_version.pk))
    else:
        with pytest.raises(type(accident)):
            restore_samples(str(model_version.pk))
    run = SampleRun.objects.get()
    assert (run.status, run.error_code) == (FAILED, f"restoration:engine:{code}")


def test_asked_for_twice_is_queued_once(django_capture_on_commit_callbacks):
    model_version = make_model_version()
    with django_capture_on_commit_callbacks(execute=True):
        request_samples(model_version=model_version)
        request_samples(model_version=model_version)
    assert [message.func() for message in OrmQ.objects.all()] == ["restoration.tasks.restore_samples"]
    assert claim_sample_run(model_version_id=model_version.pk) == model_version
    assert claim_sample_run(model_version_id=model_version.pk) is None
    assert restore_samples(str(model_version.pk)) == "nothing to do"


def test_a_run_whose_worker_died_comes_back_until_its_attempts_are_used_up(
    settings, django_capture_on_commit_callbacks
):
    settings.PULIH_MAX_ATTEMPTS = 2
    model_version = make_model_version()
    request_samples(model_version=model_version)
    later = timezone.now() + timedelta(seconds=settings.Q_CLUSTER["timeout"] + 1)
    for attempt, (queued_again, status) in enumerate([(1, QUEUED), (0, FAILED)], start=1):
        claim_sample_run(model_version_id=model_version.pk)
        assert sweep_sample_runs() == 0  # its lease still holds
        with django_capture_on_commit_callbacks(execute=True):
            assert sweep_sample_runs(now=later) == queued_again
        run = SampleRun.objects.get()
        assert (run.status, run.attempts) == (status, attempt)
    assert run.error_code == "restoration:attempts:exhausted"
    assert OrmQ.objects.count() == 1


def test_a_run_whose_message_was_lost_is_queued_again(django_capture_on_commit_callbacks):
    request_samples(model_version=make_model_version())
    assert sweep_sample_runs() == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_sample_runs(now=timezone.now() + timedelta(minutes=11)) == 1
    assert OrmQ.objects.count() == 1


def test_a_result_that_a_sample_shows_stays_when_a_photo_with_the_same_one_goes():
    result = make_sample_results(make_model_version())[0]
    path = stored_path(Area.RESULTS, result.result_sha256, ".png")
    files = StoredFiles(
        original_sha256="0" * 64,
        result_sha256=result.result_sha256,
        result_media_type="image/png",
        kept={},
    )
    discard_unused_files(files=files)
    assert path.is_file()
    result.delete()
    discard_unused_files(files=files)
    assert not path.exists()


def test_every_sample_has_a_title_and_a_picture_that_comes_with_scikit_image():
    assert {name for name, _level in SAMPLES} == set(sample_pictures.TITLES)
    assert {sample_pictures.clean_picture(name).mode for name, _level in SAMPLES} == {"RGB", "L"}
