"""The door to mlcore. Only worker processes and commands come through it: importing this module loads
torch.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image

import mlcore
from archive.files.renditions import write_renditions
from archive.files.storage import Area, adopt, sha256_of
from mlcore.inference import FileReport, warnings_for
from mlcore.process_memory import give_back_freed, peak_bytes, restart_peak
from restoration import messages
from restoration.models import ModelVersion, Restoration
from restoration.running.loaded_models import load_restorer
from restoration.running.making import Made, Steps, make_from_repair, make_with_network
from restoration.running.stored_files import JPEG, PNG, TIFF, Kept, adopt_kept, result_suffix, store_kept
from restoration.running.working_folders import working_folder
from restoration.services import Outcome

MEDIA_TYPES = {"tiff": TIFF, "png": PNG, "jpeg": JPEG}
"""By the format of a result, as mlcore calls it."""

PERCENT_MADE = 95
"""How far the progress bar is when the files are there and only have to be stored."""


def restore(restoration: Restoration, *, on_progress: Callable[[int], None]) -> Outcome:
    """Restore the photo's original, put result, layers and renditions into storage, and tell what happened.

    A version of another strength, which names a repair from the beginning, is rendered from that without a
    network. The same original, request, weights and code give the same bytes on the same platform, so an
    attempt that died after storing its result is simply repeated. `on_progress` gets per cent, 0 to 95, at
    least once a tile until the files are made; what it raises ends the work and leaves nothing.
    Raises EngineError, also for a result that fails the honesty gate (`restoration:gate:...`).
    """

    def on_step(done: int, total: int) -> None:
        on_progress(PERCENT_MADE * done // max(1, total))

    restart_peak()
    try:
        with working_folder(restoration) as folder:
            model_version = restoration.wanted_model or ModelVersion.objects.default().first()
            if model_version is None:
                raise messages.engine_error("restoration:model:none")
            make = _blend if restoration.repair_sha256 else _restore
            return make(restoration, model_version, folder, on_step)
    finally:
        give_back_freed()


def _restore(restoration: Restoration, model_version: ModelVersion, folder: Path, on_step: Steps) -> Outcome:
    restorer = load_restorer(model_version, quick=restoration.quick, thorough=restoration.thorough)
    passes = settings.PULIH_INVENTION_PASSES
    made = make_with_network(
        restoration, model_version, restorer, folder, invention_passes=passes, on_step=on_step
    )
    assert made.repair is not None
    repair_sha256, repair_byte_size = sha256_of(made.repair), made.repair.stat().st_size
    adopt_kept(Kept.REPAIR, made.repair, sha256=repair_sha256, original_sha256=restoration.original_sha256)
    original, report = restoration.photo.original, made.report
    expected = model_version.benchmark.get("expected")
    return _outcome(
        restoration,
        model_version,
        made,
        parameters=restorer.parameters() | {"invention_passes": passes},
        repair_sha256=repair_sha256,
        repair_byte_size=repair_byte_size,
        layers=_keep_layers(restoration, report),
        invention=report.invention,
        warnings=warnings_for(report, original.height, original.width, expected),
    )


def _blend(restoration: Restoration, model_version: ModelVersion, folder: Path, on_step: Steps) -> Outcome:
    """What was found about the repair holds at any strength; what is new is how much it changes."""
    made = make_from_repair(restoration, model_version, folder, on_step=on_step)
    changed = _keep_layers(restoration, made.report)
    return _outcome(
        restoration,
        model_version,
        made,
        parameters={"blended": True},
        repair_sha256=restoration.repair_sha256,
        repair_byte_size=restoration.repair_byte_size,
        layers={**changed, **restoration.layers, Kept.CHANGE: changed[Kept.CHANGE]},
        invention=restoration.invention,
        warnings=restoration.warnings,
    )


def _outcome(restoration: Restoration, model_version: ModelVersion, made: Made, **found: Any) -> Outcome:
    """Put the result and its renditions into storage and say all that is the same for both ways."""
    media_type = MEDIA_TYPES[made.report.format]
    sha256, byte_size = store_result(made.result, media_type)
    original = restoration.photo.original
    return Outcome(
        model_version=model_version,
        code_version=code_version(),
        result_sha256=sha256,
        result_media_type=media_type,
        result_byte_size=byte_size,
        result_width=original.width,
        result_height=original.height,
        share_damaged=made.report.share_damaged,
        change_report=made.report.figures(),
        peak_memory_bytes=peak_bytes(),
        **found,
    )


def store_result(path: Path, media_type: str) -> tuple[str, int]:
    """Put the finished file at `path` and its renditions into storage; its SHA-256 and size in bytes."""
    sha256, byte_size = sha256_of(path), path.stat().st_size
    write_renditions(path, sha256)
    adopt(path, area=Area.RESULTS, sha256=sha256, suffix=result_suffix(media_type))
    return sha256, byte_size


def _keep_layers(restoration: Restoration, report: FileReport) -> dict[str, str]:
    """SHA-256 of each layer, now in storage, by name."""
    kept = {}
    for name, values in report.layers.items():
        file = io.BytesIO()
        Image.fromarray(values).save(file, format="PNG", optimize=True)
        kept[name] = store_kept(Kept(name), file.getvalue(), original_sha256=restoration.original_sha256)
    return kept


@cache
def code_version() -> str:
    """Names the code that makes a result: SHA-256 over the sources of mlcore and of what calls it here."""
    package = Path(mlcore.__file__).parent
    ours = [Path(__file__).with_name(f"{name}.py") for name in ("engine", "making", "loaded_models")]
    digest = hashlib.sha256()
    for source in sorted([*package.rglob("*.py"), *ours]):
        digest.update(
            source.relative_to(package.parent).as_posix().encode() + b"\0" + source.read_bytes() + b"\0"
        )
    return f"sources-sha256:{digest.hexdigest()[:16]}"
