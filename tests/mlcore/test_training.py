"""Training: the paper's ratios, losses by name, exact resuming, checkpoints that load."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from mlcore import losses
from mlcore.checkpoints import load_generator
from mlcore.dataset import Augmentation, Pair, Sample
from mlcore.errors import CheckpointError, TrainingError
from mlcore.networks import PatchGAN, build_generator
from mlcore.pairing import find_pairs
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import PRESETS, Phase, TrainConfig
from mlcore.training import train
from tests.mlcore.paired_data import write_data_set

SMALL = TrainConfig(
    generator_options={"base_channels": 4},
    phases=(Phase(1, 1, 0, find_only=True), Phase(2, 2, 1)),
    batch_size=2,
    images_per_epoch=4,
    cosine=True,
    lambda_hole=10.0,
    lambda_mask=10.0,
    tell_mask=0.5,
    augmentation=Augmentation(crop=64, flip=0.5, grey=0.3, grain=0.5),
)
# Dropout draws from torch's random state, which resuming must therefore bring back.
SMALL_PAPER = TrainConfig(
    generator="unet_256",
    generator_options={"base_channels": 8, "depth": 6, "max_channels": 16},
    phases=(Phase(2, 1, 1), Phase(1, 3, 1)),
    batch_size=2,
    images_per_epoch=4,
    augmentation=Augmentation(crop=64),
)


class Stopped(Exception):
    """Somebody pulled the plug."""


@pytest.fixture
def pairs(tmp_path: Path) -> list[Pair]:
    return find_pairs(write_data_set(tmp_path / "data"))


def _log(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


def test_the_paper_preset_is_the_paper() -> None:
    paper = PRESETS["paper"]
    assert (paper.epochs, paper.batch_size, paper.learning_rate, paper.beta1) == (100, 32, 2e-4, 0.5)
    assert [phase.ratio for phase in paper.phases] == ["1:1", "2:1", "3:1"]
    assert (paper.generator, paper.lambda_l1, paper.augmentation.crop) == ("unet_256", 100.0, None)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("epochs", [5, 7, 100, 333])
def test_presets_stretch_and_survive_json(name: str, epochs: int) -> None:
    config = PRESETS[name].with_epochs(epochs)
    assert config.epochs == epochs
    assert all(phase.epochs >= 1 for phase in config.phases)
    assert TrainConfig.from_dict(json.loads(json.dumps(config.as_dict()))) == config


def test_fewer_epochs_than_phases_are_refused() -> None:
    with pytest.raises(ValueError, match="3 phases need at least as many epochs, got 2"):
        PRESETS["paper"].with_epochs(2)


@pytest.mark.parametrize("config", [SMALL, SMALL_PAPER], ids=["find_fill_refine", "unet"])
def test_a_resumed_run_ends_exactly_where_an_uninterrupted_one_does(
    tmp_path: Path, pairs: list[Pair], config: TrainConfig
) -> None:
    def stop_after_two(line: dict[str, Any]) -> None:
        if line["epoch"] == 2:
            raise Stopped

    train(pairs, pairs[:2], tmp_path / "whole", config)
    with pytest.raises(Stopped):
        train(pairs, pairs[:2], tmp_path / "broken", config, on_epoch=stop_after_two)
    with (tmp_path / "broken/log.jsonl").open("a") as log:
        log.write('{"kind": "ep')
    torch.rand(3)
    train(pairs, pairs[:2], tmp_path / "broken", resume=True)
    assert _log(tmp_path / "broken") == _log(tmp_path / "whole")
    for name in ("best", "last"):
        whole = load_generator(tmp_path / "whole" / f"{name}.safetensors").generator.state_dict()
        broken = load_generator(tmp_path / "broken" / f"{name}.safetensors").generator.state_dict()
        assert all(torch.equal(whole[key], broken[key]) for key in whole)


def test_a_run_leaves_its_whole_record(tmp_path: Path, pairs: list[Pair]) -> None:
    train(pairs, pairs[:2], tmp_path / "run", SMALL)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "config.json",
        "log.jsonl",
        "best.safetensors",
        "last.safetensors",
        "state.pt",
        "losses.png",
        "ssim.png",
        "psnr.png",
    }
    first, *_, last = _log(tmp_path / "run")
    assert set(first["losses"]) == {"G_mask"}
    assert set(last["losses"]) == {"G_GAN", "G_L1", "G_hole", "G_mask", "D_real", "D_fake"}
    assert set(last["val"]) == {"light", "heavy", "mean"}
    assert set(last["val"]["mean"]) == {"psnr", "ssim", "precision", "recall"}


def test_training_learns(tmp_path: Path, pairs: list[Pair]) -> None:
    config = replace(SMALL, phases=(Phase(12, 1, 0),), images_per_epoch=16, learning_rate=2e-3)
    train(pairs, pairs[:2], tmp_path / "run", config)
    first, *_, last = _log(tmp_path / "run")
    assert last["losses"]["G_mask"] < first["losses"]["G_mask"] * 0.7
    assert last["val"]["mean"]["psnr"] > first["val"]["mean"]["psnr"]


def test_a_folder_with_a_run_is_not_overwritten(tmp_path: Path, pairs: list[Pair]) -> None:
    config = replace(SMALL, phases=(Phase(1, 1, 0, find_only=True),))
    train(pairs, pairs[:1], tmp_path / "run", config)
    with pytest.raises(TrainingError) as caught:
        train(pairs, pairs[:1], tmp_path / "run", config)
    assert caught.value.code == "mlcore:run:exists"


def test_nothing_to_resume_and_a_damaged_state_are_told(tmp_path: Path, pairs: list[Pair]) -> None:
    with pytest.raises(CheckpointError, match="nothing to resume") as missing:
        train(pairs, pairs, tmp_path, resume=True)
    (tmp_path / "state.pt").write_bytes(b"not a state")
    with pytest.raises(CheckpointError) as unreadable:
        train(pairs, pairs, tmp_path, resume=True)
    assert (missing.value.code, unreadable.value.code) == ("mlcore:state:missing", "mlcore:state:unreadable")


def test_a_crop_that_does_not_fit_the_network_is_refused(tmp_path: Path, pairs: list[Pair]) -> None:
    with pytest.raises(TrainingError, match="crops of 100 pixels: find_fill_refine needs multiples of 64"):
        train(pairs, pairs, tmp_path / "run", replace(SMALL, augmentation=Augmentation(crop=100)))


@pytest.mark.parametrize(
    ("phase", "expected"),
    [(Phase(1, 1, 1), 6), (Phase(1, 2, 1), 3), (Phase(1, 3, 1), 2), (Phase(1, 1, 2), 12)],
)
def test_update_ratio(phase: Phase, expected: int) -> None:
    """Six batches: the generator learns from each, the discriminator in the ratio of the phase."""
    config = replace(SMALL_PAPER, generator_options={"base_channels": 2, "depth": 5, "max_channels": 4})
    model = Pix2Pix(
        build_generator(config.generator, **config.generator_options),
        PatchGAN(base_channels=2),
        config,
        torch.device("cpu"),
    )
    batch = Sample(torch.rand(2, 3, 64, 64), torch.rand(2, 3, 64, 64), torch.ones(2, 1, 64, 64))
    for index in range(6):
        model.step(batch, phase, index)
    assert _updates(model.optimisers.generator) == 6
    assert _updates(model.optimisers.discriminator) == expected


def _updates(optimiser: torch.optim.Optimizer) -> int:
    return int(next(iter(optimiser.state_dict()["state"].values()))["step"])


def test_losses_are_their_formulas() -> None:
    logits = torch.tensor([[[[0.0, 2.0]]]])
    real: Tensor = -torch.log(torch.sigmoid(logits)).mean()
    fake = -torch.log(1 - torch.sigmoid(logits)).mean()
    assert losses.adversarial(logits, real=True).item() == pytest.approx(real.item())
    assert losses.adversarial(logits, real=False).item() == pytest.approx(fake.item())
    one, two = torch.zeros(1, 3, 2, 2), torch.full((1, 3, 2, 2), 0.5)
    two[..., 0, 0] = 1.0
    corner = torch.zeros(1, 1, 2, 2)
    corner[..., 0, 0] = 1
    assert losses.l1(one, two).item() == pytest.approx((1.0 + 3 * 0.5) / 4)
    assert losses.l1(one, two, corner).item() == pytest.approx(1.0)


def test_a_finder_that_is_right_loses_nothing_and_one_that_is_wrong_much() -> None:
    mask = (torch.rand(2, 1, 16, 16) > 0.7).float()
    assert losses.damage_found((mask * 2 - 1) * 20, mask) < 0.01
    assert losses.damage_found((1 - mask * 2) * 20, mask) > 5
