"""Training runs: exact resuming, the record they leave, presets, settings."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from mlcore.checkpoints import load_generator, read_header
from mlcore.dataset import Augmentation, Pair
from mlcore.errors import CheckpointError, TrainingError
from mlcore.images import load_rgb
from mlcore.networks import PatchGAN
from mlcore.pairing import find_pairs
from mlcore.presets import PRESETS, Phase, TrainConfig
from mlcore.run_state import RunState
from mlcore.training import train
from tests.mlcore.memory_source import MemorySource
from tests.mlcore.paired_data import write_data_set
from tests.mlcore.small_network import LEAN

SMALL = TrainConfig(
    generator_options={"base_channels": 4, "depth": 5},
    phases=(Phase(1, 1, 0, find_only=True), Phase(2, 2, 1)),
    batch_size=2,
    cosine=True,
    lambda_hole=10.0,
    lambda_mask=10.0,
    tell_mask=0.5,
    augmentation=Augmentation(crop=32),
)
# Dropout draws from torch's random state, which resuming must therefore bring back.
SMALL_PAPER = TrainConfig(
    generator="unet_256",
    generator_options={"base_channels": 8, "depth": 5, "max_channels": 16},
    phases=(Phase(2, 1, 1), Phase(1, 3, 1)),
    batch_size=2,
    augmentation=Augmentation(crop=32),
)
CONFIGS = {
    "find_fill_refine": SMALL,
    "unet": SMALL_PAPER,
    "fill": replace(SMALL, phases=(Phase(2, 1, 0, fill_only=True), Phase(1, 1, 0, find_only=True))),
    "everything": replace(SMALL, ema=0.9, clip_norm=1.0, accumulate=2, optimiser="adamw"),
    "fp16": replace(SMALL_PAPER, precision="fp16"),
}


class Stopped(Exception):
    """Somebody pulled the plug."""


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small discriminator, and curves only where they are asked for."""
    monkeypatch.setattr("mlcore.run_setup.PatchGAN", partial(PatchGAN, base_channels=8))
    if "whole_record" not in request.node.name:
        monkeypatch.setattr("mlcore.training.draw_curves", lambda _folder: None)


@pytest.fixture
def val_pairs(tmp_path: Path) -> list[Pair]:
    return find_pairs(write_data_set(tmp_path / "data", stems=2))[:2]


def source() -> MemorySource:
    return MemorySource(count=3, side=32)


def log_of(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if "seconds" not in key} for line in lines]


def pull_the_plug(folder: Path, pairs: list[Pair], config: TrainConfig) -> None:
    """After two epochs, with half a line of the third in the log."""

    def stop_after_two(line: dict[str, Any]) -> None:
        if line["epoch"] == 2:
            raise Stopped

    with pytest.raises(Stopped):
        train(source(), pairs, folder, config, on_epoch=stop_after_two)
    with (folder / "log.jsonl").open("a") as log:
        log.write('{"kind": "ep')


def stop_within_every_epoch(folder: Path, pairs: list[Pair], config: TrainConfig) -> None:
    """As with a limit of time that ends after each second update."""
    state = train(source(), pairs, folder, config, should_stop=every(2))
    while state.epoch < 2:
        torch.rand(3)
        state = train(source(), pairs, folder, resume=True, should_stop=every(2))
    assert not state.finished


def every(count: int) -> Callable[[], bool]:
    asked = iter(range(1, 1000))
    return lambda: next(asked) % count == 0


@pytest.mark.parametrize("interrupt", [pull_the_plug, stop_within_every_epoch])
@pytest.mark.parametrize("config", CONFIGS.values(), ids=list(CONFIGS))
def test_a_resumed_run_ends_exactly_where_an_uninterrupted_one_does(
    tmp_path: Path,
    val_pairs: list[Pair],
    config: TrainConfig,
    interrupt: Callable[[Path, list[Pair], TrainConfig], None],
) -> None:
    train(source(), val_pairs, tmp_path / "whole", config)
    interrupt(tmp_path / "broken", val_pairs, config)
    torch.rand(3)
    assert train(source(), val_pairs, tmp_path / "broken", resume=True).finished
    assert log_of(tmp_path / "broken") == log_of(tmp_path / "whole")
    whole, broken = (
        torch.load(tmp_path / name / "state.pt", weights_only=True) for name in ("whole", "broken")
    )
    for key in ("generator", "discriminator", "learner_generator", "learner_discriminator", "average"):
        assert_same(whole[key], broken[key])
    for name in ("best", "last"):
        one, two = (
            load_generator(tmp_path / run / f"{name}.safetensors").generator for run in ("whole", "broken")
        )
        assert_same(one.state_dict(), two.state_dict())


