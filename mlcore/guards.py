"""What stops a run before it does harm, and says how to go on."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mlcore.dataset import Sample
from mlcore.distributed import Team
from mlcore.errors import TrainingError
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import Phase, TrainConfig
from mlcore.tally import not_finite

COLLAPSED_LOSS = 0.01
COLLAPSED_EPOCHS = 3
"""The discriminator has collapsed when ``D_real`` and ``D_fake`` both stay below the one for the other: it is
right beyond 99 % on every patch, and nothing is left for the generator to learn from it."""


def check_finite(means: dict[str, float], model: Pix2Pix, *, when: str, last_good: str) -> None:
    """Raise ``TrainingError`` (``mlcore:run:diverged``) unless losses and all weights are finite."""
    wrong = [f"loss {name}" for name in not_finite(means)]
    networks: dict[str, nn.Module] = {
        "generator": model.generator,
        "discriminator": model.discriminator,
        "averaged generator": model.for_use,
    }
    wrong += [f"weights of the {name}" for name, network in networks.items() if not _finite(network)]
    if wrong:
        raise diverged(f"{', '.join(wrong)} not finite", when=when, last_good=last_good)


def diverged(what: str, *, when: str, last_good: str) -> TrainingError:
    """The error for losses or weights that are no numbers any more."""
    return TrainingError(
        "mlcore:run:diverged",
        f"{when}: {what}. {last_good} Try a lower learning rate or --clip-norm 1.",
    )


def check_discriminator(history: Sequence[dict[str, Any]], *, last_good: str) -> None:
    """Raise ``TrainingError`` (``mlcore:run:collapsed``) if it has collapsed in the latest epochs."""
    latest = history[-COLLAPSED_EPOCHS:]
    worst = [max(line["losses"].get(name, 1.0) for name in ("D_real", "D_fake")) for line in latest]
    if len(latest) == COLLAPSED_EPOCHS and max(worst) < COLLAPSED_LOSS:
        raise TrainingError(
            "mlcore:run:collapsed",
            f"epochs {latest[0]['epoch']} to {latest[-1]['epoch']}: D_real and D_fake below "
            f"{COLLAPSED_LOSS}, the discriminator is never wrong and teaches the generator nothing. "
            f"{last_good} Try more generator updates or a lower discriminator_rate.",
        )


def _finite(network: nn.Module) -> bool:
    """Whether all floats of a network are finite; asks the device once."""
    floats = [entry.detach() for entry in network.state_dict().values() if entry.is_floating_point()]
    return bool(torch.stack([torch.isfinite(entry).all() for entry in floats]).all())


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on a GPU or here."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(
        words in said
        # The last: what cuBLAS and cuDNN say of the room that they need for themselves.
        for words in (
            "out of memory",
            "can't allocate memory",
            "not enough memory",
            "bad_alloc",
            "status_alloc_failed",
        )
    )


def next_batches(groups: Iterator[list[Sample]], config: TrainConfig) -> list[Sample]:
    """The next group of ``groups``. Raises ``TrainingError`` (``mlcore:run:out-of-memory``) when there is
    no room to make it."""
    try:
        return next(groups)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    raise TrainingError(
        "mlcore:run:out-of-memory",
        f"making batches of {config.batch_size} pictures needs more memory than there is; with half the "
        f"--batch-size and --accumulate {config.accumulate * 2} an update learns from as many",
    )


def step(
    model: Pix2Pix, group: list[Sample], phase: Phase, index: int, team: Team, *, tell_mask: bool
) -> dict[str, Tensor]:
    """``Pix2Pix.step``, which raises ``TrainingError`` (``mlcore:run:out-of-memory``) with a batch that
    fits."""
    try:
        return model.step(group, phase, index, tell_mask=tell_mask)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    # Outside of the handler: the error holds the tensors of the step that failed.
    raise _out_of_memory(model, group[0], phase, team)


def _out_of_memory(model: Pix2Pix, batch: Sample, phase: Phase, team: Team) -> TrainingError:
    """The error for a batch that is too large, with the largest of its halvings that fits, by trial.

    The trial spoils the weights in memory, so the run must end with the error; what is on disk stays.
    """
    size, (height, width) = batch.clean.shape[0], batch.clean.shape[-2:]
    model.discard_gradients()
    fits = 0 if team.world > 1 else _fitting(model, batch, phase, size // 2)
    message = f"batches of {size * team.world} pictures of {width}x{height} need more memory than there is"
    if fits:
        accumulate = model.config.accumulate * (size // fits)
        message += f"; {fits} fit, and --accumulate {accumulate} then learns from as many at each update"
    elif team.world == 1:
        message += ", and so does a single one: take a smaller crop or network"
    return TrainingError("mlcore:run:out-of-memory", message)


def _fitting(model: Pix2Pix, batch: Sample, phase: Phase, size: int) -> int:
    """The largest of ``size``, half of it, a quarter, ... with which an update works; 0 for none."""
    while size:
        if model.device.type == "cuda":
            torch.cuda.empty_cache()
        try:
            named = model.step([Sample(*(part[:size] for part in batch))], phase, 0)
            for value in named.values():
                value.item()  # a GPU says only now that it failed
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        else:
            return size
        model.discard_gradients()
        size //= 2
    return 0


@contextmanager
def disk_full_told(folder: Path) -> Iterator[None]:
    """Turn the system's "no space left" into ``TrainingError`` (``mlcore:disk:full``)."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise TrainingError(
            "mlcore:disk:full",
            f"no space left for {folder}. Its earlier checkpoints are whole: make room, then --resume.",
        ) from error
