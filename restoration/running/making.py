"""Making a restoration's files in a folder, from what is stored: the one way for workers and for
reproduction.

Importing this module loads torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import mlcore
from archive.files.storage import Area, sha256_of, stored_path
from mlcore.errors import HonestyError, MasterError
from mlcore.inference import FileReport, Hand, Restorer, render_file
from mlcore.masters import Marking
from restoration import messages
from restoration.models import ModelVersion, Restoration
from restoration.running.stored_files import Kept, files_of, kept_file

SOFTWARE = f"Pulih {mlcore.__version__}"

Steps = Callable[[int, int], None]
"""Called with the steps that are done and those that there are."""

_REFUSALS = {
    "mlcore:master:missing": "restoration:engine:original-missing",
    "mlcore:master:unreadable": "restoration:original:unreadable",
    "mlcore:master:truncated": "restoration:original:truncated",
    "mlcore:master:unsupported": "restoration:original:unsupported",
    "mlcore:master:too-large": "restoration:original:too-large",
    "mlcore:honesty:not-a-number": "restoration:gate:not-a-number",
    "mlcore:honesty:black": "restoration:gate:black",
    "mlcore:honesty:mean-shift": "restoration:gate:mean-shift",
    "mlcore:honesty:clipping": "restoration:gate:clipping",
}


@dataclass(frozen=True, slots=True)
class Made:
    """Files in the folder that was given, and what mlcore says of them. A blend makes no new repair."""

    report: FileReport
    result: Path
    repair: Path | None


def make_with_network(
    restoration: Restoration,
    model_version: ModelVersion,
    restorer: Restorer,
    folder: Path,
    *,
    invention_passes: int,
    on_step: Steps | None = None,
) -> Made:
    """Let the network repair the original, with the curator's hand, and render it at the row's strength.

    The date in its marking is that of the request, so that the same bytes can be made again. Raises
    EngineError `restoration:engine:original-missing` or `-changed`, `:hand-missing`,
    `restoration:original:...` or `restoration:gate:...`.
    """
    result, repair = folder / "result", folder / "repair"
    original, hand = _original(restoration), _hand(restoration)
    torch.manual_seed(restoration.seed)
    with _sentences():
        report = restorer.restore_file(
            original,
            result,
            strength=restoration.strength / 100,
            hand=hand,
            marking=marking(model_version, restoration.requested_at),
            repair_path=repair,
            invention_passes=invention_passes,
            scratch=folder,
            on_progress=on_step,
        )
    return Made(report, result, repair)


def make_from_repair(
    restoration: Restoration, model_version: ModelVersion, folder: Path, *, on_step: Steps | None = None
) -> Made:
    """Render the repair that the row names at the row's strength; no network runs.

    Raises EngineError as `make_with_network`, and `restoration:engine:repair-missing`.
    """
    result = folder / "result"
    original = _original(restoration)
    repair = _kept(restoration, Kept.REPAIR, "restoration:engine:repair-missing")
    with _sentences():
        report = render_file(
            original,
            repair,
            result,
            strength=restoration.strength / 100,
            marking=marking(model_version, restoration.requested_at),
            scratch=folder,
            on_progress=on_step,
        )
    return Made(report, result, None)


def marking(model_version: ModelVersion, date: datetime) -> Marking:
    """What a result says of its making."""
    return Marking(
        software=SOFTWARE, model=str(model_version), model_sha256=model_version.weights_sha256, date=date
    )


def _original(restoration: Restoration) -> Path:
    """Path of the original, read and compared with its name."""
    path = stored_path(Area.ORIGINALS, restoration.original_sha256)
    if not path.is_file():
        raise messages.engine_error("restoration:engine:original-missing")
    if sha256_of(path) != restoration.original_sha256:
        raise messages.engine_error("restoration:engine:original-changed")
    return path


def _hand(restoration: Restoration) -> Hand | None:
    if not restoration.hand_sha256:
        return None
    path = _kept(restoration, Kept.HAND, "restoration:engine:hand-missing")
    with Image.open(path, formats=["PNG"]) as image:
        return Hand.from_grey(np.asarray(image))


def _kept(restoration: Restoration, kind: Kept, refusal: str) -> Path:
    """Path of a kept file, read and compared with its name."""
    path = kept_file(restoration, kind)
    if path is None or not path.is_file() or sha256_of(path) != files_of(restoration).kept[kind]:
        raise messages.engine_error(refusal)
    return path


@contextmanager
def _sentences() -> Iterator[None]:
    """What mlcore refuses, as an EngineError with a sentence of ours."""
    try:
        yield
    except (MasterError, HonestyError) as error:
        code = _REFUSALS.get(error.code)
        if code is None:
            raise
        raise messages.engine_error(code) from error
