"""What `manage.py pulih_doctor` says of the default model."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from archive.queue.queues import Queue
from restoration.models import ModelVersion
from tests.operation.diagnosis import said, trouble, well

__all__ = ["well"]

pytestmark = pytest.mark.django_db


def test_a_model_that_is_missing_changed_or_no_model(model_version: ModelVersion, tmp_path: Path) -> None:
    good = model_version.weights_file.read_bytes()
    path = tmp_path / "weights.safetensors"
    ModelVersion.objects.update(weights_path=str(path))
    assert trouble("model") == [("broken", "model file")]
    assert "is missing" in said("model file", "model")
    path.write_bytes(good[:-1])
    assert "is not the file that was registered" in said("model file", "model")
    ModelVersion.objects.update(is_default=False)
    assert "manage.py register_model" in said("model", "model")


def test_the_doctor_says_where_the_model_ran_and_why(
    model_version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "on cpu, by PULIH_DEVICE=auto" in said("model", "model")


def test_a_machine_that_restores_nothing_needs_no_model(settings: Settings) -> None:
    settings.PULIH_QUEUES = (Queue.GENERAL,)
    assert trouble("model") == []
    assert "other machines" in said("model", "model")
