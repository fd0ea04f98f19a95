"""The bank of clean pictures and damage: complete, repeatable, kept in one file."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from mlcore.clean_bank import CleanBank, build_bank
from mlcore.degradation import RECIPES
from mlcore.errors import TrainingError
from tests import pictures

SIDE = 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    for number in range(4):
        (folder / f"{number}.png").write_bytes(pictures.png(pictures.portrait(SIDE, SIDE, seed=number)))
    (folder / "2b.png").write_bytes(b"nonsense")
    (folder / "3b.jpg").write_bytes(pictures.jpeg(pictures.portrait())[:1500])
    (folder / "3c.png").write_bytes(pictures.png(pictures.gradient(20, 20)))
    return folder


@pytest.fixture(scope="module")
def bank(folder: Path) -> CleanBank:
    return build_bank([folder], side=SIDE, layers=20, seed=5)


def test_every_good_picture_is_in_it_unchanged(bank: CleanBank) -> None:
    assert bank.pictures.shape == (4, 3, SIDE, SIDE)
    for number in range(4):
        expected = np.asarray(pictures.portrait(SIDE, SIDE, seed=number))
        assert np.array_equal(bank.pictures[number].permute(1, 2, 0).numpy(), expected)


def test_bad_files_are_named_with_their_codes(bank: CleanBank, folder: Path) -> None:
    told = {text.split(":")[0]: text for text in bank.bad}
    assert set(told) == {f"{folder.name}/{name}" for name in ("2b.png", "3b.jpg", "3c.png")}
    for name, code in (("2b.png", "unreadable"), ("3b.jpg", "truncated"), ("3c.png", "tiny")):
        assert f"[mlcore:image:{code}]" in told[f"{folder.name}/{name}"]


def test_layers_are_spread_evenly_and_sorted_by_owner(bank: CleanBank) -> None:
    assert bank.layers.shape == (20, 4, SIDE, SIDE)
    assert bank.owners.tolist() == [number for number in range(4) for _ in range(5)]
    assert bank.layers.flatten(1).any(dim=1).float().mean() > 0.8


def test_levels_are_drawn_by_weight(folder: Path) -> None:
    weights = {"light": 3.0, "heavy": 1.0}
    counts = Counter(build_bank([folder], side=32, layers=80, weights=weights).levels)
    assert set(counts) == {"light", "heavy"}
    assert 45 <= counts["light"] <= 74


def test_unknown_level_is_told(folder: Path) -> None:
    with pytest.raises(ValueError, match=f"levels are {', '.join(RECIPES)}"):
        build_bank([folder], weights={"severe": 1.0})


@pytest.mark.slow
def test_worker_processes_make_the_same_bank_and_tell_how_far_they_are(folder: Path, bank: CleanBank) -> None:
    told: list[tuple[str, int, int | None]] = []
    again = build_bank(
        [folder],
        side=SIDE,
        layers=20,
        seed=5,
        workers=2,
        on_progress=lambda stage, done, total: told.append((stage, done, total)),
    )
    assert torch.equal(again.pictures, bank.pictures)
    assert torch.equal(again.layers, bank.layers)
    assert (again.levels, again.bad) == (bank.levels, bank.bad)
    assert told == [("pictures", n, None) for n in range(1, 8)] + [("layers", n, 20) for n in range(1, 21)]


def test_another_seed_draws_other_damage(folder: Path, bank: CleanBank) -> None:
    assert not torch.equal(build_bank([folder], side=SIDE, layers=20, seed=6).layers, bank.layers)


def test_a_saved_bank_is_read_back_whole(bank: CleanBank, tmp_path: Path) -> None:
    bank.save(tmp_path / "bank.safetensors")
    read = CleanBank.load(tmp_path / "bank.safetensors")
    for name in ("pictures", "layers", "owners"):
        assert torch.equal(getattr(read, name), getattr(bank, name))
    assert (read.levels, read.bad) == (bank.levels, bank.bad)
    assert [path.name for path in tmp_path.iterdir()] == ["bank.safetensors"]


@pytest.mark.parametrize("content", [None, b"", b"nonsense" * 20])
def test_a_file_that_is_no_bank_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bank.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TrainingError) as caught:
        CleanBank.load(path)
    assert caught.value.code == "mlcore:bank:unreadable"


def test_a_bank_without_any_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nonsense")
    with pytest.raises(TrainingError) as caught:
        build_bank([tmp_path], layers=1)
    assert caught.value.code == "mlcore:bank:empty"