def assert_same(one: Any, two: Any) -> None:
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, two)
    elif isinstance(one, dict):
        assert one.keys() == two.keys()
        for key in one:
            assert_same(one[key], two[key])
    else:
        assert one == two


def test_states_within_an_epoch_change_nothing(tmp_path: Path, val_pairs: list[Pair]) -> None:
    train(source(), val_pairs, tmp_path / "plain", SMALL_PAPER)
    train(source(), val_pairs, tmp_path / "kept", SMALL_PAPER, checkpoint_minutes=0.0)
    assert log_of(tmp_path / "kept") == log_of(tmp_path / "plain")


def test_a_killed_run_goes_on_from_its_latest_state_within_an_epoch(
    tmp_path: Path, val_pairs: list[Pair]
) -> None:
    def kill(epoch: int, done: int, _total: int, _losses: dict[str, float]) -> None:
        if (epoch, done) == (2, 3):
            raise Stopped

    with pytest.raises(Stopped):
        train(source(), val_pairs, tmp_path / "run", SMALL_PAPER, on_step=kill, checkpoint_minutes=0.0)
    seen: list[tuple[int, int]] = []
    train(
        source(),
        val_pairs,
        tmp_path / "run",
        resume=True,
        on_step=lambda epoch, done, _total, _losses: seen.append((epoch, done)),
    )
    assert seen == [(2, 3), (3, 1), (3, 2), (3, 3)]


def test_time_counts_what_is_in_the_weights_over_all_pieces(tmp_path: Path, val_pairs: list[Pair]) -> None:
    first = train(source(), val_pairs, tmp_path / "run", SMALL, should_stop=every(2))
    assert (first.epoch, first.step) == (0, 2)
    assert first.trained_seconds > 0
    last = train(source(), val_pairs, tmp_path / "run", resume=True)
    assert last.history[0]["seconds"] > first.trained_seconds
    told = read_header(tmp_path / "run" / "last.safetensors")["metadata"]["seconds"]
    assert told == pytest.approx(sum(line["seconds"] for line in last.history), abs=0.06)


def test_a_state_of_version_0_1_goes_on(tmp_path: Path, val_pairs: list[Pair]) -> None:
    """Written as that version wrote it: fewer fields of the config, whole epochs, other names."""
    train(source(), val_pairs, tmp_path / "whole", SMALL_PAPER)
    pull_the_plug(tmp_path / "old", val_pairs, SMALL_PAPER)
    path = tmp_path / "old" / "state.pt"
    content = torch.load(path, weights_only=True)
    config = json.loads(content["config"])
    for name in ["accumulate", "optimiser", "weight_decay", "clip_norm", "ema", "compile", "deterministic"]:
        del config[name]
    old = {name: content[name] for name in ("epoch", "best", "history", "began_with", "generator")}
    old |= {
        "config": json.dumps(config),
        "discriminator": content["discriminator"],
        "optimiser_generator": content["learner_generator"]["optimiser"],
        "optimiser_discriminator": content["learner_discriminator"]["optimiser"],
        "random": content["randoms"][0]["cpu"],
        "random_cuda": [],
    }
    torch.save(old, path)
    train(source(), val_pairs, tmp_path / "old", resume=True)
    assert log_of(tmp_path / "old") == log_of(tmp_path / "whole")


def test_a_run_leaves_its_whole_record(tmp_path: Path, val_pairs: list[Pair]) -> None:
    folder = tmp_path / "run"
    train(source(), val_pairs, folder, SMALL)
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        "config.json",
        "environment.json",
        "log.jsonl",
        "best.safetensors",
        "last.safetensors",
        "state.pt",
        "losses.png",
        "ssim.png",
        "psnr.png",
        "iou.png",
        "samples/epoch-001.png",
        "samples/epoch-002.png",
        "samples/epoch-003.png",
    }
    first, *_, last = log_of(folder)
    assert set(first["losses"]) == {"G_mask", "G_L1"}
    assert set(last["losses"]) == {"G_GAN", "G_L1", "G_hole", "G_mask", "D_real", "D_fake"}
    assert set(last["val"]) == {"light", "heavy", "mean"}
    assert set(last["val"]["mean"]) == {"psnr", "ssim", "precision", "recall", "iou"}
    sheet = load_rgb(folder / "samples" / "epoch-001.png")
    assert sheet.shape[1] > 4 * 256
    assert sheet.shape[0] > 2 * 256


