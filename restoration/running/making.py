"""Making a restoration's files in a folder, from what is stored: the one way for workers and for
reproduction.

Importing this module loads torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import mlcore
from archive.files.storage import Area, StoredFile, sha256_of
from mlcore.errors import HonestyError, MasterError
from mlcore.inference import FileReport, Hand, Restorer, render_file
from mlcore.masters import Marking
from restoration import messages
from restoration.models import ModelVersion, Restoration
from restoration.running.stored_files import Kept, kept_file

SOFTWARE = f"Pulih {mlcore.__version__}"

Steps = Callable[[int, int], None]
"""Called with the steps that are done and those that there are."""

_REFUSALS = {
    "mlcore:master:missing": "restoration:engine:original-missing",
    "mlcore:master:unreadable": "restoration:original:unreadable",
    "mlcore:master:truncated": "restoration:original:truncated",
    "mlcore:master:unsupported": "restoration:original:unsupported",
    "mlcore:master:too-large": "restoration:original:too-large",
    "mlcore:master:too-long": "restoration:original:too-long",
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
    hand = _hand(restoration)
    torch.manual_seed(restoration.seed)
    with _original(restoration) as original, _sentences():
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
    with (
        _original(restoration) as original,
        _kept(restoration, Kept.REPAIR, "restoration:engine:repair-missing") as repair,
        _sentences(),
    ):
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


@contextmanager
def _original(restoration: Restoration) -> Iterator[Path]:
    """Path of the original, read and compared with its name."""
    original = StoredFile(Area.ORIGINALS, restoration.original_sha256)
    with _there(original, "restoration:engine:original-missing") as path:
        if sha256_of(path) != original.sha256:
            raise messages.engine_error("restoration:engine:original-changed")
        yield path


def _hand(restoration: Restoration) -> Hand | None:
    if not restoration.hand_sha256:
        return None
    with (
        _kept(restoration, Kept.HAND, "restoration:engine:hand-missing") as path,
        Image.open(path, formats=["PNG"]) as image,
    ):
        return Hand.from_grey(np.asarray(image))


@contextmanager
def _kept(restoration: Restoration, kind: Kept, refusal: str) -> Iterator[Path]:
    """Path of a kept file, read and compared with its name."""
    kept = kept_file(restoration, kind)
    if kept is None:
        raise messages.engine_error(refusal)
    with _there(kept, refusal) as path:
        if sha256_of(path) != kept.sha256:
            raise messages.engine_error(refusal)
        yield path


@contextmanager
def _there(stored: StoredFile, refusal: str) -> Iterator[Path]:
    """A path at which the stored file can be read; EngineError with the code `refusal` where it is gone."""
    with ExitStack() as stack:
        try:
            path = stack.enter_context(stored.local_copy())
        except FileNotFoundError as error:
            raise messages.engine_error(refusal) from error
        yield path


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
