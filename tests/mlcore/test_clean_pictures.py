"""Clean pictures from folders and tars: every one found, cut to squares, the bad ones named."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from mlcore.clean_pictures import Member, read_members, squares_of
from mlcore.errors import ImageError
from tests import pictures

SIDE = 48


def write_tar(path: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def _squares(image: pictures.Image.Image, most: int = 4) -> list[np.ndarray]:
    member = Member("a.png", pictures.png(image))
    return squares_of(member, SIDE, np.random.default_rng(0), most)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_folders_and_tars_give_their_pictures_with_names(tmp_path: Path, mode: str) -> None:
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/b.png").write_bytes(b"b")
    (folder / "a.JPG").write_bytes(b"a")
    (folder / "notes.txt").write_bytes(b"no picture")
    files = {"x/c.webp": b"c", "x/._c.webp": b"hidden", "readme.md": b"text", "d.tif": b"d"}
    archive = write_tar(tmp_path / "more.tar", files, mode)
    assert [(member.name, member.content) for member in read_members([folder, archive])] == [
        ("folder/a.JPG", b"a"),
        ("folder/deep/b.png", b"b"),
        ("more.tar:x/c.webp", b"c"),
        ("more.tar:d.tif", b"d"),
    ]


def test_a_source_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImageError) as caught:
        list(read_members([tmp_path / "absent"]))
    assert caught.value.code == "mlcore:image:missing"


@pytest.mark.parametrize("share", [0.6, 0.0])
def test_a_tar_that_breaks_off_is_told(tmp_path: Path, share: float) -> None:
    path = write_tar(tmp_path / "half.tar", {"a.png": bytes(4000), "b.png": bytes(4000)})
    content = path.read_bytes()
    path.write_bytes(content[: int(share * 9000)] or b"no tar at all")
    with pytest.raises(ImageError) as caught:
        list(read_members([path]))
    assert caught.value.code == "mlcore:image:truncated"


def test_a_picture_of_the_right_size_is_taken_as_it_is() -> None:
    image = pictures.gradient(SIDE, SIDE)
    (square,) = _squares(image)
    assert np.array_equal(square, np.asarray(image))


def test_a_long_picture_also_gives_its_ends() -> None:
    """In the gradient red grows to the right: the centre first, then left and right."""
    reds = [square[..., 0].mean() for square in _squares(pictures.gradient(3 * SIDE, SIDE))]
    assert len(reds) == 3
    assert reds[1] < reds[0] < reds[2]
    assert abs(reds[0] - 127.5) < 2


def test_a_large_picture_also_gives_parts_at_full_size() -> None:
    image = pictures.gradient(4 * SIDE, 4 * SIDE)
    squares = _squares(image, most=3)
    assert [square.shape for square in squares] == [(SIDE, SIDE, 3)] * 3
    assert np.ptp(squares[0][..., 0]) > 240
    whole = np.asarray(image)
    for square in squares[1:]:
        assert np.ptp(square[..., 0]) < 70
        top, left = np.argwhere((whole == square[0, 0]).all(axis=2))[0]
        assert np.array_equal(whole[top : top + SIDE, left : left + SIDE], square)


def test_a_small_picture_is_enlarged_and_a_tiny_one_refused() -> None:
    (square,) = _squares(pictures.gradient(40, 36), most=1)
    assert square.shape == (SIDE, SIDE, 3)
    with pytest.raises(ImageError) as caught:
        _squares(pictures.gradient(31, 90))
    assert caught.value.code == "mlcore:image:tiny"
