"""Pairs on disk: found by name, checked whole, every problem named."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from mlcore.errors import PairingError
from mlcore.images import save_png
from mlcore.pairing import check_pairs, find_pairs, split_pairs
from tests import pictures
from tests.mlcore.paired_data import clean_picture, write_data_set

SIDE = 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for stem in ("a", "b", "c"):
        for kind in ("clean", "degraded/light", "degraded/heavy", "mask/light", "mask/heavy"):
            (tmp_path / kind).mkdir(parents=True, exist_ok=True)
            picture = clean_picture(1, SIDE)
            save_png(tmp_path / kind / f"{stem}.png", picture[..., 0] if "mask" in kind else picture)
    return tmp_path


def test_pairs_come_in_alphanumeric_order_with_their_masks(folder: Path) -> None:
    pairs = find_pairs(folder)
    assert [(pair.stem, pair.level) for pair in pairs] == [
        (stem, level) for stem in "abc" for level in ("heavy", "light")
    ]
    assert all(pair.mask is not None and pair.mask.is_file() for pair in pairs)


def test_halves_that_show_different_pictures_are_named(folder: Path) -> None:
    """Another picture of the same size under the same name; damage and fading are no reason."""
    clean = np.asarray(pictures.portrait(SIDE, SIDE))
    for stem in "abc":
        save_png(folder / f"clean/{stem}.png", clean)
    faded = (90 + clean * 0.3).round().astype(np.uint8)
    torn = clean.copy()
    torn[:, : SIDE // 2] = 255
    save_png(folder / "degraded/heavy/a.png", faded)
    save_png(folder / "degraded/light/a.png", torn)
    for name in ("light/b", "heavy/b", "heavy/c"):
        save_png(folder / f"degraded/{name}.png", clean)
    save_png(folder / "degraded/light/c.png", 255 - clean[:, ::-1])
    with pytest.raises(PairingError) as caught:
        check_pairs(find_pairs(folder))
    assert caught.value.code == "mlcore:pairing:broken"
    assert caught.value.problems == ["degraded/light/c.png: shows another picture than clean/c.png"]


def test_levels_can_be_chosen(folder: Path) -> None:
    assert {pair.level for pair in find_pairs(folder, ["heavy"])} == {"heavy"}


def test_a_data_set_without_masks_is_one_too(folder: Path) -> None:
    shutil.rmtree(folder / "mask")
    pairs = find_pairs(folder)
    check_pairs(pairs)
    assert all(pair.mask is None for pair in pairs)


def test_every_missing_partner_is_named(folder: Path) -> None:
    (folder / "clean" / "a.png").unlink()
    for level in ("light", "heavy"):
        (folder / "degraded" / level / "c.png").unlink()
    with pytest.raises(PairingError) as caught:
        find_pairs(folder)
    assert caught.value.code == "mlcore:pairing:missing"
    assert caught.value.problems == [
        "degraded/heavy/a.png: no clean picture of that name",
        "degraded/light/a.png: no clean picture of that name",
        "clean/c.png: no degraded picture of that name",
    ]


def test_corrupt_mis_sized_and_tiny_files_are_all_named(folder: Path) -> None:
    whole = (folder / "degraded" / "light" / "a.png").read_bytes()
    (folder / "degraded" / "light" / "a.png").write_bytes(whole[: len(whole) // 2])
    save_png(folder / "degraded" / "heavy" / "b.png", clean_picture(0, 48))
    save_png(folder / "clean" / "c.png", clean_picture(0, 16))
    with pytest.raises(PairingError) as caught:
        check_pairs(find_pairs(folder))
    assert caught.value.code == "mlcore:pairing:broken"
    first, second, third = caught.value.problems
    assert first.startswith("degraded/light/a.png: mlcore:image:truncated")
    assert second == "degraded/heavy/b.png: 48x48, its clean picture 40x40"
    assert third == "clean/c.png: 16x16, smaller than 32 pixels"


@pytest.mark.parametrize("make", [lambda path: None, lambda path: (path / "degraded").mkdir()])
def test_a_folder_that_is_no_data_set_is_told(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path)
    with pytest.raises(PairingError) as caught:
        find_pairs(tmp_path)
    assert caught.value.code == "mlcore:pairing:no-data-set"


def test_held_out_pairs_share_no_source_and_are_the_same_in_every_order(tmp_path: Path) -> None:
    pairs = find_pairs(write_data_set(tmp_path, stems=10))
    train, held_out = split_pairs(pairs, 0.2)
    assert len({pair.stem for pair in held_out}) == 2
    assert not {pair.stem for pair in held_out} & {pair.stem for pair in train}
    assert len(train) + len(held_out) == len(pairs)
    shuffled = [pairs[index] for index in np.random.default_rng(0).permutation(len(pairs))]
    assert set(split_pairs(shuffled, 0.2)[1]) == set(held_out)
