"""Making a finished restoration again, from what its row keeps, to see whether the same bytes come out.

Only commands come here: it loads torch.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.files.storage import incoming_folder, sha256_of
from restoration import messages
from restoration.models import Restoration
from restoration.presentation.provenance import flat
from restoration.running.engine import code_version
from restoration.running.loaded_models import DECIDING, build_restorer
from restoration.running.making import make_from_repair, make_with_network

_BEFORE_RECORDED = {"looks": 1}
"""What was decided before a run's parameters said it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file of the restoration: its SHA-256 as kept and as it came out now."""

    what: str
    kept: str
    made: str

    @property
    def identical(self) -> bool:
        """Whether every byte is the same."""
        return self.kept == self.made


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came out. `changed`: what decides about bytes and is another than it was, {name: (then, now)}."""

    files: list[Comparison]
    changed: dict[str, tuple[Any, Any]]

    @property
    def identical(self) -> bool:
        """Whether every file is the same."""
        return all(file.identical for file in self.files)


def reproduce(restoration: Restoration) -> Reproduction:
    """Make a finished restoration again in a temporary folder and compare; nothing stored is touched.

    With the device, engine, tile and threads of then, not those of the settings. A blend is rendered from the
    repair that it names. Raises EngineError `restoration:reproduction:not-done`, `:too-old` (its parameters
    do not say enough), and as `making` and `loaded_models` do.
    """
    if restoration.status != Restoration.Status.DONE:
        raise messages.engine_error("restoration:reproduction:not-done")
    model_version, parameters = restoration.model_version, _BEFORE_RECORDED | restoration.parameters
    if model_version is None or not restoration.repair_sha256:
        raise messages.engine_error("restoration:reproduction:too-old")
    with tempfile.TemporaryDirectory(dir=incoming_folder()) as name:
        folder = Path(name)
        if parameters.get("blended"):
            made = make_from_repair(restoration, model_version, folder)
            now = dict(parameters)
        else:
            options = {option: parameters[option] for option in DECIDING}
            restorer = build_restorer(model_version, **options)
            made = make_with_network(restoration, model_version, restorer, folder, invention_passes=0)
            now = restorer.parameters()
        files = [Comparison("result", restoration.result_sha256, sha256_of(made.result))]
        if made.repair is not None:
            files.append(Comparison("repair", restoration.repair_sha256, sha256_of(made.repair)))
    then = dict(flat(parameters))
    then_and_now: dict[str, tuple[Any, Any]] = {"code version": (restoration.code_version, code_version())}
    then_and_now |= {name: (then.get(name), value) for name, value in flat(now)}
    return Reproduction(files, {what: pair for what, pair in then_and_now.items() if pair[0] != pair[1]})
