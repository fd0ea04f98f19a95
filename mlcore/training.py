"""Training runs: epochs of updates, validation, checkpoints, exact resuming.

Batches depend on (seed, epoch, index) alone, so the state within an epoch is as exact as the one after it: a
run may be stopped after any update, and ends bit for bit (on a CPU) where an uninterrupted one does.
"""

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mlcore import guards
from mlcore.dataset import Pair, Sample
from mlcore.distributed import Team
from mlcore.errors import TrainingError
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import TrainConfig
from mlcore.reading_ahead import groups_ahead
from mlcore.run_folder import draw_curves, keep_epoch, keep_step, last_good, open_folder
from mlcore.run_setup import build_model, processor_settings
from mlcore.run_state import STATE, RunState, apply_state, random_states, read_state, state_content
from mlcore.schedule import fitted, measure_pace
from mlcore.sources import BatchSource
from mlcore.tally import not_finite
from mlcore.tensorboard_log import TensorboardLog
from mlcore.validation import evaluate, pairs_to_show, sample_sheet

OnStep = Callable[[int, int, int, dict[str, float]], None]
"""Called after each update with epoch, updates done in it, updates in it, and the epoch's mean losses so far
as they were last read."""
OnEpoch = Callable[[dict[str, Any]], None]
"""Called after each epoch with its line of the log."""

DRAW_EVERY = 60.0
"""Seconds between drawings of the curves, which take a second."""

READ_EVERY = 25
"""Updates between looks at the losses on a GPU; each look waits for it."""


@dataclass(slots=True)
class Watch:
    """Who looks on; see ``train``."""

    on_step: OnStep | None
    on_epoch: OnEpoch | None
    should_stop: Callable[[], bool] | None
    checkpoint_minutes: float | None
    scalars: TensorboardLog | None


def train(
    source: BatchSource,
    val_pairs: Sequence[Pair],
    folder: Path,
    config: TrainConfig | None = None,
    *,
    resume: bool = False,
    initial: Path | None = None,
    initial_finder: Path | None = None,
    teacher: Path | None = None,
    device: str = "cpu",
    team: Team | None = None,
    on_step: OnStep | None = None,
    on_epoch: OnEpoch | None = None,
    should_stop: Callable[[], bool] | None = None,
    minutes: float | None = None,
    checkpoint_minutes: float | None = None,
    tensorboard: bool = False,
) -> RunState:
    """Train to the end of ``config``, or go on with the run in ``folder`` (``resume``, by its own config).

    ``initial``: weights to begin with, ``initial_finder``: a model whose finder to begin with. ``teacher``:
    one whose finder to learn from, to be told again at ``resume``. ``team``: several processes, each with its
    share of ``source``; it knows the device then. ``should_stop``: asked after updates; when true, the state
    is written and the run returned unfinished. ``minutes``: measure a few updates of each phase and fit the
    epochs that are left to so much time, see ``schedule``. ``checkpoint_minutes``: write the state, within an
    epoch too, whenever so much time has passed, at ends of phases and when the run stops; None: after every
    epoch. ``tensorboard``: write scalars for TensorBoard as well.

    Raises ``CheckpointError`` and ``TrainingError``: ``mlcore:run:exists``,
    ``:settings``, ``:compiler``, ``:tensorboard``, ``:diverged``, ``:collapsed``, ``:out-of-memory`` and
    ``mlcore:disk:full``. After each of the last four the folder holds the last good checkpoint and state.
    """
    began = time.monotonic()
    team = team or Team(device=torch.device(device))
    if resume:
        state, content = read_state(folder, team.device)
    else:
        if (folder / STATE).exists():
            raise TrainingError(
                "mlcore:run:exists", f"{folder} holds a run already; resume it or name another"
            )
        state, content = RunState(config or TrainConfig()), None
    scalars = TensorboardLog(folder) if tensorboard and team.leads else None
    with processor_settings(state.config, team.device):
        model = build_model(state, team, initial, initial_finder, teacher)
        if minutes is not None and not state.finished:
            content = content or copy.deepcopy(state_content(state, model, random_states(team)))
            first = next(number for number, left in enumerate(state.config.epochs_left(state.epoch)) if left)
            pace = measure_pace(
                model, source, val_pairs, state.config, team, clock=time.monotonic, first_phase=first
            )
            limit = min(team.gather(minutes * 60 - (time.monotonic() - began)))
            state.config = fitted(
                state.config,
                pace,
                limit,
                updates=updates_of(source.batches(1), state.config),
                done=state.epoch,
                begun=resume,
            )
        if content is not None:
            apply_state(content, model, team)
            del content
        watch = Watch(on_step, on_epoch, should_stop, checkpoint_minutes, scalars)
        return Run(source, val_pairs, folder, state=state, model=model, team=team, watch=watch).to_the_end()