def test_the_record_says_on_what_each_piece_ran(tmp_path: Path, val_pairs: list[Pair]) -> None:
    train(source(), val_pairs, tmp_path / "run", SMALL, should_stop=every(2))
    train(source(), val_pairs, tmp_path / "run", resume=True)
    first, second = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert (first["after_epoch"], first["step"]) == (0, 0)
    assert (second["after_epoch"], second["step"]) == (0, 2)
    assert first["torch"] == torch.__version__
    assert first["threads"] == torch.get_num_threads()
    assert first["command"]
    assert set(first) >= {"python", "processor", "device", "git", "started", "system"}


def test_averaged_weights_are_what_is_validated_and_written_for_use(
    tmp_path: Path, val_pairs: list[Pair]
) -> None:
    config = replace(SMALL, ema=0.9)
    train(source(), val_pairs, tmp_path / "run", config)
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    written = load_generator(tmp_path / "run" / "last.safetensors").generator.state_dict()
    name = "refiner.head.weight"
    assert torch.equal(written[name], state["average"]["generator"][name].half().float())
    assert not torch.equal(written[name], state["generator"][name].half().float())


def test_training_learns(tmp_path: Path, val_pairs: list[Pair]) -> None:
    config = replace(SMALL, phases=(Phase(12, 1, 0),), learning_rate=2e-3)
    train(MemorySource(count=8, side=32), val_pairs, tmp_path / "run", config)
    first, *_, last = log_of(tmp_path / "run")
    assert last["losses"]["G_mask"] < first["losses"]["G_mask"] * 0.7
    assert last["losses"]["G_L1"] < first["losses"]["G_L1"]


def test_a_folder_with_a_run_is_not_overwritten(tmp_path: Path, val_pairs: list[Pair]) -> None:
    train(source(), val_pairs, tmp_path / "run", SMALL, should_stop=every(2))
    with pytest.raises(TrainingError) as caught:
        train(source(), val_pairs, tmp_path / "run", SMALL)
    assert caught.value.code == "mlcore:run:exists"


def test_nothing_to_resume_and_a_damaged_state_are_told(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nothing to resume") as missing:
        train(source(), [], tmp_path, resume=True)
    (tmp_path / "state.pt").write_bytes(b"not a state")
    with pytest.raises(CheckpointError) as unreadable:
        train(source(), [], tmp_path, resume=True)
    assert (missing.value.code, unreadable.value.code) == ("mlcore:state:missing", "mlcore:state:unreadable")


def test_a_state_of_another_network_is_told(tmp_path: Path, val_pairs: list[Pair]) -> None:
    train(source(), val_pairs, tmp_path / "run", SMALL, should_stop=every(1))
    path = tmp_path / "run" / "state.pt"
    content = torch.load(path, weights_only=True)
    content["generator"].popitem()
    torch.save(content, path)
    with pytest.raises(CheckpointError) as caught:
        train(source(), val_pairs, tmp_path / "run", resume=True)
    assert caught.value.code == "mlcore:state:mismatch"


def test_a_crop_that_does_not_fit_the_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="crops of 100 pixels: find_fill_refine needs multiples of 32"):
        train(source(), [], tmp_path / "run", replace(SMALL, augmentation=Augmentation(crop=100)))


def test_switches_of_the_process_are_put_back(tmp_path: Path, val_pairs: list[Pair]) -> None:
    seen: list[bool] = []
    train(
        source(),
        val_pairs,
        tmp_path / "run",
        replace(SMALL, deterministic=True),
        on_step=lambda *_: seen.append(torch.are_deterministic_algorithms_enabled()),
        should_stop=every(1),
    )
    assert seen == [True]
    assert not torch.are_deterministic_algorithms_enabled()


