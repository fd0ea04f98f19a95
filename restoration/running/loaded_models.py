"""Models as workers and commands use them: loaded once and kept, and proved when they are registered.

Importing this module loads torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from mlcore.checkpoints import load_generator
from mlcore.errors import CheckpointError
from mlcore.inference import MOST_LOOKS, Restorer
from restoration import messages
from restoration.models import ModelVersion

DECIDING = ("device", "engine", "quick", "looks", "tile", "overlap", "threads")
"""Which of `Restorer.parameters()` a Restorer is built with again, so that it makes the same bytes."""

_REFUSALS = {
    "mlcore:checkpoint:missing": "restoration:model:missing",
    "mlcore:checkpoint:foreign": "restoration:model:foreign",
    "mlcore:checkpoint:mismatch": "restoration:model:mismatch",
}


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """What a weights file is: its hash, and the architecture as ModelVersion keeps it."""

    sha256: str
    architecture: dict[str, Any]


_loaded: dict[tuple[object, ...], Restorer] = {}


def load_restorer(model_version: ModelVersion, *, quick: bool = False, thorough: bool = False) -> Restorer:
    """The model as the settings want it, ready to use; kept for this process's next photo.

    Raises EngineError `restoration:model:missing`, `:unreadable`, `:changed` (other bytes than were
    registered) or `:unsuited` (device, engine, quick, thorough or tile do not go with this machine or kind of
    network).
    """
    wanted = {
        "device": settings.PULIH_DEVICE,
        "engine": settings.PULIH_ENGINE,
        "quick": quick,
        "looks": MOST_LOOKS if thorough else 1,
        "tile": settings.PULIH_TILE,
        "threads": settings.PULIH_TORCH_THREADS,
    }
    key = (model_version.weights_sha256, *wanted.values())
    if key not in _loaded:
        # One model at a time: the next one replaces its predecessor, and weights are the larger part of
        # memory.
        forget_restorers()
        _loaded[key] = build_restorer(model_version, **wanted)
    return _loaded[key]


def build_restorer(model_version: ModelVersion, **options: Any) -> Restorer:
    """The model, loaded with `Restorer.from_checkpoint`'s options. EngineError as `load_restorer`."""
    if not model_version.weights_file.is_file():
        raise messages.engine_error("restoration:model:missing")
    try:
        restorer = Restorer.from_checkpoint(model_version.weights_file, **options)
    except CheckpointError as error:
        raise messages.engine_error("restoration:model:unreadable") from error
    except ValueError as error:
        raise messages.engine_error("restoration:model:unsuited") from error
    if restorer.sha256 != model_version.weights_sha256:
        raise messages.engine_error("restoration:model:changed")
    return restorer


def forget_restorers() -> None:
    """Give the memory of loaded models back."""
    _loaded.clear()


def describe_weights(path: Path) -> WeightsFile:
    """Hash and architecture of a weights file, whose network is built and filled to prove that it can be.

    Only safetensors are read, which hold numbers and no code. Raises EngineError
    `restoration:model:missing`, `:unreadable`, `:foreign` or `:mismatch`.
    """
    if not path.is_file():
        raise messages.engine_error("restoration:model:missing")
    try:
        loaded = load_generator(path)
    except CheckpointError as error:
        code = _REFUSALS.get(error.code, "restoration:model:unreadable")
        raise messages.engine_error(code) from error
    except (ValueError, TypeError, AttributeError) as error:  # a header that is no header of ours
        raise messages.engine_error("restoration:model:foreign") from error
    parts = {
        name: sum(parameter.numel() for parameter in part.parameters())
        for name, part in loaded.generator.named_children()
    }
    total = sum(parameter.numel() for parameter in loaded.generator.parameters())
    architecture = {
        "generator": loaded.name,
        "options": loaded.options,
        "parameters": {name: count for name, count in parts.items() if count} | {"total": total},
    }
    return WeightsFile(loaded.sha256, architecture)
