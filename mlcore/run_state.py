"""What a run needs to go on exactly where it stopped: one file, always replaced whole."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from mlcore.atomic_files import replacing
from mlcore.distributed import Team
from mlcore.errors import CheckpointError
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import TrainConfig
from mlcore.tally import Tally

STATE = "state.pt"


@dataclass(slots=True)
class RunState:
    """Where a run stands.

    ``epoch``: the last one finished. ``step``, ``tally``, ``seconds``, ``waited``: of the one begun after it
    the updates, losses, time and, of that, the time in which the next batch was not there yet. ``best``:
    highest mean PSNR in dB so far. ``history``: log lines. ``began_with``: SHA-256 and metadata of the
    weights that the run began with, if any.
    """

    config: TrainConfig
    epoch: int = 0
    best: float = float("-inf")
    history: list[dict[str, Any]] = field(default_factory=list)
    began_with: dict[str, Any] | None = None
    step: int = 0
    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0
    waited: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.epoch >= self.config.epochs

    @property
    def trained_seconds(self) -> float:
        """Time spent on updates that are in the weights, over all pieces of the run; validation and work
        that a crash undid not counted."""
        return float(sum(line["seconds"] for line in self.history)) + self.seconds

    def begin_epoch_after(self, epoch: int) -> None:
        """Count ``epoch`` as done."""
        self.epoch = epoch
        self.step, self.seconds, self.waited = 0, 0.0, 0.0
        self.tally.clear()


def random_states(team: Team) -> list[dict[str, Any]]:
    """Torch's random states of every process of the team, by rank."""
    mine: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if team.device.type == "cuda":
        mine["cuda"] = torch.cuda.get_rng_state(team.device)
    return team.gather(mine)


def state_content(state: RunState, model: Pix2Pix, randoms: list[dict[str, Any]]) -> dict[str, Any]:
    """Networks, optimisers, random states (see ``random_states``) and history. Tensors are those in use."""
    return {
        "config": json.dumps(state.config.as_dict()),
        "epoch": state.epoch,
        "best": state.best,
        "history": json.dumps(state.history),
        "began_with": json.dumps(state.began_with),
        "step": state.step,
        "tally": state.tally.state_dict(),
        "seconds": state.seconds,
        "waited": state.waited,
        "generator": model.generator.state_dict(),
        "discriminator": model.discriminator.state_dict(),
        "learner_generator": model.generator_learner.state_dict(),
        "learner_discriminator": model.discriminator_learner.state_dict(),
        "average": model.average.state_dict() if model.average else None,
        "randoms": randoms,
    }


def save_state(folder: Path, state: RunState, model: Pix2Pix, randoms: list[dict[str, Any]]) -> None:
    """Write ``state_content`` to ``state.pt``."""
    with replacing(folder / STATE) as stream:
        torch.save(state_content(state, model, randoms), stream)


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
        if "tally" in content:  # files of version 0.1 know whole epochs only
            state.step, state.seconds, state.waited = (
                content[name] for name in ("step", "seconds", "waited")
            )
            state.tally.load_state_dict(content["tally"])
    except (UnpicklingError, RuntimeError, OSError, EOFError, KeyError, ValueError, TypeError) as error:
        raise CheckpointError("mlcore:state:unreadable", f"{path}: {error}") from error
    return state, content


def apply_state(content: dict[str, Any], model: Pix2Pix, team: Team) -> None:
    """Put networks, optimisers and random states back. Exact with as many processes as wrote the file.

    Raises ``CheckpointError`` (``mlcore:state:mismatch``) when they are those of other networks.
    """
    if "randoms" not in content:
        content = _from_version_0_1(content)
    try:
        model.generator.load_state_dict(content["generator"])
        model.discriminator.load_state_dict(content["discriminator"])
        model.generator_learner.load_state_dict(content["learner_generator"])
        model.discriminator_learner.load_state_dict(content["learner_discriminator"])
        if model.average:
            model.average.load_state_dict(content["average"])
    except (RuntimeError, ValueError, KeyError) as error:
        raise CheckpointError("mlcore:state:mismatch", f"state of other networks: {error}") from error
    if team.rank < len(content["randoms"]):
        mine = content["randoms"][team.rank]
        torch.set_rng_state(mine["cpu"].cpu())
        if "cuda" in mine and team.device.type == "cuda":
            torch.cuda.set_rng_state(mine["cuda"].cpu(), team.device)
    else:
        torch.manual_seed(model.config.seed + team.rank)


def _from_version_0_1(content: dict[str, Any]) -> dict[str, Any]:
    """A state file as version 0.1 wrote it, in today's form."""
    random: dict[str, Any] = {"cpu": content["random"]}
    if content["random_cuda"]:
        random["cuda"] = content["random_cuda"][0]
    return {
        **content,
        "learner_generator": {"optimiser": content["optimiser_generator"]},
        "learner_discriminator": {"optimiser": content["optimiser_discriminator"]},
        "average": None,
        "randoms": [random],
    }
