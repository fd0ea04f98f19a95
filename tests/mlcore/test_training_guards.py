"""What stops a run: it says so, and what was there before is kept whole."""

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from mlcore.atomic_files import replacing
from mlcore.checkpoints import load_generator, save_generator
from mlcore.dataset import Augmentation, Pair, Sample
from mlcore.errors import CheckpointError, TrainingError
from mlcore.guards import COLLAPSED_EPOCHS, check_discriminator, is_out_of_memory
from mlcore.networks import PatchGAN, build_generator
from mlcore.pairing import find_pairs
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import Phase, TrainConfig
from mlcore.training import train
from tests.mlcore.memory_source import MemorySource
from tests.mlcore.paired_data import write_data_set
from tests.processes import ROOT

CONFIG = TrainConfig(
    generator="unet_256",
    generator_options={"base_channels": 4, "depth": 5, "max_channels": 8},
    phases=(Phase(4, 1, 1),),
    batch_size=2,
    augmentation=Augmentation(crop=32),
)


class Poisoned(MemorySource):
    """From the second epoch's second batch on a pixel is no number."""

    def batch(self, epoch: int, index: int) -> Sample:
        sample = super().batch(epoch, index)
        if (epoch, index) >= (2, 1):
            sample.clean[0, 0, 0, 0] = float("nan")
        return sample


@pytest.fixture(autouse=True)
def small_discriminator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlcore.run_setup.PatchGAN", partial(PatchGAN, base_channels=8))


@pytest.fixture
def val_pairs(tmp_path: Path) -> list[Pair]:
    return find_pairs(write_data_set(tmp_path / "data", stems=1, levels=("light",)))


def test_a_loss_that_is_no_number_stops_the_run_at_the_last_good_checkpoint(
    tmp_path: Path, val_pairs: list[Pair]
) -> None:
    folder = tmp_path / "run"
    with pytest.raises(TrainingError) as caught:
        train(Poisoned(side=32), val_pairs, folder, CONFIG)
    assert caught.value.code == "mlcore:run:diverged"
    assert "epoch 2, update 2" in caught.value.message
    assert "G_L1" in caught.value.message
    assert f"{folder / 'last.safetensors'} of epoch 1" in caught.value.message
    for name in ("last", "best"):
        loaded = load_generator(folder / f"{name}.safetensors")
        assert loaded.metadata["epoch"] == 1
        assert all(entry.isfinite().all() for entry in loaded.generator.state_dict().values())
    assert torch.load(folder / "state.pt", weights_only=True)["epoch"] == 1


