"""What a worker runs: a real small network from original to result, and every way to fail."""

import time
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
import torch
from django.utils import timezone
from django_q.exceptions import TimeoutException
from PIL import Image

from archive.files.storage import Area, sha256_of
from archive.models import Rendition
from archive.services import purge_photo, sweep_leftovers
from mlcore.inference import Restorer
from restoration.models import ModelVersion, Restoration
from restoration.running import engine
from restoration.running.heartbeat import Heartbeat
from restoration.running.loaded_models import DECIDING
from restoration.running.stored_files import files_of
from restoration.services import claim_restoration
from restoration.tasks import run_restoration, sweep
from tests import pictures
from tests.factories import make_photo, make_restoration
from tests.restoration.conftest import save_untrained
from tests.stored import rendition_path, result_path, stored_path

QUEUED, RUNNING, DONE, FAILED, _CANCELLED = Restoration.Status.values


def queued(content: bytes | None = None) -> Restoration:
    return make_restoration(photo=make_photo(content=content), status=QUEUED)


def run(restoration: Restoration) -> str:
    answer = run_restoration(str(restoration.id))
    restoration.refresh_from_db()
    return answer


@pytest.mark.django_db
def test_a_queued_restoration_is_done_with_all_its_provenance(model_version):
    restoration = queued(pictures.png(pictures.scratched(pictures.portrait())))
    assert run(restoration) == "done"
    assert (restoration.status, restoration.progress, restoration.error_code) == (DONE, 100, "")
    assert restoration.model_version == model_version
    assert restoration.code_version == engine.code_version()
    parameters = restoration.parameters
    assert {*DECIDING, "invention_passes"} < set(parameters)
    assert (parameters["device"], parameters["quick"]) == ("cpu", False)
    path = result_path(restoration)
    assert sha256_of(path) == restoration.result_sha256
    assert path.stat().st_size == restoration.result_byte_size
    assert restoration.result_media_type == "image/png"
    original = np.asarray(Image.open(stored_path(Area.ORIGINALS, restoration.original_sha256)))
    result = np.asarray(Image.open(path))
    assert result.shape == (restoration.result_height, restoration.result_width, 3) == original.shape
    different = np.abs(original.astype(int) - result)
    assert 0 < restoration.change_report["share_changed"] == (different.max(axis=2) > 0).mean()
    assert restoration.change_report["max_change"] == different.max()
    assert restoration.change_report["mean_change"] == pytest.approx(different.mean())
    # More than an interpreter with torch could do without, less than this machine has.
    assert 50e6 < restoration.peak_memory_bytes < 50e9
    assert restoration.requested_at <= restoration.started_at <= restoration.finished_at
    for kind in Rendition.Kind:
        with Image.open(rendition_path(restoration.result_sha256, kind)) as image:
            assert max(image.size) == 160


@pytest.mark.django_db
def test_the_same_original_gives_the_same_repair_again(model_version):
    """The results say when they were asked for, and so they differ."""
    first = queued()
    run(first)
    second = make_restoration(photo=first.photo, status=QUEUED)
    Restoration.objects.filter(pk=second.pk).update(requested_at=first.requested_at + timedelta(seconds=1))
    run(second)
    assert first.repair_sha256 == second.repair_sha256
    assert first.result_sha256 != second.result_sha256


@pytest.mark.django_db
def test_an_attempt_that_died_is_repeated_with_the_same_bytes(model_version):
    restoration = queued()
    run(restoration)
    first = files_of(restoration)
    Restoration.objects.update(status=QUEUED, repair_sha256="", layers={})
    run(restoration)
    assert files_of(restoration) == first


@pytest.mark.django_db
def test_a_message_that_comes_twice_does_nothing_the_second_time(model_version):
    restoration = queued()
    assert run(restoration) == "done"
    finished_at = restoration.finished_at
    assert run(restoration) == "nothing to do"
    assert (restoration.attempts, restoration.finished_at) == (1, finished_at)


@pytest.mark.django_db
def test_without_a_model_it_fails_with_a_sentence():
    restoration = queued()
    assert run(restoration) == "restoration:model:none"
    assert (restoration.status, restoration.error_code) == (FAILED, "restoration:model:none")
    assert restoration.error_message.startswith("No model is registered")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda path: path.unlink(), "restoration:model:missing"),
        (lambda path: path.write_bytes(b"not weights"), "restoration:model:unreadable"),
        (lambda path: save_untrained(path, seed=2), "restoration:model:changed"),
    ],
)
def test_weights_that_are_not_as_registered_are_not_used(tmp_path, harm, code):
    path = save_untrained(tmp_path / "weights.safetensors", seed=1)
    ModelVersion.objects.create(
        name="a", version="1", weights_path=str(path), weights_sha256=sha256_of(path), is_default=True
    )
    harm(path)
    restoration = queued()
    assert run(restoration) == code
    assert restoration.error_code == code


@pytest.mark.django_db
def test_an_original_that_changed_on_disk_is_not_used(model_version):
    restoration = queued()
    path = stored_path(Area.ORIGINALS, restoration.original_sha256)
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    assert run(restoration) == "restoration:engine:original-changed"
    path.unlink()
    again = make_restoration(photo=restoration.photo, status=QUEUED)
    assert run(again) == "restoration:engine:original-missing"