def test_the_paper_preset_is_the_paper() -> None:
    paper = PRESETS["paper"]
    assert (paper.epochs, paper.batch_size, paper.learning_rate, paper.beta1) == (100, 32, 2e-4, 0.5)
    assert [phase.ratio for phase in paper.phases] == ["1:1", "2:1", "3:1"]
    assert [phase.generator_updates for phase in paper.phases] == [1, 2, 3]
    assert (paper.generator, paper.lambda_l1, paper.augmentation.crop) == ("unet_256", 100.0, None)
    backwards = PRESETS["paper_reversed"]
    assert [phase.ratio for phase in backwards.phases] == ["3:1", "2:1", "1:1"]
    assert replace(backwards, phases=paper.phases) == paper


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("epochs", [8, 9, 100, 333])
def test_presets_stretch_and_survive_json(name: str, epochs: int) -> None:
    config = PRESETS[name].with_epochs(epochs)
    assert config.epochs == epochs
    assert all(phase.epochs >= 1 for phase in config.phases)
    assert TrainConfig.from_dict(json.loads(json.dumps(config.as_dict()))) == config


@pytest.mark.parametrize(
    ("name", "options"), [("accelerator", {"base_channels": 4, "depth": 3}), ("accelerator_lean", LEAN)]
)
def test_one_command_trains_a_network_from_nothing(
    name: str, options: dict[str, Any], tmp_path: Path
) -> None:
    """The recipe for accelerators in miniature: finder, refiner, both, each with its statistics."""
    preset = PRESETS[name].with_epochs(len(PRESETS[name].phases))
    small = {"generator_options": options, "batch_size": 2, "precision": "fp32", "compile": False}
    config = replace(preset, augmentation=replace(preset.augmentation, crop=32), **small)
    state = train(source(), [], tmp_path / "run", config)
    assert state.finished
    assert [line["phase"] for line in state.history] == ["find"] * 2 + ["fill"] * 2 + [
        "1:0",
        "1:1",
        "2:1",
        "3:1",
    ]
    assert all("G_rms" in line["losses"] for line in state.history)


def test_fewer_epochs_than_phases_are_refused() -> None:
    with pytest.raises(ValueError, match="3 phases need at least as many epochs, got 2"):
        PRESETS["paper"].with_epochs(2)


def test_a_fresh_state_is_not_finished() -> None:
    assert not RunState(SMALL).finished
    assert RunState(SMALL, epoch=3).finished


def test_finder_and_refiner_trained_apart_come_together(tmp_path: Path, val_pairs: list[Pair]) -> None:
    """Each of two runs changes its own part; a third begins with both, and says so in its weights."""
    for number, part in enumerate(("find_only", "fill_only")):
        config = replace(SMALL, phases=(Phase(1, 1, 0, **{part: True}),), seed=number)
        train(source(), val_pairs, tmp_path / part, config)
    refined, found = tmp_path / "fill_only" / "last.safetensors", tmp_path / "find_only" / "last.safetensors"
    still = replace(SMALL, learning_rate=0.0, phases=(Phase(1, 1, 0, fill_only=True),))
    train(source(), val_pairs, tmp_path / "both", still, initial=refined, initial_finder=found)
    both = tmp_path / "both" / "last.safetensors"
    weights, fill, find = (
        dict(load_generator(path).generator.named_parameters()) for path in (both, refined, found)
    )
    for name, value in weights.items():
        theirs = find if name.startswith("finder.") else fill
        assert torch.equal(value, theirs[name]), name
    assert not torch.equal(find["finder.head.weight"], fill["finder.head.weight"])
    began = read_header(both)["metadata"]["began_with"]
    assert began["metadata"]["config"]["seed"] == 1
    assert began["finder"]["metadata"]["config"]["seed"] == 0


def test_a_network_without_a_finder_cannot_begin_with_one(tmp_path: Path, val_pairs: list[Pair]) -> None:
    config = replace(SMALL, phases=(Phase(1, 1, 0, find_only=True),))
    train(source(), val_pairs, tmp_path / "found", config)
    with pytest.raises(TrainingError, match="no damage finder") as caught:
        train(
            source(),
            val_pairs,
            tmp_path / "paper",
            SMALL_PAPER,
            initial_finder=tmp_path / "found" / "last.safetensors",
        )
    assert caught.value.code == "mlcore:run:settings"