def test_weights_that_are_no_numbers_never_reach_a_file(
    tmp_path: Path, val_pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The losses of the epoch's last update are still fine when what it makes of the weights is not."""
    step = Pix2Pix.step
    done = 0

    def spoiling(model: Pix2Pix, *arguments: Any, **named: Any) -> dict[str, torch.Tensor]:
        nonlocal done
        losses = step(model, *arguments, **named)
        done += 1
        if done == 4:
            with torch.no_grad():
                next(model.generator.parameters()).fill_(float("inf"))
        return losses

    monkeypatch.setattr(Pix2Pix, "step", spoiling)
    with pytest.raises(TrainingError, match="weights of the generator") as caught:
        train(MemorySource(side=32), val_pairs, tmp_path / "run", CONFIG)
    assert caught.value.code == "mlcore:run:diverged"
    assert load_generator(tmp_path / "run" / "last.safetensors").metadata["epoch"] == 1


def epoch_line(epoch: int, real: float, fake: float) -> dict[str, Any]:
    return {"epoch": epoch, "losses": {"D_real": real, "D_fake": fake}}


def test_a_discriminator_that_is_never_wrong_for_long_has_collapsed() -> None:
    right = [epoch_line(number, 0.001, 0.009) for number in range(1, COLLAPSED_EPOCHS + 1)]
    with pytest.raises(TrainingError, match="epochs 1 to 3: D_real and D_fake below") as caught:
        check_discriminator(right, last_good="Epoch 2 is good.")
    assert caught.value.code == "mlcore:run:collapsed"
    assert "Epoch 2 is good." in caught.value.message


@pytest.mark.parametrize(
    "history",
    [
        [epoch_line(1, 0.001, 0.001), epoch_line(2, 0.001, 0.001)],
        [epoch_line(1, 0.001, 0.001), epoch_line(2, 0.001, 0.02), epoch_line(3, 0.001, 0.001)],
        [epoch_line(1, 0.001, 0.001), {"epoch": 2, "losses": {}}, epoch_line(3, 0.001, 0.001)],
    ],
    ids=["too short", "sometimes wrong", "not always in play"],
)
def test_a_discriminator_that_is_wrong_at_times_has_not(history: list[dict[str, Any]]) -> None:
    check_discriminator(history, last_good="")


def test_a_collapsed_run_keeps_the_checkpoint_of_before(
    tmp_path: Path, val_pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every loss is below the bound: what happens then, not how one gets there."""
    monkeypatch.setattr("mlcore.guards.COLLAPSED_LOSS", 100.0)
    with pytest.raises(TrainingError, match=r"last good checkpoint is .* of epoch 2") as caught:
        train(MemorySource(side=32), val_pairs, tmp_path / "run", CONFIG)
    assert caught.value.code == "mlcore:run:collapsed"
    assert load_generator(tmp_path / "run" / "last.safetensors").metadata["epoch"] == 2


def test_a_full_disk_loses_no_checkpoint(tmp_path: Path, val_pairs: list[Pair]) -> None:
    """A write that the system itself refuses: the temporary file's name leads to /dev/full."""
    folder = tmp_path / "run"

    def fill_up(line: dict[str, Any]) -> None:
        if line["epoch"] == 2:
            (folder / ".state.pt.part").symlink_to("/dev/full")

    with pytest.raises(TrainingError) as caught:
        train(MemorySource(side=32), val_pairs, folder, CONFIG, on_epoch=fill_up)
    assert caught.value.code == "mlcore:disk:full"
    assert str(folder) in caught.value.message
    assert torch.load(folder / "state.pt", weights_only=True)["epoch"] == 2
    assert load_generator(folder / "last.safetensors").metadata["epoch"] in (2, 3)
    # With room again, the run ends where one with room all along does.
    train(MemorySource(side=32), val_pairs, folder, resume=True)
    train(MemorySource(side=32), val_pairs, tmp_path / "whole", CONFIG)
    lines = [
        [{**json.loads(line), "seconds": 0, "data_seconds": 0} for line in (run / "log.jsonl").open()]
        for run in (folder, tmp_path / "whole")
    ]
    assert lines[0] == lines[1]


@pytest.mark.parametrize("name", ["last.safetensors", "best.safetensors"])
def test_a_disk_that_is_full_for_weights_leaves_the_old_ones(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    generator = build_generator(CONFIG.generator, **CONFIG.generator_options)
    save_generator(path, generator, {"epoch": 1}, name=CONFIG.generator)
    (tmp_path / f".{name}.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        save_generator(path, generator, {"epoch": 2}, name=CONFIG.generator)
    assert load_generator(path).metadata == {"epoch": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_what_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def break_off() -> None:
        with replacing(path) as stream:
            stream.write(b"new and lon")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_weights_beyond_half_precision_are_not_written(tmp_path: Path) -> None:
    generator = build_generator(CONFIG.generator, **CONFIG.generator_options)
    with torch.no_grad():
        next(generator.parameters())[0] = 1e6
    with pytest.raises(CheckpointError) as caught:
        save_generator(tmp_path / "weights.safetensors", generator, {}, name=CONFIG.generator)
    assert caught.value.code == "mlcore:checkpoint:not-finite"
    assert list(tmp_path.iterdir()) == []


OUT_OF_MEMORY = """
import resource, sys
from pathlib import Path
import torch
from mlcore.errors import TrainingError
from mlcore.presets import Phase, TrainConfig
from mlcore.training import train
from tests.mlcore.memory_source import MemorySource

torch.set_num_threads(1)
config = TrainConfig(
    generator="unet_256",
    generator_options={"base_channels": 16, "depth": 5, "max_channels": 16},
    phases=(Phase(1, 1, 0),),
    batch_size=64,
)
train(MemorySource(batch_size=1, count=1), [], Path(sys.argv[1]) / "warm", config)
source = MemorySource(batch_size=64, count=1, side=256)
batch = source.batch(1, 0)
source.batch = lambda epoch, index: batch
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 500 * 2**20, used + 500 * 2**20))
try:
    train(source, [], Path(sys.argv[1]) / "run", config)
except TrainingError as error:
    print(error.code, error.message)
"""


def test_memory_that_runs_out_says_which_batch_fits(tmp_path: Path) -> None:
    """In a process of its own that may take half a gigabyte more, of which 64 pictures need several times as
    much."""
    done = subprocess.run(
        [sys.executable, "-c", OUT_OF_MEMORY, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    code, _, message = done.stdout.partition(" ")
    assert code == "mlcore:run:out-of-memory", done.stderr
    assert "batches of 64 pictures of 256x256" in message
    fits = int(message.split("; ")[1].split()[0])
    assert fits in (2, 4, 8, 16)
    assert f"--accumulate {64 // fits}" in message


def test_the_advice_on_accumulating_counts_what_is_accumulated_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that has room for one picture at a time, and should learn from two batches of four."""
    step = Pix2Pix.step

    def cramped(model: Pix2Pix, batches: list[Sample], *arguments: Any, **named: Any) -> Any:
        if batches[0].clean.shape[0] > 1:
            raise torch.OutOfMemoryError("out of memory")
        return step(model, batches, *arguments, **named)

    monkeypatch.setattr(Pix2Pix, "step", cramped)
    config = replace(CONFIG, batch_size=4, accumulate=2, phases=(Phase(1, 1, 0),))
    with pytest.raises(TrainingError, match="1 fit, and --accumulate 8 then learns from as many"):
        train(MemorySource(batch_size=4, side=64), [], tmp_path / "run", config)


def test_memory_that_runs_out_while_batches_are_made_is_told(tmp_path: Path) -> None:
    class Cramped(MemorySource):
        def batches(self, epoch: int) -> Any:
            made = super().batches(epoch)

            class Late(list[Sample]):
                def __getitem__(self, index: int) -> Sample:  # type: ignore[override]
                    if epoch == 2:
                        raise RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling")
                    return made[index]

            return Late(made)

    with pytest.raises(TrainingError, match="making batches of 2 pictures") as caught:
        train(Cramped(side=32), [], tmp_path / "run", replace(CONFIG, accumulate=3))
    assert caught.value.code == "mlcore:run:out-of-memory"
    assert "--accumulate 6" in caught.value.message
    assert torch.load(tmp_path / "run" / "state.pt", weights_only=True)["epoch"] == 1


@pytest.mark.parametrize("name", ["CUBLAS", "CUDNN", "CUSOLVER"])
def test_libraries_say_in_their_own_words_that_memory_ran_out(name: str) -> None:
    assert is_out_of_memory(RuntimeError(f"CUDA error: {name}_STATUS_ALLOC_FAILED when calling `create`"))
    assert not is_out_of_memory(RuntimeError(f"CUDA error: {name}_STATUS_INTERNAL_ERROR"))


def test_tensorboard_is_asked_for_by_name_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(TrainingError, match="pip install tensorboard") as caught:
        train(MemorySource(side=32), [], tmp_path / "run", CONFIG, tensorboard=True)
    assert caught.value.code == "mlcore:run:tensorboard"
    assert not (tmp_path / "run").exists()


def test_a_compiler_is_asked_for_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TrainingError, match=r"needs a C\+\+ compiler") as caught:
        train(MemorySource(side=32), [], tmp_path / "run", replace(CONFIG, compile=True))
    assert caught.value.code == "mlcore:run:compiler"
