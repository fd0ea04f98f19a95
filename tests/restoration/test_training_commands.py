"""degrade_dataset and train_pix2pix through the front door: without a database, mistakes told, exit 1."""

import json
import os
import signal
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mlcore.checkpoints import load_generator
from mlcore.pix2pix import Pix2Pix
from mlcore.presets import PRESETS, Phase
from tests import pictures


def run(command: str, *arguments: object) -> tuple[str, str]:
    """Standard output and standard error of a command."""
    out, err = StringIO(), StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=err, verbosity=0)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(pictures.png(pictures.portrait(128, 128, seed=number)))
    return folder


@pytest.fixture
def data(source: Path, tmp_path: Path) -> Path:
    run("degrade_dataset", source, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def small_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default preset's recipe on a network that trains in a second."""
    small = replace(
        PRESETS["default"],
        generator_options={"base_channels": 4},
        phases=(Phase(1, 1, 0), Phase(1, 1, 1)),
        batch_size=2,
        images_per_epoch=2,
        augmentation=replace(PRESETS["default"].augmentation, crop=64),
        validate_every=1,
    )
    monkeypatch.setitem(PRESETS, "default", small)


def test_damage_then_train_gives_a_model_that_loads(data: Path, tmp_path: Path, small_preset: None) -> None:
    out, _ = run("train_pix2pix", "--data", data, "--out", tmp_path / "run")
    assert out.startswith("6 pairs to train on, 3 to validate on\n")
    assert "epoch 2 (1:1" in out
    assert load_generator(tmp_path / "run" / "best.safetensors").name == "find_fill_refine"
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2]
    assert set(lines[-1]["val"]) == {"light", "medium", "heavy", "mean"}


def test_a_run_is_resumed_with_its_own_config(data: Path, tmp_path: Path, small_preset: None) -> None:
    run("train_pix2pix", "--data", data, "--out", tmp_path / "run")
    out, _ = run("train_pix2pix", "--data", data, "--out", tmp_path / "run", "--resume")
    assert "2 epochs done" in out
    with pytest.raises(CommandError, match="leave out --epochs, --init"):
        run("train_pix2pix", "--data", data, "--out", tmp_path, "--resume", "--epochs", 9, "--init", "x")


def test_a_limit_of_time_stops_the_run_and_says_how_to_go_on(
    data: Path, tmp_path: Path, small_preset: None
) -> None:
    arguments = ("train_pix2pix", "--data", data, "--out", tmp_path / "run")
    out, _ = run(*arguments, "--max-minutes", 0)
    assert "stopped after epoch 1 of 2, " in out
    assert "the same command with --resume" in out
    out, _ = run(*arguments, "--resume", "--max-minutes", 60)
    assert "2 epochs done" in out
    starts = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert [start["after_epoch"] for start in starts] == [0, 1]


