"""From a weights file, and the files that speak of it, to a row of the registry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings

from archive.files.storage import sha256_of
from mlcore.run_log import read_epochs
from restoration import messages
from restoration.models import ModelVersion
from restoration.registry.figures import read_benchmark
from restoration.registry.shipped_model import DATA_LICENCE, benchmarks_beside, shipped_weights
from restoration.services import promote_model, register_model


def register_weights(
    path: Path,
    *,
    name: str | None = None,
    version: str | None = None,
    benchmark: Path | None = None,
    further_benchmarks: Sequence[Path] = (),
    card: Path | None = None,
    log: Path | None = None,
    data_licence: str = "",
) -> ModelVersion:
    """Register the file once its network has been built and filled from it; `name` and `version` default to
    its name and its hash.

    The path is kept relative to the project where it lies inside, so that the project can be moved.
    `benchmark`, `card` and `log`: files of benchmark_metrics, of Markdown and of train_pix2pix;
    `further_benchmarks` are of other sets of pictures, for what restorations are told to expect. Raises
    EngineError as `loaded_models.describe_weights` does, InputError `restoration:benchmark:...` (see
    `figures.read_benchmark`), `restoration:card:unreadable` or `restoration:log:unreadable`, and StateError
    when the name is taken by another file.
    """
    path = path.absolute()
    weights_sha256, architecture = _described(path)
    records = [
        _text(each, "restoration:benchmark:unreadable")
        for each in ([benchmark, *further_benchmarks] if benchmark else [])
    ]
    read = [read_benchmark(record, weights_sha256=weights_sha256) for record in records]
    figures = read[0] if read else {}
    base = Path(settings.BASE_DIR)
    return register_model(
        name=name or path.stem,
        version=version or weights_sha256[:12],
        weights_path=str(path.relative_to(base) if path.is_relative_to(base) else path),
        weights_sha256=weights_sha256,
        architecture=architecture,
        benchmark=figures | {"expected": _expected(records)} if figures else {},
        training_log=_epochs(log) if log else [],
        card=_text(card, "restoration:card:unreadable") if card else "",
        data_licence=data_licence,
    )


def register_shipped_model() -> bool:
    """Register the shipped weights with what lies beside them; True if they are there.

    They become the default where there is none, or where the default's file was replaced by them or is gone,
    so that it can no longer be used. A default that works stays: promoting is for people.
    """
    path = shipped_weights()
    if not path.is_file():
        return False
    beside = {suffix: path.with_suffix(suffix) for suffix in (".json", ".md", ".jsonl")}
    there = {suffix: file if file.is_file() else None for suffix, file in beside.items()}
    model_version = register_weights(
        path,
        benchmark=there[".json"],
        further_benchmarks=benchmarks_beside(path),
        card=there[".md"],
        log=there[".jsonl"],
        data_licence=DATA_LICENCE,
    )
    present = ModelVersion.objects.default().get()
    if present.weights_path == model_version.weights_path or not present.weights_file.is_file():
        promote_model(
            model_version=model_version,
            force=True,
            reason=f"The file of {present} is gone; this is the model that Pulih ships.",
        )
    return True


def _described(path: Path) -> tuple[str, dict[str, Any]]:
    """SHA-256 and architecture. What was registered once needs no second proof, which would take seconds."""
    if path.is_file():
        known = ModelVersion.objects.filter(weights_sha256=sha256_of(path)).first()
        if known is not None and known.architecture:
            return known.weights_sha256, known.architecture
    from restoration.running.loaded_models import describe_weights

    described = describe_weights(path)
    return described.sha256, described.architecture


def _epochs(log: Path) -> list[dict[str, Any]]:
    try:
        return [asdict(epoch) for epoch in read_epochs(log)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise messages.input_error("restoration:log:unreadable") from error


def _expected(benchmarks: list[str]) -> dict[str, Any]:
    """What single results may be expected to reach, for the warnings of restorations."""
    # Imported here: it loads torch, too.
    from mlcore.inference import expected_ranges

    try:
        return expected_ranges(*map(json.loads, benchmarks))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise messages.input_error("restoration:benchmark:unreadable") from error


def _text(path: Path, refusal: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise messages.input_error(refusal) from error
