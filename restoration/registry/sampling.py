"""Making sample pictures and restoring them. Only workers and commands come here: it loads torch."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from django.utils import timezone

from archive.files.storage import Area, StoredFile, incoming_folder, placing
from mlcore.benchmark_scores import measure
from mlcore.images import load_rgb
from mlcore.process_memory import give_back_freed
from restoration.models import ModelVersion, SamplePicture
from restoration.registry.sample_pictures import SAMPLES, SEED, clean_picture, damaged_picture
from restoration.running import engine
from restoration.running.loaded_models import load_restorer
from restoration.running.making import marking
from restoration.running.stored_files import PNG, result_suffix
from restoration.services import add_sample_picture, add_sample_result


def restore_samples(model_version: ModelVersion) -> None:
    """Restore every sample that the model has not restored yet, one after the other, each kept at once.

    Raises EngineError as `load_restorer` does.
    """
    done = set(model_version.sample_results.values_list("sample_id", flat=True))
    try:
        for sample in _samples():
            if sample.pk not in done:
                with placing():
                    _restore(model_version, sample)
    finally:
        give_back_freed()


def _samples() -> Iterator[SamplePicture]:
    """The sample pictures in their order, made where they are missing."""
    known = {(sample.name, sample.level): sample for sample in SamplePicture.objects.all()}
    for name, level in SAMPLES:
        sample = known.get((name, level))
        if sample is None:
            with placing():
                sample = _make(name, level)
        yield sample


def _make(name: str, level: str) -> SamplePicture:
    clean = io.BytesIO()
    image = clean_picture(name)
    image.save(clean, format="PNG")
    return add_sample_picture(
        name=name,
        level=level,
        clean_sha256=_store_picture(clean.getvalue()),
        degraded_sha256=_store_picture(damaged_picture(name, level)),
        width=image.width,
        height=image.height,
    )


def _restore(model_version: ModelVersion, sample: SamplePicture) -> None:
    """As a photo is restored: same network, same files, same storage."""
    restorer = load_restorer(model_version)
    torch.manual_seed(SEED)
    with (
        _picture(sample.degraded_sha256).local_copy() as degraded,
        _picture(sample.clean_sha256).local_copy() as clean,
        tempfile.TemporaryDirectory(dir=incoming_folder()) as folder,
    ):
        path = Path(folder) / "result"
        restorer.restore_file(
            degraded, path, marking=marking(model_version, timezone.now()), scratch=Path(folder)
        )
        measures = measure(load_rgb(path), load_rgb(clean), None)
        result_sha256, _byte_size = engine.store_result(path, PNG)
    add_sample_result(
        model_version=model_version,
        sample=sample,
        result_sha256=result_sha256,
        measures=measures,
        code_version=engine.code_version(),
    )


def _picture(sha256: str) -> StoredFile:
    return StoredFile(Area.RESULTS, sha256, result_suffix(PNG))


def _store_picture(content: bytes) -> str:
    """Put a PNG and its renditions into storage; its SHA-256."""
    with tempfile.TemporaryDirectory(dir=incoming_folder()) as folder:
        path = Path(folder) / "picture"
        path.write_bytes(content)
        sha256, _byte_size = engine.store_result(path, PNG)
    return sha256