def test_ending_the_process_politely_stops_the_run_with_its_state_written(
    data: Path, tmp_path: Path, small_preset: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Pix2Pix.step

    def step_and_end(model: Pix2Pix, *arguments: Any, **named: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return step(model, *arguments, **named)

    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patched:
        patched.setattr(Pix2Pix, "step", step_and_end)
        out, _ = run("train_pix2pix", "--data", data, "--out", tmp_path / "run")
    assert "stopped after epoch 1 of 2" in out
    assert signal.getsignal(signal.SIGTERM) == before


def test_clean_pictures_are_damaged_on_the_way(
    source: Path, data: Path, tmp_path: Path, small_preset: None
) -> None:
    arguments = ("--clean", source, "--layers", 6, "--bank", tmp_path / "bank.safetensors")
    with pytest.raises(CommandError, match="needs pairs to validate on: --val DIR"):
        run("train_pix2pix", *arguments, "--out", tmp_path / "run")
    arguments = (*arguments, "--val", data)
    out, _ = run("train_pix2pix", *arguments, "--out", tmp_path / "run")
    assert "clean pictures and 6 damages to train on, 9 to validate on\n" in out
    made = (tmp_path / "bank.safetensors").stat().st_mtime_ns
    run("train_pix2pix", *arguments, "--out", tmp_path / "again")
    assert (tmp_path / "bank.safetensors").stat().st_mtime_ns == made
    logs = [
        [json.loads(line)["losses"] for line in (tmp_path / name / "log.jsonl").open()]
        for name in ("run", "again")
    ]
    assert logs[0] == logs[1]


def test_options_of_the_engine_reach_the_run(data: Path, tmp_path: Path, small_preset: None) -> None:
    options = "--ema 0.9 --clip-norm 2 --accumulate 3 --precision fp16 --compile --deterministic --dry-run"
    out, _ = run("train_pix2pix", "--data", data, "--out", tmp_path / "run", *options.split())
    config = json.loads(out[out.index("{") :])
    assert (config["ema"], config["clip_norm"], config["accumulate"]) == (0.9, 2.0, 3)
    assert (config["precision"], config["compile"], config["deterministic"]) == ("fp16", True, True)
    with pytest.raises(CommandError, match="leave out --ema, --compile"):
        run("train_pix2pix", "--data", data, "--out", tmp_path, "--resume", "--ema", 0.9, "--compile")
    with pytest.raises(CommandError, match="ema must lie in"):
        run("train_pix2pix", "--data", data, "--out", tmp_path / "run", "--ema", 2)


def test_training_can_begin_with_given_weights(data: Path, tmp_path: Path, small_preset: None) -> None:
    run("train_pix2pix", "--data", data, "--out", tmp_path / "first")
    first = tmp_path / "first" / "last.safetensors"
    run("train_pix2pix", "--data", data, "--out", tmp_path / "second", "--init", first)
    with pytest.raises(CommandError, match="mlcore:run:settings"):
        run(
            "train_pix2pix", "--data", data, "--out", tmp_path / "third", "--init", first, "--preset", "paper"
        )


def test_every_bad_pair_is_named_before_the_first_step(data: Path, tmp_path: Path) -> None:
    broken = data / "degraded" / "light" / "0.png"
    broken.write_bytes(broken.read_bytes()[:200])
    (data / "mask" / "heavy" / "1.png").write_bytes(pictures.png(pictures.gradient(50, 60)))
    err = StringIO()
    with pytest.raises(CommandError, match="2 files cannot be used") as caught:
        call_command(
            "train_pix2pix", "--data", str(data), "--out", str(tmp_path / "run"), stderr=err, verbosity=0
        )
    assert caught.value.returncode == 1
    assert "bad pair: degraded/light/0.png" in err.getvalue()
    assert "bad pair: mask/heavy/1.png: 50x60, its clean picture 128x128" in err.getvalue()
    assert not (tmp_path / "run").exists()


def test_a_missing_partner_is_named(data: Path, tmp_path: Path) -> None:
    (data / "clean" / "2.png").unlink()
    err = StringIO()
    with pytest.raises(CommandError, match="mlcore:pairing:missing"):
        call_command(
            "train_pix2pix", "--data", str(data), "--out", str(tmp_path / "run"), stderr=err, verbosity=0
        )
    assert err.getvalue().count("bad pair: degraded/") == 3


def test_dry_run_prints_the_config_and_writes_nothing(data: Path, tmp_path: Path) -> None:
    out, _ = run(
        "train_pix2pix",
        "--data",
        data,
        "--out",
        tmp_path / "run",
        "--preset",
        "paper",
        "--epochs",
        20,
        "--dry-run",
    )
    config = json.loads(out[out.index("{") :])
    assert config["generator"] == "unet_256"
    assert sum(phase["epochs"] for phase in config["phases"]) == 20
    assert not (tmp_path / "run").exists()


def test_too_few_epochs_are_a_mistake_of_the_user(data: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="phases need at least as many epochs"):
        run("train_pix2pix", "--data", data, "--out", tmp_path / "run", "--epochs", 1)


def test_bad_files_are_named_and_counted_and_strict_makes_them_count(source: Path, tmp_path: Path) -> None:
    (source / "broken.jpg").write_bytes(pictures.jpeg(pictures.portrait())[:900])
    out, err = run("degrade_dataset", source, tmp_path / "out")
    assert out == "3 written, 0 kept, 1 bad\n"
    assert err.startswith("bad: broken.jpg: damaged file")
    with pytest.raises(CommandError, match="1 files could not be used") as caught:
        run("degrade_dataset", source, tmp_path / "out", "--strict")
    assert caught.value.returncode == 1


def test_levels_and_seed_are_obeyed(source: Path, tmp_path: Path) -> None:
    run("degrade_dataset", source, tmp_path / "out", "--levels", "light", "heavy", "--seed", 7)
    assert {path.name for path in (tmp_path / "out" / "degraded").iterdir()} == {"light", "heavy"}
    with pytest.raises(CommandError, match="made with seed 7"):
        run("degrade_dataset", source, tmp_path / "out", "--seed", 8)


@pytest.mark.parametrize("make", [False, True])
def test_a_missing_or_empty_source_is_a_mistake_of_the_user(tmp_path: Path, make: bool) -> None:
    if make:
        (tmp_path / "none").mkdir()
    with pytest.raises(CommandError, match=r"no such folder|no usable picture"):
        run("degrade_dataset", tmp_path / "none", tmp_path / "out")
