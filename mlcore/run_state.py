"""What a run needs to go on exactly where it stopped: one file, replaced whole after every epoch."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from mlcore.errors import CheckpointError
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import TrainConfig

STATE = "state.pt"


@dataclass(slots=True)
class RunState:
    """``epoch``: the last one finished. ``best``: highest mean PSNR in dB so far. ``history``: log lines.
    ``began_with``: SHA-256 and metadata of the weights that the run began with, if any."""

    config: TrainConfig
    epoch: int = 0
    best: float = float("-inf")
    history: list[dict[str, Any]] = field(default_factory=list)
    began_with: dict[str, Any] | None = None


def save_state(folder: Path, state: RunState, model: Pix2Pix) -> None:
    """Write networks, optimisers, random states and history to ``state.pt``."""
    content = {
        "config": json.dumps(state.config.as_dict()),
        "epoch": state.epoch,
        "best": state.best,
        "history": json.dumps(state.history),
        "began_with": json.dumps(state.began_with),
        "generator": model.generator.state_dict(),
        "discriminator": model.discriminator.state_dict(),
        "optimiser_generator": model.optimisers.generator.state_dict(),
        "optimiser_discriminator": model.optimisers.discriminator.state_dict(),
        "random": torch.get_rng_state(),
        "random_cuda": torch.cuda.get_rng_state_all() if model.device.type == "cuda" else [],
    }
    temporary = folder / f".{STATE}.part"
    torch.save(content, temporary)
    temporary.replace(folder / STATE)


def read_state(folder: Path, device: torch.device) -> tuple[RunState, dict[str, Any]]:
    """The state and the raw file, for ``apply_state``. Raises ``CheckpointError`` when it cannot be read."""
    path = folder / STATE
    if not path.is_file():
        raise CheckpointError("mlcore:state:missing", f"{folder}: nothing to resume, there is no {STATE}")
    try:
        content: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        state = RunState(
            config=TrainConfig.from_dict(json.loads(content["config"])),
            epoch=content["epoch"],
            best=content["best"],
            history=json.loads(content["history"]),
            began_with=json.loads(content["began_with"]),
        )
    except (UnpicklingError, RuntimeError, OSError, EOFError, KeyError, ValueError, TypeError) as error:
        raise CheckpointError("mlcore:state:unreadable", f"{path}: {error}") from error
    return state, content


def apply_state(content: dict[str, Any], model: Pix2Pix) -> None:
    """Put networks, optimisers and random states back."""
    model.generator.load_state_dict(content["generator"])
    model.discriminator.load_state_dict(content["discriminator"])
    model.optimisers.generator.load_state_dict(content["optimiser_generator"])
    model.optimisers.discriminator.load_state_dict(content["optimiser_discriminator"])
    torch.set_rng_state(content["random"].cpu())
    if content["random_cuda"]:
        torch.cuda.set_rng_state_all([state.cpu() for state in content["random_cuda"]])
