"""Comparing faces: on the clean picture's largest face, by the distance of descriptors.

dlib and its weights are an extra that is not installed everywhere: a stand-in that describes a face by the
means of its cut-out takes their place.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mlcore import identity
from mlcore.errors import MlcoreError
from mlcore.identity import check_packages, find_face
from mlcore.images import Bytes


class Box(tuple[int, int, int, int]):
    """Top, left, height, width."""

    def area(self) -> int:
        return self[2] * self[3]


class StandIn:
    """Finds a face wherever the red channel is 200: its box. Descriptor: the mean colour of the box."""

    def __init__(self) -> None:
        self.loaded: list[str] = []

    def get_frontal_face_detector(self) -> Any:
        def detect(image: Bytes, upsampled: int) -> list[Box]:
            columns = np.flatnonzero((image[..., 0] == 200).any(axis=0))
            runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1) if columns.size else []
            return [Box((0, int(run[0]), image.shape[0], len(run))) for run in runs]

        return detect

    def shape_predictor(self, path: str) -> Any:
        self.loaded.append(Path(path).name)
        return lambda image, box: box

    def face_recognition_model_v1(self, path: str) -> Any:
        self.loaded.append(Path(path).name)

        def describe(image: Bytes, box: Box) -> list[float]:
            top, left, height, width = box
            return list(image[top : top + height, left : left + width].mean(axis=(0, 1)))

        return SimpleNamespace(compute_face_descriptor=describe)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    identity._models.cache_clear()
    yield
    identity._models.cache_clear()


@pytest.fixture
def dlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    package = tmp_path / "face_recognition_models"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('pkg_resources')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    stand_in = StandIn()
    monkeypatch.setitem(sys.modules, "dlib", stand_in)  # type: ignore[arg-type]
    return stand_in


def picture() -> Bytes:
    """A small face on the left, a larger one on the right."""
    image = np.zeros((10, 40, 3), np.uint8)
    image[:, 2:5, 0] = 200
    image[:, 10:30, 0] = 200
    return image


def test_the_distance_is_that_of_the_largest_face_s_descriptors(dlib: StandIn) -> None:
    face = find_face(picture())
    assert face is not None
    restored = picture()
    restored[:, 10:30] += np.array([0, 3, 4], np.uint8)
    restored[:, :10] = 255  # the smaller face and all else do not count
    assert face.distance(restored) == pytest.approx(5.0)
    assert face.distance(picture()) == 0


def test_a_face_that_is_hidden_in_the_restored_picture_is_compared_where_it_was(dlib: StandIn) -> None:
    face = find_face(picture())
    assert face is not None
    assert face.distance(np.zeros((10, 40, 3), np.uint8)) == pytest.approx(200.0)


def test_a_picture_without_a_face_has_none_to_compare(dlib: StandIn) -> None:
    assert find_face(np.zeros((10, 40, 3), np.uint8)) is None


def test_weights_come_from_the_package_whose_own_code_is_not_run(dlib: StandIn) -> None:
    check_packages()
    assert dlib.loaded == [
        "shape_predictor_5_face_landmarks.dat",
        "dlib_face_recognition_resnet_model_v1.dat",
    ]


@pytest.mark.parametrize("missing", ["dlib", "face_recognition_models"])
def test_a_missing_package_is_told_with_the_file_that_has_it(
    dlib: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    if missing == "dlib":
        monkeypatch.setitem(sys.modules, "dlib", None)  # type: ignore[arg-type]
    else:
        monkeypatch.setattr(identity, "find_spec", lambda name: None)
    with pytest.raises(MlcoreError, match=r"pip install -r requirements-benchmark\.txt") as caught:
        check_packages()
    assert caught.value.code == "mlcore:identity:packages"
    requirements = (Path(__file__).parents[2] / "requirements-benchmark.txt").read_text(encoding="utf-8")
    pinned = [line.split("==")[0] for line in requirements.splitlines() if "==" in line]
    assert pinned == ["dlib-bin", "face_recognition_models"]