@pytest.mark.django_db
def test_a_timeout_is_recorded_although_it_is_no_exception(model_version, monkeypatch):
    """django-q2 raises SystemExit out of whatever is running; here while the network computes."""

    def out_of_time(*args: object, **kwargs: object) -> None:
        raise TimeoutException("Task exceeded maximum timeout value (1800 seconds)")

    monkeypatch.setattr(Restorer, "restore_file", out_of_time)
    restoration = queued()
    with pytest.raises(SystemExit):
        run_restoration(str(restoration.id))
    restoration.refresh_from_db()
    assert (restoration.status, restoration.error_code) == (FAILED, "restoration:engine:timeout")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "step", ["load_restorer", "adopt_kept", "warnings_for", "code_version", "adopt", "write_renditions"]
)
def test_a_bug_at_any_step_fails_the_row_and_keeps_the_traceback(model_version, monkeypatch, step):
    def crash(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError(step)

    monkeypatch.setattr(engine, step, crash)
    restoration = queued()
    with pytest.raises(ZeroDivisionError, match=step):
        run_restoration(str(restoration.id))
    restoration.refresh_from_db()
    assert (restoration.status, restoration.error_code) == (FAILED, "restoration:engine:unexpected")
    monkeypatch.undo()
    again = make_restoration(photo=restoration.photo, status=QUEUED)
    assert run(again) == "done"


@pytest.mark.django_db
def test_too_little_memory_has_a_code_of_its_own(model_version, monkeypatch):
    def no_memory(*args: object, **kwargs: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Restorer, "restore_file", no_memory)
    restoration = queued()
    assert run(restoration) == "restoration:engine:out-of-memory"


@pytest.mark.django_db
def test_a_photo_deleted_meanwhile_leaves_no_files(
    model_version, monkeypatch, django_capture_on_commit_callbacks, media_root
):
    restoration = queued()
    original_write = engine.write_renditions

    def delete_then_write(*args: object) -> object:
        with django_capture_on_commit_callbacks(execute=True):
            purge_photo(photo=restoration.photo, actor=restoration.photo.uploaded_by)
        return original_write(*args)

    monkeypatch.setattr(engine, "write_renditions", delete_then_write)
    assert run_restoration(str(restoration.id)) == "restoration:lease:lost"
    sweep_leftovers(now=timezone.now() + timedelta(hours=2))
    assert [path for path in media_root.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_a_worker_stops_as_soon_as_it_learns_that_it_lost_its_lease(model_version):
    restoration = queued()
    claimed = claim_restoration(restoration_id=UUID(str(restoration.id)))
    Restoration.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert sweep().startswith("1 queued again, 0 quarantined, 0 lost messages sent again")
    with Heartbeat(claimed) as beating, pytest.raises(Exception, match="Another worker") as lost:
        beating.progress(10)
    assert lost.value.code == "restoration:lease:lost"


@pytest.mark.django_db
def test_progress_is_written_at_most_once_a_second(django_assert_num_queries):
    claimed = make_restoration(status=RUNNING)
    with Heartbeat(claimed) as beating, django_assert_num_queries(1):
        for percent in range(5, 95):
            beating.progress(percent)
    assert Restoration.objects.get().progress == 5


@pytest.mark.django_db(transaction=True)
def test_the_heart_beats_while_the_network_says_nothing(settings):
    settings.PULIH_LEASE_SECONDS = 0.6
    claimed = make_restoration(status=RUNNING)
    with Heartbeat(claimed):
        time.sleep(1.2)
        assert not Restoration.objects.lease_expired(timezone.now()).exists()
    time.sleep(0.7)
    assert Restoration.objects.lease_expired(timezone.now()).exists()


@pytest.mark.django_db
def test_the_model_is_loaded_once_for_many_photos(model_version, monkeypatch):
    loads = []
    load = Restorer.from_checkpoint

    def counted(path: object, **options: object) -> Restorer:
        loads.append(path)
        return load(path, **options)

    monkeypatch.setattr(Restorer, "from_checkpoint", counted)
    for _ in range(3):
        assert run(queued()) == "done"
    assert loads == [model_version.weights_file]


@pytest.mark.django_db
@pytest.mark.parametrize("threads", [1, 2])
def test_threads_can_be_limited(model_version, settings, threads):
    settings.PULIH_TORCH_THREADS = threads
    restoration = queued()
    run(restoration)
    assert restoration.parameters["threads"] == torch.get_num_threads() == threads


@pytest.mark.django_db
def test_nothing_is_left_in_the_working_folder_whether_it_went_well_or_not(
    model_version, monkeypatch, media_root
):
    run(queued())
    monkeypatch.setattr(engine, "write_renditions", None)
    with pytest.raises(TypeError):
        run_restoration(str(queued().id))
    sweep_leftovers(now=timezone.now() + timedelta(hours=2))
    assert list((media_root / "incoming").iterdir()) == []
