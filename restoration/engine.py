"""The door to mlcore. Only worker processes and commands come through it: importing this module loads
torch.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from django.conf import settings

import mlcore
from archive.renditions import write_renditions
from archive.storage import Area, adopt, incoming_folder, sha256_of, stored_path
from mlcore.checkpoints import load_generator
from mlcore.errors import CheckpointError
from mlcore.images import Bytes
from mlcore.inference import Restorer, change_report
from restoration import messages, results
from restoration.models import ModelVersion, Restoration
from restoration.originals import SourceMetadata, as_rgb, in_its_colours, open_original
from restoration.process_memory import give_back_freed, peak_bytes, restart_peak
from restoration.services import Outcome

OVERLAP = 64
# Shares of the progress bar, in per cent: before the network, and after it.
PERCENT_OPENED = 5
PERCENT_COMPUTED = 95

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


def restore(restoration: Restoration, *, on_progress: Callable[[int], None]) -> Outcome:
    """Restore the photo's original, put result and renditions into storage, and return what happened.

    The same original, weights and code give the same bytes on the same platform, so an attempt that died
    after storing its result is simply repeated. `on_progress` gets per cent, 0 to 100. Raises EngineError.
    """
    restart_peak()
    try:
        return _restore(restoration, on_progress)
    finally:
        give_back_freed()


def _restore(restoration: Restoration, on_progress: Callable[[int], None]) -> Outcome:
    model_version = ModelVersion.objects.default().first()
    if model_version is None:
        raise messages.engine_error("restoration:model:none")
    restorer = load_restorer(model_version)
    original = open_original(_checked_original(restoration.original_sha256))
    on_progress(PERCENT_OPENED)

    def on_tile(done: int, total: int) -> None:
        on_progress(PERCENT_OPENED + (PERCENT_COMPUTED - PERCENT_OPENED) * done // total)

    torch.manual_seed(restoration.seed)
    restored = restorer.restore(original.pixels, on_tile, keep_mask=False).image
    written = in_its_colours(restored, original)
    result_sha256, byte_size = store_result(written, original.metadata)
    on_progress(100)
    return Outcome(
        model_version=model_version,
        code_version=code_version(),
        parameters={
            "tile": restorer.tile,
            "overlap": restorer.overlap,
            "device": str(restorer.device),
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
        },
        result_sha256=result_sha256,
        result_media_type=results.MEDIA_TYPE,
        result_byte_size=byte_size,
        result_width=written.shape[1],
        result_height=written.shape[0],
        change_report=change_report(original.pixels, as_rgb(written)),
        peak_memory_bytes=peak_bytes(),
    )


_loaded: dict[str, Restorer] = {}


def load_restorer(model_version: ModelVersion) -> Restorer:
    """The model, ready to use; kept for this process's next photo, by the weights' SHA-256.

    Raises EngineError `restoration:model:missing`, `:unreadable`, or `:changed` (other bytes than were
    registered).
    """
    wanted = model_version.weights_sha256
    if wanted not in _loaded:
        if settings.PULIH_TORCH_THREADS:
            torch.set_num_threads(settings.PULIH_TORCH_THREADS)
        if not model_version.weights_file.is_file():
            raise messages.engine_error("restoration:model:missing")
        try:
            restorer = Restorer.from_checkpoint(
                model_version.weights_file,
                device=settings.PULIH_DEVICE,
                tile=settings.PULIH_TILE,
                overlap=OVERLAP,
            )
        except CheckpointError as error:
            raise messages.engine_error("restoration:model:unreadable") from error
        if restorer.sha256 != wanted:
            raise messages.engine_error("restoration:model:changed")
        # One model at a time: a promoted one replaces its predecessor, and weights are the larger part of
        # memory.
        forget_restorers()
        _loaded[wanted] = restorer
    return _loaded[wanted]


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


@cache
def code_version() -> str:
    """Names the code that makes a result: SHA-256 over the sources of mlcore and of this module's
    neighbours.
    """
    package = Path(mlcore.__file__).parent
    sources = [
        *package.rglob("*.py"),
        Path(__file__),
        *(Path(__file__).with_name(n) for n in ("originals.py", "results.py")),
    ]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(
            source.relative_to(package.parent).as_posix().encode() + b"\0" + source.read_bytes() + b"\0"
        )
    return f"sources-sha256:{digest.hexdigest()[:16]}"


def _checked_original(sha256: str) -> Path:
    """Path of the original, read and compared with its name. Raises EngineError when it is gone or
    changed.
    """
    path = stored_path(Area.ORIGINALS, sha256)
    if not path.is_file():
        raise messages.engine_error("restoration:engine:original-missing")
    if sha256_of(path) != sha256:
        raise messages.engine_error("restoration:engine:original-changed")
    return path


def store_result(pixels: Bytes, metadata: SourceMetadata) -> tuple[str, int]:
    """Write (H, W, 3) or (H, W) uint8 and its renditions into storage; SHA-256 and size in bytes."""
    with tempfile.TemporaryDirectory(dir=incoming_folder()) as folder:
        path = Path(folder) / "result"
        results.write_result(path, pixels, metadata)
        sha256, byte_size = sha256_of(path), path.stat().st_size
        write_renditions(path, sha256)
        adopt(path, area=Area.RESULTS, sha256=sha256, suffix=results.SUFFIX)
    return sha256, byte_size
