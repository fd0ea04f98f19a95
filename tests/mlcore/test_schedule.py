"""Epochs that fit into a given time, by a clock that a test turns."""

from dataclasses import replace
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
import torch

from mlcore.dataset import Augmentation
from mlcore.distributed import Team
from mlcore.errors import TrainingError
from mlcore.networks import PatchGAN
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import PRESETS, Phase, TrainConfig
from mlcore.run_state import RunState
from mlcore.schedule import MARGIN, Pace, fitted, measure_pace
from mlcore.training import train
from tests.mlcore.memory_source import MemorySource

PHASES = (Phase(30, 1, 0), Phase(10, 1, 1), Phase(20, 3, 1))
CONFIG = TrainConfig(
    generator="unet_256",
    generator_options={"base_channels": 4, "depth": 5, "max_channels": 8},
    phases=PHASES,
    batch_size=2,
    cosine=True,
    ema=0.9,
    augmentation=Augmentation(crop=32),
)


class HandTurnedClock:
    """Seconds that pass only when a model trains: as many as its phase says."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def step(self, _batches: Any, phase: Phase, _index: int, **_named: Any) -> dict[str, torch.Tensor]:
        self.now += self.seconds[phase.label]
        return {"G_L1": torch.tensor(1.0)}


def predicted(config: TrainConfig, pace: Pace, updates: int, done: int = 0) -> float:
    """Written out, epoch by epoch."""
    ends = list(accumulate(phase.epochs for phase in config.phases))
    phase_of = [
        next(n for n, end in enumerate(ends) if epoch <= end) for epoch in range(1, config.epochs + 1)
    ]
    trained = sum(pace.update[number] * updates for number in phase_of[done:])
    validated = sum(epoch % config.validate_every == 0 for epoch in range(done + 1, config.epochs + 1))
    return trained + validated * pace.validation


@pytest.mark.parametrize("minutes", [1, 7, 25, 600])
@pytest.mark.parametrize("done", [0, 5, 30, 33])
def test_all_phases_end_in_time_and_little_time_is_left_over(minutes: int, done: int) -> None:
    pace = Pace((0.01, 0.02, 0.015), validation=0.2)
    plan = fitted(CONFIG, pace, minutes * 60, updates=50, done=done)
    assert predicted(plan, pace, 50, done) <= minutes * 60 * (1 - MARGIN)
    longer = CONFIG.with_epochs_after(done, plan.epochs - done + 2)
    assert predicted(longer, pace, 50, done) > minutes * 60 * (1 - MARGIN) - 2 * pace.validation
    assert all(phase.epochs for phase in plan.phases)
    # What is done stays, what is left keeps its proportions.
    assert [plan.phase_of(epoch).label for epoch in range(1, done + 1)] == [
        CONFIG.phase_of(epoch).label for epoch in range(1, done + 1)
    ]
    left = CONFIG.epochs - done
    for before, after in zip(CONFIG.epochs_left(done), plan.epochs_left(done), strict=True):
        assert after == pytest.approx(before * (plan.epochs - done) / left, abs=1)


def test_too_little_time_is_refused_with_what_it_would_take() -> None:
    with pytest.raises(TrainingError, match=r"takes about 0\.7 minutes, and there are 0\.5") as caught:
        fitted(CONFIG, Pace((0.1, 0.2, 0.1), 0.5), 30, updates=100)
    assert caught.value.code == "mlcore:run:settings"


def test_a_run_that_has_begun_gets_the_least_rather_than_nothing() -> None:
    plan = fitted(CONFIG, Pace((0.1, 0.2, 0.1), 0.5), 3, updates=100, done=35, begun=True)
    assert plan.epochs_left(35) == (0, 1, 1)
    assert plan.epochs == 37


def test_a_pace_is_measured_for_each_phase_that_is_left() -> None:
    clock = HandTurnedClock({"1:0": 0.25, "1:1": 0.5, "3:1": 1.0})
    model: Any = clock
    pace = measure_pace(model, MemorySource(side=32), [], CONFIG, Team(), clock=clock)
    assert pace == Pace((0.25, 0.5, 1.0), 0.0)
    pace = measure_pace(model, MemorySource(side=32), [], CONFIG, Team(), first_phase=1, clock=clock)
    assert pace == Pace((0.0, 0.5, 1.0), 0.0)


@pytest.fixture
def slow_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every update takes a quarter of a second by the clock of training and measuring, and hardly any by
    ours."""
    now = 0.0
    step = Pix2Pix.step

    def slow(model: Pix2Pix, *arguments: Any, **named: Any) -> Any:
        nonlocal now
        now += 0.25
        return step(model, *arguments, **named)

    monkeypatch.setattr(Pix2Pix, "step", slow)
    monkeypatch.setattr("mlcore.training.time.monotonic", lambda: now)
    monkeypatch.setattr("mlcore.training.draw_curves", lambda _folder: None)
    monkeypatch.setattr("mlcore.run_setup.PatchGAN", partial(PatchGAN, base_channels=8))


@pytest.mark.usefixtures("slow_steps")
def test_a_run_with_a_time_is_the_run_with_that_many_epochs_bit_for_bit(tmp_path: Path) -> None:
    """Measuring leaves no trace, and a run that goes on may be given another time."""
    timed = train(MemorySource(side=32), [], tmp_path / "timed", CONFIG, minutes=0.75)
    assert timed.finished
    assert 30 < timed.trained_seconds <= 45
    plain = train(MemorySource(side=32), [], tmp_path / "plain", timed.config)
    states = [torch.load(tmp_path / name / "state.pt", weights_only=True) for name in ("timed", "plain")]
    for network in ("generator", "discriminator"):
        one, two = (state[network] for state in states)
        assert all(torch.equal(one[name], two[name]) for name in one)
    assert [line["losses"] for line in timed.history] == [line["losses"] for line in plain.history]


@pytest.mark.usefixtures("slow_steps")
def test_a_run_that_goes_on_is_fitted_to_the_time_that_is_left(tmp_path: Path) -> None:
    asked = iter(range(1000))
    begun = train(MemorySource(side=32), [], tmp_path / "run", CONFIG, should_stop=lambda: next(asked) == 5)
    assert (begun.epoch, begun.step) == (3, 0)
    ended = train(MemorySource(side=32), [], tmp_path / "run", resume=True, minutes=0.5)
    assert ended.finished
    assert ended.config.phases[0].epochs < CONFIG.phases[0].epochs
    assert ended.history[:3] == begun.history
    assert sum(line["seconds"] for line in ended.history[3:]) <= 30
    assert RunState(ended.config, epoch=ended.epoch).finished


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("done", [0, 1, 7])
def test_every_preset_can_be_stretched_after_its_beginning(name: str, done: int) -> None:
    config = PRESETS[name]
    plan = config.with_epochs_after(done, 50)
    assert plan.epochs == done + 50
    assert replace(plan, phases=config.phases) == config
    assert config.with_epochs_after(0, config.epochs) == config
