"""Photographs packed into tars below a size, and files in parts."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mlcore.clean_pictures import read_members
from mlcore.errors import CheckpointError, ImageError, TrainingError
from mlcore.file_parts import join_parts, split_file
from mlcore.images import save_png
from mlcore.packing import QUALITIES, pack
from tests.mlcore.small_network import photograph


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "faces", range(8))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "photos", range(20, 26))


def write_pictures(folder: Path, seeds: range) -> Path:
    folder.mkdir()
    for seed in seeds:
        save_png(folder / f"{seed}.png", photograph(96, 128, seed=seed))
    return folder


def names(*tars: Path) -> list[str]:
    return [entry.name for path in tars for entry in tarfile.open(path)]


def test_everything_is_packed_at_the_best_quality_that_fits(
    faces: Path, photos: Path, tmp_path: Path
) -> None:
    roomy = pack([faces, photos], tmp_path / "roomy.tar", most=2**20)
    assert roomy.quality == QUALITIES[0]
    assert roomy.pictures == [(8, 8), (6, 6)]
    size = (tmp_path / "roomy.tar").stat().st_size
    narrow = pack([faces, photos], tmp_path / "narrow.tar", most=size * 6 // 10)
    assert QUALITIES[-1] <= narrow.quality < QUALITIES[0]
    assert (tmp_path / "narrow.tar").stat().st_size <= size * 6 // 10
    member = next(read_members([tmp_path / "roomy.tar"]))
    picture = Image.open(io.BytesIO(member.content))
    assert (picture.format, picture.size) == ("WEBP", (128, 96))
    packed = np.asarray(picture.convert("RGB")).astype(int)
    assert min(np.abs(packed - photograph(96, 128, seed=seed)).mean() for seed in range(8)) < 8


def test_what_comes_first_goes_in_first(faces: Path, photos: Path, tmp_path: Path) -> None:
    whole = pack([faces], tmp_path / "faces.tar", most=2**20, lowest=90)
    size = whole.tars[0].stat().st_size
    packed = pack([faces, photos], tmp_path / "both.tar", most=size, lowest=90)
    assert packed.quality == QUALITIES[[step >= 90 for step in QUALITIES].index(False) - 1]
    (taken, count), (others, _) = packed.pictures
    assert taken == count
    assert others < 6
    few = pack([faces, photos], tmp_path / "few.tar", most=size // 2, lowest=90)
    assert 0 < few.pictures[0][0] < 8


def test_several_tars_hold_each_picture_once_and_none_is_too_large(
    faces: Path, photos: Path, tmp_path: Path
) -> None:
    size = pack([faces, photos], tmp_path / "one.tar", most=2**20).tars[0].stat().st_size
    packed = pack([faces, photos], tmp_path / "pack.tar", most=size * 2 // 3, tars=2)
    assert packed.tars == [tmp_path / "pack-1.tar", tmp_path / "pack-2.tar"]
    assert all(path.stat().st_size <= size * 2 // 3 for path in packed.tars)
    assert sorted(names(*packed.tars)) == sorted(names(tmp_path / "one.tar"))
    assert len(set(names(*packed.tars))) == 14


def test_the_same_pictures_give_the_same_bytes(faces: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        pack([faces], tmp_path / f"{name}.tar", most=2**16)
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_large_pictures_are_scaled_and_bad_ones_named(faces: Path, tmp_path: Path) -> None:
    (faces / "broken.png").write_bytes((faces / "0.png").read_bytes()[:300])
    packed = pack([faces], tmp_path / "pack.tar", most=2**20, side=48)
    assert packed.pictures == [(8, 8)]
    assert len(packed.bad) == 1
    assert "broken.png" in packed.bad[0]
    sizes = {Image.open(io.BytesIO(member.content)).size for member in read_members(packed.tars)}
    assert sizes == {(64, 48)}


def test_sources_without_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such folder or tar"):
        pack([tmp_path / "none"], tmp_path / "pack.tar", most=2**20)
    with pytest.raises(TrainingError, match="no usable picture") as caught:
        pack([tmp_path], tmp_path / "pack.tar", most=2**20)
    assert caught.value.code == "mlcore:bank:empty"
    assert list(tmp_path.iterdir()) == []


def large_file(tmp_path: Path) -> Path:
    path = tmp_path / "state.pt"
    path.write_bytes(np.random.default_rng(0).bytes(2500))
    return path


def test_a_file_in_parts_comes_together_again(tmp_path: Path) -> None:
    path = large_file(tmp_path)
    parts = split_file(path, tmp_path / "parts", part=1000)
    assert [(part.name, part.stat().st_size) for part in parts] == [
        ("state.pt.01", 1000),
        ("state.pt.02", 1000),
        ("state.pt.03", 500),
    ]
    join_parts(tmp_path / "parts", tmp_path / "elsewhere" / "state.pt")
    assert (tmp_path / "elsewhere" / "state.pt").read_bytes() == path.read_bytes()


def test_parts_that_are_missing_or_damaged_are_named_and_give_no_file(tmp_path: Path) -> None:
    parts = split_file(large_file(tmp_path), tmp_path / "parts", part=1000)
    whole = parts[1].read_bytes()
    parts[1].write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(CheckpointError, match=r"state\.pt\.02 is not what was split") as damaged:
        join_parts(tmp_path / "parts", tmp_path / "joined")
    parts[1].unlink()
    with pytest.raises(CheckpointError, match=r"without state\.pt\.02") as missing:
        join_parts(tmp_path / "parts", tmp_path / "joined")
    assert (damaged.value.code, missing.value.code) == ("mlcore:parts:damaged", "mlcore:parts:missing")
    assert not (tmp_path / "joined").exists()
    with pytest.raises(CheckpointError, match="one list of parts"):
        join_parts(tmp_path, tmp_path / "joined")
    with pytest.raises(CheckpointError, match="no such file"):
        split_file(tmp_path / "none", tmp_path / "parts")