class Run:
    """A run under way."""

    def __init__(
        self,
        source: BatchSource,
        val_pairs: Sequence[Pair],
        folder: Path,
        *,
        state: RunState,
        model: Pix2Pix,
        team: Team,
        watch: Watch,
    ) -> None:
        self.source = source
        self.val_pairs = val_pairs
        self.folder = folder
        self.state = state
        self.model = model
        self.team = team
        self.watch = watch
        self._counted = self._kept = time.monotonic()
        self._asked_to_stop = False

    def to_the_end(self) -> RunState:
        """Train epoch by epoch until all are done or somebody asks to stop."""
        if self.team.leads:
            open_folder(self.folder, self.state, self.team.device)
        drawn = time.monotonic()
        while not (self.state.finished or self._asked_to_stop):
            if self._train_epoch():
                self._finish_epoch()
            if self.team.leads and time.monotonic() - drawn > DRAW_EVERY:
                draw_curves(self.folder)
                drawn = time.monotonic()
        if self.team.leads:
            draw_curves(self.folder)
        self.team.wait()  # what the leader writes is there for all when they go on
        return self.state

    def _train_epoch(self) -> bool:
        """The rest of the epoch begun; False if it was left unfinished, its state written."""
        state, config = self.state, self.state.config
        epoch = state.epoch + 1
        phase = config.phase_of(epoch)
        batches = self.source.batches(epoch)
        updates = updates_of(batches, config)
        on_cpu = self.team.device.type == "cpu"
        self._counted = time.monotonic()
        means: dict[str, float] = {}
        groups = groups_ahead(batches, config.accumulate, first=state.step, ahead=0 if on_cpu else 2)
        for index in range(state.step, updates):
            began = time.monotonic()
            group = guards.next_batches(groups, config)
            state.waited += time.monotonic() - began
            self.model.set_learning_rate(_rate(config, epoch - 1 + index / updates))
            chance = np.random.default_rng((config.seed, epoch, index)).random()
            told = chance < config.tell_mask
            state.tally.add(guards.step(self.model, group, phase, index, self.team, tell_mask=told))
            state.step += 1
            looks = state.step % (1 if on_cpu else READ_EVERY) == 0 or state.step == updates
            if looks:
                means = state.tally.means()
                self._count_time()
            if self.watch.on_step and self.team.leads:
                self.watch.on_step(epoch, state.step, updates, means)
            if looks and self._interrupted(means, within=state.step < updates):
                return False
        return True

    def _interrupted(self, means: dict[str, float], *, within: bool) -> bool:
        """Look after losses and clocks, in all processes alike; True if the epoch is to be left here."""
        wrong = not_finite(means)
        late = self.watch.checkpoint_minutes is not None and self._late(self.watch.checkpoint_minutes)
        asked = self.watch.should_stop is not None and self.watch.should_stop()
        diverged, self._asked_to_stop, keep = self.team.any(bool(wrong), asked, late)
        if diverged:
            raise guards.diverged(
                f"loss {', '.join(wrong) or 'of another process'} not finite",
                when=self._when(),
                last_good=last_good(self.folder, self.state),
            )
        if within and (self._asked_to_stop or keep):
            guards.check_finite(
                means, self.model, when=self._when(), last_good=last_good(self.folder, self.state)
            )
            randoms = random_states(self.team)
            if self.team.leads:
                keep_step(self.folder, self.state, self.model, randoms)
            self._kept = time.monotonic()
            self._counted = self._kept
        return within and self._asked_to_stop

    def _finish_epoch(self) -> None:
        """Figures, checkpoints, log."""
        state, config = self.state, self.state.config
        epoch = state.epoch + 1
        phase = config.phase_of(epoch)
        means = state.tally.means(self.team)
        good = last_good(self.folder, state)
        guards.check_finite(means, self.model, when=self._when(), last_good=good)
        line: dict[str, Any] = {
            "kind": "epoch",
            "epoch": epoch,
            "phase": phase.label,
            "losses": means,
            "images": len(self.source.batches(epoch)) * config.batch_size,
            "seconds": round(state.seconds, 3),
            "data_seconds": round(state.waited, 3),
        }
        guards.check_discriminator([*state.history, line], last_good=good)
        state.begin_epoch_after(epoch)
        validated = epoch % config.validate_every == 0 or state.finished
        samples = None
        if validated and self.team.leads and self.val_pairs:
            line["val"] = evaluate(self.model.for_use, self.val_pairs, self.team.device)
            samples = sample_sheet(self.model.for_use, pairs_to_show(self.val_pairs), self.team.device)
        state.history.append(line)
        randoms = random_states(self.team)
        limit = self.watch.checkpoint_minutes
        phase_ends = state.finished or config.phase_of(epoch + 1) is not phase
        resumable = limit is None or phase_ends or self._asked_to_stop or self._late(limit)
        if self.team.leads:
            keep_epoch(self.folder, state, self.model, randoms, samples=samples, resumable=resumable)
            if self.watch.scalars:
                self.watch.scalars.add(line)
            if self.watch.on_epoch:
                self.watch.on_epoch(line)
        if resumable:
            self._kept = time.monotonic()

    def _late(self, minutes: float) -> bool:
        return time.monotonic() - self._kept >= minutes * 60

    def _count_time(self) -> None:
        now = time.monotonic()
        self.state.seconds += now - self._counted
        self._counted = now

    def _when(self) -> str:
        return f"epoch {self.state.epoch + 1}, update {self.state.step}"


def updates_of(batches: Sequence[Sample], config: TrainConfig) -> int:
    """Of an epoch with these batches."""
    return math.ceil(len(batches) / config.accumulate)


def _rate(config: TrainConfig, epochs_done: float) -> float:
    if not config.cosine:
        return config.learning_rate
    return config.learning_rate * 0.5 * (1.0 + math.cos(math.pi * epochs_done / config.epochs))
