"""Weights for use: one safetensors file in half precision that says which network it is and how it was made.

The state for resuming a run is another file: see ``mlcore/training.py``.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor

from mlcore.atomic_files import replacing
from mlcore.errors import CheckpointError
from mlcore.networks import Generator, build_generator

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class LoadedGenerator:
    """A generator in eval mode, with what its file says of it. ``sha256`` is that of the file."""

    generator: Generator
    name: str
    options: dict[str, Any]
    metadata: dict[str, Any]
    sha256: str


def save_generator(
    path: Path | str, generator: Generator, metadata: dict[str, Any], *, name: str = "find_fill_refine"
) -> None:
    """Write weights as float16 (integers as they are); the file appears whole or not at all.

    ``metadata`` must be JSON: recipe, figures, sources, whatever the model card repeats. Raises
    ``CheckpointError`` (``mlcore:checkpoint:not-finite``) for weights that are no numbers or beyond float16.
    """
    path = Path(path)
    tensors = {
        key: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for key, value in generator.state_dict().items()
    }
    header = {
        "schema": SCHEMA,
        "generator": name,
        "options": generator.options,
        "metadata": metadata,
    }
    _check_finite(tensors, f"{path.name} not written")
    with replacing(path) as stream:
        stream.write(serialise(tensors, metadata={"pulih": json.dumps(header)}))


def read_header(path: Path | str) -> dict[str, Any]:
    """What the file says of itself (schema, generator, options, metadata), without its weights.

    Raises ``CheckpointError``: ``mlcore:checkpoint:missing``, ``:unreadable`` or ``:foreign``.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError("mlcore:checkpoint:missing", f"{path}: there is no such file")
    try:
        with safe_open(str(path), framework="pt") as opened:
            raw = (opened.metadata() or {}).get("pulih")
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            "mlcore:checkpoint:unreadable", f"{path}: not a safetensors file ({error})"
        ) from error
    if raw is None:
        raise CheckpointError("mlcore:checkpoint:foreign", f"{path}: not written by Pulih")
    header: dict[str, Any] = json.loads(raw)
    if header.get("schema") != SCHEMA:
        raise CheckpointError(
            "mlcore:checkpoint:foreign", f"{path}: schema {header.get('schema')}, this version reads {SCHEMA}"
        )
    return header


def load_generator(path: Path | str, device: str = "cpu") -> LoadedGenerator:
    """Rebuild the generator that the file names, in float32 and eval mode.

    Raises ``CheckpointError`` as ``read_header`` does, ``mlcore:checkpoint:mismatch`` when the weights do not
    fit the network, and ``mlcore:checkpoint:not-finite`` when some are no numbers.
    """
    path = Path(path)
    header = read_header(path)
    try:
        generator = build_generator(header["generator"], **header["options"])
        with safe_open(str(path), framework="pt") as opened:
            tensors = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
        generator.load_state_dict(tensors)
    except (ValueError, TypeError, KeyError, RuntimeError) as error:
        raise CheckpointError("mlcore:checkpoint:mismatch", f"{path}: {error}") from error
    _check_finite(tensors, str(path))
    return LoadedGenerator(
        generator=generator.to(torch.device(device)).eval(),
        name=header["generator"],
        options=header["options"],
        metadata=header["metadata"],
        sha256=sha256_of(path),
    )


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check_finite(tensors: dict[str, Tensor], about: str) -> None:
    """An engine may make a number of what is none, and nobody would see it in the answer."""
    for name, value in tensors.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise CheckpointError("mlcore:checkpoint:not-finite", f"{about}: {name} is not finite in float16")
