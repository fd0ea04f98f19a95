"""What a run needs before its first update."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mlcore.checkpoints import load_generator
from mlcore.distributed import Team
from mlcore.errors import TrainingError
from mlcore.networks import FindFillRefine, Generator, PatchGAN, build_generator
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import TrainConfig
from mlcore.run_state import RunState
from mlcore.teacher import Teacher


def build_model(
    state: RunState,
    team: Team,
    initial: Path | None,
    initial_finder: Path | None = None,
    teacher: Path | None = None,
) -> Pix2Pix:
    """The networks of ``state.config``, seeded, or with the weights of ``initial``, which goes on record.

    ``initial_finder``: a model whose damage finder is taken instead; ``teacher``: one whose finder is learnt
    from.
    Raises ``TrainingError`` (``mlcore:run:settings``, ``:compiler``) and ``CheckpointError``.
    """
    torch.manual_seed(state.config.seed)
    config = state.config
    try:
        generator = build_generator(config.generator, **config.generator_options)
    except (TypeError, ValueError) as error:
        raise TrainingError("mlcore:run:settings", str(error)) from error
    crop = config.augmentation.crop
    if crop is not None and crop % generator.stride:
        raise TrainingError(
            "mlcore:run:settings",
            f"crops of {crop} pixels: {config.generator} needs multiples of {generator.stride}",
        )
    if config.batch_size % team.world:
        raise TrainingError(
            "mlcore:run:settings",
            f"batches of {config.batch_size} cannot be shared by {team.world} processes",
        )
    if config.compile and not any(shutil.which(name) for name in ("c++", "g++", "clang++", "cl")):
        raise TrainingError("mlcore:run:compiler", "torch.compile needs a C++ compiler, and there is none")
    if bool(config.taught) != (teacher is not None):
        raise TrainingError(
            "mlcore:run:settings", "a teacher and a share that is taught (taught) need one another"
        )
    shown = None if teacher is None else Teacher(teacher, team.device)
    model = Pix2Pix(generator, PatchGAN(), config, team, shown)
    if initial is not None:
        state.began_with = _start_from(model.generator, initial)
    if initial_finder is not None:
        found = _start_finder_from(model.generator, initial_finder)
        state.began_with = {**(state.began_with or {}), "finder": found}
    if shown is not None:
        state.began_with = {**(state.began_with or {}), "teacher": {"sha256": shown.sha256}}
    model.start_average()
    if team.rank:
        torch.manual_seed(config.seed + team.rank)  # the same weights everywhere, but not the same dropout
    return model


def _start_from(generator: Generator, path: Path) -> dict[str, Any]:
    """Take over weights; what their file says of itself goes on record."""
    loaded = load_generator(path)
    _take_over(generator, loaded.generator, path)
    return {"sha256": loaded.sha256, "metadata": loaded.metadata}


def _start_finder_from(generator: Generator, path: Path) -> dict[str, Any]:
    """Take over the weights of a damage finder that was trained apart from the rest."""
    loaded = load_generator(path)
    if not isinstance(generator, FindFillRefine) or not isinstance(loaded.generator, FindFillRefine):
        raise TrainingError("mlcore:run:settings", f"{path} or the network to train has no damage finder")
    _take_over(generator.finder, loaded.generator.finder, path)
    return {"sha256": loaded.sha256, "metadata": loaded.metadata}


def _take_over(network: nn.Module, other: nn.Module, path: Path) -> None:
    """Take over the weights of a network from the file at `path`; it must be of the same shape."""
    try:
        network.load_state_dict(other.state_dict())
    except RuntimeError as error:
        # torch names every layer that does not fit, which is a hundred lines; one shows what kind it is.
        _, *differences = str(error).splitlines()
        raise TrainingError(
            "mlcore:run:settings",
            f"{path} is another network than the one to train ({len(differences)} differences, the first: "
            f"{differences[0].strip():.200})",
        ) from error


@contextmanager
def processor_settings(config: TrainConfig, device: torch.device) -> Iterator[None]:
    """Torch's process-wide switches for the time of a run, then as they were."""
    deterministic = torch.are_deterministic_algorithms_enabled()
    benchmark = torch.backends.cudnn.benchmark
    if config.deterministic and device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS asks for it, and says so if late
    _switch_deterministic(config.deterministic)
    torch.backends.cudnn.benchmark = device.type == "cuda" and not config.deterministic
    try:
        yield
    finally:
        _switch_deterministic(deterministic)
        torch.backends.cudnn.benchmark = benchmark


def _switch_deterministic(wanted: bool) -> None:
    """Only if need be: torch loads its compiler for it, which takes seconds."""
    if wanted != torch.are_deterministic_algorithms_enabled():
        torch.use_deterministic_algorithms(wanted)
