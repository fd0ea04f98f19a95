"""What a GPU that is lent for a while asks for, from the first command to the last, on a CPU and in small."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import torch

from mlcore.checkpoints import load_generator
from mlcore.images import save_png
from tests.mlcore.small_network import photograph
from tests.processes import ROOT

PROGRAM = """
import runpy, sys
for name in ("django", "environ", "rest_framework"):
    sys.modules[name] = None
from dataclasses import replace
from mlcore.dataset import Augmentation
from mlcore.presets import PRESETS, Phase
PRESETS["accelerator"] = replace(
    PRESETS["accelerator"], generator_options={"base_channels": 4, "depth": 3}, batch_size=2,
    images_per_epoch=4, augmentation=Augmentation(crop=64),
    phases=(Phase(30, 1, 0, find_only=True), Phase(30, 1, 0, fill_only=True, frozen_norm=True)),
)
sys.argv = sys.argv[1:]
runpy.run_module("examples." + sys.argv[0], run_name="__main__")
"""
"""One of the examples, on a small preset, in a process in which Django cannot be imported."""


def example(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def said(*arguments: object) -> str:
    """What an example that ends well says."""
    done = example(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_pictures(folder: Path, *, first: int, count: int) -> Path:
    folder.mkdir()
    for number in range(first, first + count):
        save_png(folder / f"{number}.png", photograph(96, 96, seed=number))
    return folder


@pytest.mark.slow
def test_pack_train_stop_resume_split_join(tmp_path: Path) -> None:
    faces = write_pictures(tmp_path / "faces", first=0, count=6)
    photos = write_pictures(tmp_path / "photos", first=6, count=4)
    validation = tmp_path / "val.tar"
    with tarfile.open(validation, "w") as tar:
        tar.add(write_pictures(tmp_path / "unseen", first=10, count=3), "unseen")
    packed = said("pack_pictures", tmp_path / "pack.tar", faces, photos, "--megabytes", 0.05, "--tars", 2)
    assert "faces: 6 of 6 pictures" in packed
    run, exported = tmp_path / "run", tmp_path / "out"
    words = [
        *("--clean", tmp_path / "pack-1.tar", tmp_path / "pack-2.tar", "--val", validation, "--val-limit", 2),
        *("--bank", tmp_path / "bank.safetensors", "--layers", 12, "--workers", 0, "--out", run),
        *("--export", exported, "--export-minutes", 0),
    ]
    begun = said(
        *("train_without_django", *words, "--preset", "accelerator", "--no-compile", "--precision", "fp32"),
        *("--epochs", 4, "--max-minutes", 0),
    )
    assert "12 damages to train on, 6 to validate on" in begun
    assert "stopped after epoch 0 of 4 and 1 updates of the next" in begun
    said("file_parts", "split", run / "state.pt", tmp_path / "parts", "--megabytes", 0.1)
    assert len(list((tmp_path / "parts").iterdir())) > 3
    before = (run / "state.pt").read_bytes()
    (run / "state.pt").unlink()
    said("file_parts", "join", tmp_path / "parts", run / "state.pt")
    assert (run / "state.pt").read_bytes() == before
    ended = said("train_without_django", *words, "--resume")
    assert "4 epochs done" in ended
    assert {path.name for path in exported.iterdir()} == {
        *("last.safetensors", "best.safetensors"),
        *("log.jsonl", "config.json", "environment.json", "samples.png"),
    }
    assert load_generator(exported / "last.safetensors").metadata["epoch"] == 4
    assert [json.loads(line)["epoch"] for line in (exported / "log.jsonl").open()] == [1, 2, 3, 4]
    assert torch.load(run / "state.pt", weights_only=True)["epoch"] == 4


def test_a_mistake_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = example("train_without_django", "--clean", tmp_path, "--out", tmp_path / "run")
    assert done.returncode == 1
    assert done.stderr.endswith("--clean needs pairs to validate on: --val DIR [mlcore:run:settings]\n")
