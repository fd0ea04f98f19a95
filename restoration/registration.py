"""From a weights file to a row of the registry."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from restoration import engine
from restoration.models import ModelVersion
from restoration.services import register_model


def register_weights(path: Path, *, name: str | None = None, version: str | None = None) -> ModelVersion:
    """Register the file by what it says of itself; `name` and `version` default to its name and its hash.

    The path is kept relative to the project where it lies inside, so that the project can be moved. Raises
    EngineError when the file is missing or unreadable, StateError when the name is taken by another file.
    """
    path = path.absolute()
    described = engine.describe_weights(path)
    base = Path(settings.BASE_DIR)
    return register_model(
        name=name or path.stem,
        version=version or described.sha256[:12],
        weights_path=str(path.relative_to(base) if path.is_relative_to(base) else path),
        weights_sha256=described.sha256,
        figures=described.metadata.get("val") or {},
    )
