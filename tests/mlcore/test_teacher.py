"""A finder learns from another one."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mlcore.checkpoints import read_header, save_generator, sha256_of
from mlcore.errors import TrainingError
from mlcore.networks import build_generator
from mlcore.presets import PRESETS, Phase
from mlcore.teacher import TURNS, Teacher
from mlcore.training import train
from tests.mlcore.memory_source import MemorySource
from tests.mlcore.small_network import LEAN, photograph, small_network

CPU = torch.device("cpu")


@pytest.fixture
def taught(tmp_path: Path) -> Path:
    path = tmp_path / "teacher.safetensors"
    save_generator(path, small_network(), {})
    return path


def test_a_verdict_is_the_finders_own_upright_whichever_way_it_looks(taught: Path) -> None:
    teacher = Teacher(taught, CPU)
    pictures = [photograph(64, 96, seed).transpose(2, 0, 1) for seed in (1, 2)]
    degraded = torch.stack([torch.from_numpy(picture / 127.5 - 1).float() for picture in pictures])
    finder = small_network().finder
    for turn in range(len(TURNS) + 1):
        sides = TURNS[turn % len(TURNS)]
        with torch.inference_mode():
            expected = torch.sigmoid(finder(degraded.flip(sides))).flip(sides)
        verdict = teacher.verdict(degraded, turn)
        assert verdict.shape == (2, 1, 64, 96)
        assert (verdict - expected).abs().mean() < 0.05
        assert (expected - 0.5).abs().mean() > 0.1


def test_a_run_says_whom_it_learnt_from_and_goes_on_with_it(taught: Path, tmp_path: Path) -> None:
    config = replace(
        PRESETS["lean_find"],
        generator_options=LEAN,
        phases=(Phase(1, 1, 0, find_only=True), Phase(1, 1, 0, find_only=True, frozen_norm=True)),
        batch_size=2,
        augmentation=replace(PRESETS["lean_find"].augmentation, crop=32),
    )
    source = MemorySource()
    stop = iter([False, True])
    state = train(source, [], tmp_path / "run", config, teacher=taught, should_stop=lambda: next(stop))
    assert not state.finished
    state = train(source, [], tmp_path / "run", resume=True, teacher=taught)
    assert state.finished
    began = read_header(tmp_path / "run" / "last.safetensors")["metadata"]["began_with"]
    assert began == {"teacher": {"sha256": sha256_of(taught)}}


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_teacher_and_share_need_one_another(share: float, taught: Path, tmp_path: Path) -> None:
    config = replace(PRESETS["lean_find"], taught=share)
    with pytest.raises(TrainingError, match="need one another"):
        train(MemorySource(), [], tmp_path / "run", config, teacher=None if share else taught)


def test_a_network_without_a_finder_cannot_teach(tmp_path: Path) -> None:
    path = tmp_path / "plain.safetensors"
    plain = build_generator("unet_256", base_channels=2, depth=5, max_channels=4)
    save_generator(path, plain, {}, name="unet_256")
    with pytest.raises(TrainingError, match="has no damage finder to learn from"):
        Teacher(path, CPU)
