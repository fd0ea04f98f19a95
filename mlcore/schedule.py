"""How many epochs fit into a given time, from a few measured updates of each phase."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from mlcore import guards
from mlcore.dataset import Pair
from mlcore.distributed import Team
from mlcore.errors import TrainingError
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import Phase, TrainConfig
from mlcore.reading_ahead import groups_ahead
from mlcore.sources import BatchSource
from mlcore.validation import evaluate, pairs_to_show, sample_sheet

Clock = Callable[[], float]

SECONDS_MEASURED = 2.0
"""For each phase, after updates that are not counted (compilers, the search for fast convolutions)."""

MARGIN = 0.06
"""Share of the time that is kept back for checkpoints and for what a busy machine does."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: an ``update`` of each phase, in the phases' order, and a ``validation``."""

    update: tuple[float, ...]
    validation: float


def measure_pace(
    model: Pix2Pix,
    source: BatchSource,
    val_pairs: Sequence[Pair],
    config: TrainConfig,
    team: Team,
    *,
    clock: Clock,
    first_phase: int = 0,
) -> Pace:
    """Train a little in each phase from ``first_phase`` on, and validate once; the slowest process counts.

    This changes weights, optimisers and random states: bring them back afterwards.
    """
    batches = source.batches(1)
    alike: dict[Phase, float] = {}
    for phase in config.phases[first_phase:]:
        kind = replace(phase, epochs=1)
        if kind not in alike:
            alike[kind] = _seconds_an_update(model, batches, phase, config, team=team, clock=clock)
    update = [alike.get(replace(phase, epochs=1), 0.0) for phase in config.phases]
    began = clock()
    if team.leads and val_pairs:
        evaluate(model.for_use, val_pairs, team.device)
        sample_sheet(model.for_use, pairs_to_show(val_pairs), team.device)
    slowest = [max(seconds) for seconds in zip(*team.gather([*update, clock() - began]), strict=True)]
    return Pace(tuple(slowest[:-1]), slowest[-1])


def _seconds_an_update(
    model: Pix2Pix, batches: Sequence[Any], phase: Phase, config: TrainConfig, *, team: Team, clock: Clock
) -> float:
    """As in training, so with the making of batches; turns of a ratio are measured whole."""
    turns = phase.generator_updates
    again = _Again(batches)
    groups = groups_ahead(again, config.accumulate, ahead=0 if team.device.type == "cpu" else 2)

    def once(*, tell_mask: bool) -> None:
        named: dict[str, Tensor] = {}
        for index in range(turns):
            group = next(groups)
            named = guards.step(model, group, phase, index, team, tell_mask=tell_mask)
        for loss in named.values():
            loss.item()  # waits for the device

    try:
        for tell_mask in (True, False):
            once(tell_mask=tell_mask)
        began, rounds = clock(), 0
        while not rounds or team.any(clock() - began < SECONDS_MEASURED)[0]:
            once(tell_mask=False)
            rounds += 1
        return (clock() - began) / (rounds * turns)
    finally:
        groups.close()


class _Again(Sequence[Any]):
    """The same batches over and over."""

    def __init__(self, batches: Sequence[Any]) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return 10**6

    def __getitem__(self, index: int) -> Any:  # type: ignore[override]  # no slices
        return self.batches[index % len(self.batches)]


def fitted(
    config: TrainConfig, pace: Pace, limit: float, *, updates: int, done: int = 0, begun: bool = False
) -> TrainConfig:
    """``config`` with the epochs after ``done`` stretched or shrunk, phases in proportion, to end in time.

    ``limit``: seconds. ``updates``: of an epoch. When not even an epoch of each phase that is left fits, a
    run that has ``begun`` gets just these; of another one ``TrainingError`` (``mlcore:run:settings``) says
    so.
    """
    budget = limit * (1 - MARGIN)
    phases = sum(1 for left in config.epochs_left(done) if left)

    def needed(epochs: int) -> float:
        plan = config.with_epochs_after(done, epochs)
        trained = sum(
            left * updates * seconds
            for left, seconds in zip(plan.epochs_left(done), pace.update, strict=True)
        )
        validations = plan.epochs // plan.validate_every - done // plan.validate_every + 1
        return trained + validations * pace.validation

    if needed(phases) > budget and begun:
        return config.with_epochs_after(done, phases)
    if needed(phases) > budget:
        raise TrainingError(
            "mlcore:run:settings",
            f"an epoch of each phase takes about {math.ceil(needed(phases) / 6) / 10} minutes, and there are "
            f"{max(limit, 0) / 60:.1f}: give more, or fewer --images-per-epoch",
        )
    few, many = phases, 2 * phases
    while needed(many) <= budget:
        few, many = many, 2 * many
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if needed(middle) <= budget else (few, middle)
    return config.with_epochs_after(done, few)
