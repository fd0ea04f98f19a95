"""Copies of a run's files elsewhere, and how often its state is written."""

from functools import partial
from pathlib import Path

import pytest
import torch

from mlcore.dataset import Augmentation
from mlcore.errors import TrainingError
from mlcore.export import Export
from mlcore.networks import PatchGAN
from mlcore.presets import Phase, TrainConfig
from mlcore.training import train
from tests.mlcore.memory_source import MemorySource

CONFIG = TrainConfig(
    generator="unet_256",
    generator_options={"base_channels": 4, "depth": 5, "max_channels": 8},
    phases=(Phase(3, 1, 0), Phase(3, 1, 1)),
    batch_size=2,
    augmentation=Augmentation(crop=32),
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlcore.training.draw_curves", lambda _folder: None)
    monkeypatch.setattr("mlcore.run_setup.PatchGAN", partial(PatchGAN, base_channels=8))


def write_run(folder: Path, text: str, sheet: int = 1) -> None:
    (folder / "samples").mkdir(parents=True, exist_ok=True)
    (folder / "last.safetensors").write_text(text)
    (folder / "log.jsonl").write_text("{}\n")
    (folder / "state.pt").write_text("large")
    (folder / "samples" / f"epoch-{sheet:03d}.png").write_text(text)


def test_what_is_new_is_copied_and_the_state_is_not(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    write_run(run, "one")
    export = Export(run, out, every=60)
    export.copy()
    assert {path.name for path in out.iterdir()} == {"last.safetensors", "log.jsonl", "samples.png"}
    (out / "log.jsonl").unlink()
    write_run(run, "second", sheet=2)
    (run / "best.safetensors").write_text("best")
    export.copy()
    assert (out / "last.safetensors").read_text() == (out / "samples.png").read_text() == "second"
    assert (out / "best.safetensors").read_text() == "best"


def test_copies_are_made_as_often_as_asked_for(tmp_path: Path) -> None:
    now = 0.0
    write_run(tmp_path / "run", "one")
    export = Export(tmp_path / "run", tmp_path / "out", every=60, clock=lambda: now)
    now = 59.0
    export.copy_if_due()
    assert not (tmp_path / "out").exists()
    now = 61.0
    export.copy_if_due()
    assert (tmp_path / "out" / "last.safetensors").read_text() == "one"


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    write_run(tmp_path / "run", "one")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".last.safetensors.part").symlink_to("/dev/full")
    with pytest.raises(TrainingError) as caught:
        Export(tmp_path / "run", tmp_path / "out", every=60).copy()
    assert caught.value.code == "mlcore:disk:full"


def test_the_state_is_written_by_the_clock_at_ends_of_phases_and_at_stops(tmp_path: Path) -> None:
    kept: list[int] = []

    def look(_line: dict[str, object]) -> None:
        path = tmp_path / "run" / "state.pt"
        kept.append(torch.load(path, weights_only=True)["epoch"] if path.exists() else 0)

    asked = iter(range(1, 100))
    train(
        MemorySource(side=32),
        [],
        tmp_path / "run",
        CONFIG,
        on_epoch=look,
        checkpoint_minutes=60.0,
        should_stop=lambda: next(asked) == 8,
    )
    assert kept == [0, 0, 3, 4]
    ended = train(
        MemorySource(side=32), [], tmp_path / "run", resume=True, on_epoch=look, checkpoint_minutes=60.0
    )
    assert ended.finished
    assert kept == [0, 0, 3, 4, 4, 6]
