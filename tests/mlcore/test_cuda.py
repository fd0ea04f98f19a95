"""A CUDA device computes what a processor does. Chosen by `-m gpu`; needs torch, pytest and what mlcore
imports, no Django (docs/training-on-a-gpu.md has the command).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from mlcore.checkpoints import load_generator
from mlcore.clean_bank import CleanBank, build_bank
from mlcore.dataset import Augmentation
from mlcore.images import save_png
from mlcore.inference import Restorer
from mlcore.inference.engines import TorchEngine
from mlcore.networks import PatchGAN
from mlcore.presets import PRESETS
from mlcore.sources import CleanSource
from mlcore.training import train
from tests.mlcore.small_network import LEAN, photograph, small_network
from tests.mlcore.small_training import SMALL, small_model, teach

pytestmark = pytest.mark.gpu

SHIPPED = Path(__file__).resolve().parents[2] / "mlcore" / "weights" / "pulih-faces-4.safetensors"


@pytest.fixture(autouse=True)
def cuda() -> Iterator[torch.device]:
    """Where torch sees no CUDA, whoever chose these tests is told so: none is left out in silence."""
    assert torch.cuda.is_available(), "there is no CUDA here, or this torch was built without it"
    deterministic = torch.backends.cudnn.deterministic
    yield torch.device("cuda")
    torch.backends.cudnn.deterministic = deterministic


@pytest.fixture
def whole_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Convolutions in single precision, without the ten bits of TF32."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


def off(found: np.ndarray | Tensor, expected: np.ndarray | Tensor) -> float:
    """How far one is from the other, as a share of its length."""
    one, other = (torch.as_tensor(each).double().cpu() for each in (found, expected))
    return float((one - other).norm() / other.norm())


def decibels(one: np.ndarray, other: np.ndarray) -> float:
    """PSNR of two pictures in steps of 0 to 255."""
    error = float(np.mean((one.astype(float) - other) ** 2))
    return 10 * np.log10(255**2 / max(error, 1e-9))


@pytest.mark.usefixtures("whole_floats")
@pytest.mark.parametrize("lean", [False, True])
def test_finder_filler_and_refiner_give_what_they_give_on_a_processor(
    cuda: torch.device, *, lean: bool
) -> None:
    degraded = photograph(128, 192).astype(np.float32) / 127.5 - 1
    here, there = (TorchEngine(small_network(lean=lean), device) for device in (torch.device("cpu"), cuda))
    found = here.find(degraded)
    assert 0.02 < found.mean() < 0.98
    assert off(there.find(degraded), found) < 1e-3
    planes = torch.from_numpy(degraded).permute(2, 0, 1)[None]
    mask = torch.from_numpy(found)[None, None]
    network = small_network(lean=lean)
    with torch.inference_mode():
        filled = network.first_guess(planes, mask)
        assert off(network.first_guess(planes.to(cuda), mask.to(cuda)), filled) < 1e-4
    entry = filled[0].permute(1, 2, 0).numpy()
    correction = here.refine(entry, degraded, found)
    assert np.abs(correction).max() > 0.01
    assert off(there.refine(entry, degraded, found), correction) < 1e-3


def test_a_picture_is_restored_as_on_a_processor_and_alike_each_time(cuda: torch.device) -> None:
    """With the model that Pulih ships, in tiles, in the arithmetic that is used there."""
    picture = photograph(400, 500)
    options = {"tile": 256, "overlap": 64}
    here = Restorer.from_checkpoint(SHIPPED, device="cpu", engine="torch", **options)
    there = Restorer.from_checkpoint(SHIPPED, **options)
    assert (there.parameters()["device"], there.engine, there.quick) == (cuda.type, "torch", False)
    expected, restored = here.restore(picture), there.restore(picture)
    assert (expected.image != picture).any()
    assert decibels(restored.image, expected.image) > 40
    assert restored.mask is not None
    assert expected.mask is not None
    assert np.abs(restored.mask - expected.mask).mean() < 0.01
    assert np.array_equal(there.restore(picture).image, restored.image)


@pytest.mark.usefixtures("whole_floats")
def test_an_update_of_each_phase_loses_what_it_loses_on_a_processor(cuda: torch.device) -> None:
    here, there = small_model(SMALL), small_model(SMALL, cuda)
    expected, told = teach(here, rounds=1), teach(there, rounds=1)
    assert told[0] == pytest.approx(expected[0], rel=1e-3)
    # Adam's first steps are as long for a slope next to nothing, so that its sign may be chance.
    for one, other in zip(told, expected, strict=True):
        assert one == pytest.approx(other, rel=0.03)
    kept = {*there.generator.parameters(), *there.discriminator.parameters()}
    assert {entry.device.type for entry in kept} == {cuda.type}


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_lower_precision_loses_about_the_same(cuda: torch.device, precision: str) -> None:
    expected = teach(small_model(SMALL, cuda), rounds=1)
    told = teach(small_model(replace(SMALL, precision=precision), cuda), rounds=1)
    for one, other in zip(told[:2], expected[:2], strict=True):
        assert one == pytest.approx(other, rel=0.02)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> CleanBank:
    folder = tmp_path_factory.mktemp("clean")
    for number in range(4):
        save_png(folder / f"{number}.png", photograph(64, 64, seed=number))
    return build_bank([folder], side=64, layers=12)


def test_damage_is_composed_there_as_on_a_processor(cuda: torch.device, bank: CleanBank) -> None:
    how = Augmentation(crop=48, zoom=0.3, flip=0.5, grey=0.3, second=0.3)
    here, there = (CleanSource(bank, how, batch_size=4, seed=3, device=device) for device in ("cpu", cuda))
    for epoch in (1, 2, 3):
        expected, made = here.batches(epoch)[0], there.batches(epoch)[0]
        assert {part.device.type for part in made} == {cuda.type}
        for one, other in zip(made, expected, strict=True):
            # Single precision may round a half the other way, by which a pixel may be damaged or not.
            assert ((one.cpu() - other).abs() > 1.5 / 127.5).float().mean() < 2e-3
        assert 0 < expected.mask.mean() < 1


@pytest.mark.parametrize("compiled", [False, True])
def test_the_accelerators_recipe_runs_from_the_first_phase_to_the_last(
    cuda: torch.device, bank: CleanBank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, compiled: bool
) -> None:
    """In bf16, on a network in small; what it leaves restores on a processor."""
    monkeypatch.setattr("mlcore.run_setup.PatchGAN", partial(PatchGAN, base_channels=8))
    preset = PRESETS["accelerator_lean"]
    config = replace(
        preset.with_epochs(len(preset.phases)),
        generator_options=LEAN,
        batch_size=2,
        compile=compiled,
        augmentation=replace(preset.augmentation, crop=32),
    )
    assert config.precision == "bf16"
    source = CleanSource(bank, config.augmentation, batch_size=2, seed=0, device=cuda)
    state = train(source, [], tmp_path, config, device=cuda.type)
    assert state.finished
    assert all(np.isfinite(value) for line in state.history for value in line["losses"].values())
    network = load_generator(tmp_path / "last.safetensors").generator
    assert Restorer(network, device="cpu").restore(photograph(64, 64)).image.shape == (64, 64, 3)
