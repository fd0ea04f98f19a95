"""Damage: repeatable, where the level says, and never outside its mask."""

import hashlib

import numpy as np
import pytest
from skimage import data

from mlcore.degradation import LEVELS, Zones, degrade, find_zones, seed_for
from mlcore.degradation.marks import MARKS
from mlcore.images import Bytes
from tests import pictures


@pytest.fixture(scope="module")
def face() -> Bytes:
    """A real face in a 256-pixel square: scikit-image's astronaut."""
    return data.astronaut()[0:256, 96:352]


@pytest.fixture(scope="module")
def zones(face: Bytes) -> Zones:
    return find_zones(face)


def test_the_cascade_finds_a_real_face(zones: Zones) -> None:
    assert zones.faces_found
    rows, columns = np.nonzero(zones.vital)
    assert 80 < rows.mean() < 150
    assert 100 < columns.mean() < 160


def test_zones_divide_the_picture(zones: Zones) -> None:
    parts = [zones.vital, zones.skin, zones.outside]
    assert (np.sum(parts, axis=0) == 1).all()
    assert all(part.any() for part in parts)


def test_aligned_geometry_stands_in_where_no_face_is_found() -> None:
    zones = find_zones(np.full((256, 256, 3), 128, np.uint8))
    assert not zones.faces_found
    rows, columns = np.nonzero(zones.vital)
    assert abs(columns.mean() - 128) < 8
    assert 110 < rows.mean() < 170


@pytest.mark.parametrize("level", LEVELS)
def test_the_mask_is_exactly_where_pixels_changed(face: Bytes, level: str) -> None:
    for seed in range(5):
        degraded = degrade(face, level, seed)
        changed = (degraded.image != face).any(axis=2)
        assert changed.any()
        assert set(np.unique(degraded.mask)) == {0, 255}
        assert np.array_equal(degraded.mask == 255, changed)


@pytest.mark.parametrize(
    ("level", "spared", "hit"),
    [
        ("light", ("vital", "skin"), ("outside",)),
        ("medium", ("vital",), ("skin", "outside")),
        ("heavy", (), ("vital", "skin", "outside")),
    ],
)
def test_each_level_lies_where_the_paper_says(
    face: Bytes, zones: Zones, level: str, spared: tuple[str, ...], hit: tuple[str, ...]
) -> None:
    masks = np.stack([degrade(face, level, seed, zones).mask > 0 for seed in range(12)])
    for name in spared:
        assert not masks[:, getattr(zones, name)].any()
    for name in hit:
        assert masks[:, getattr(zones, name)].any(axis=1).mean() > 0.9


def test_the_same_seed_gives_the_same_damage_and_another_another(face: Bytes) -> None:
    first, again, other = (degrade(face, "heavy", seed) for seed in (3, 3, 4))
    assert np.array_equal(first.image, again.image)
    assert not np.array_equal(first.image, other.image)


def test_the_clean_picture_is_left_alone(face: Bytes) -> None:
    before = face.copy()
    degrade(face, "heavy", 1)
    assert np.array_equal(face, before)


@pytest.mark.parametrize("size", [(32, 32), (33, 200), (700, 500)])
def test_any_size(size: tuple[int, int]) -> None:
    image = np.asarray(pictures.portrait(size[1], size[0]))
    assert degrade(image, "heavy", 0).image.shape == image.shape


@pytest.mark.parametrize("kind", MARKS)
def test_every_kind_of_mark_covers_something_and_not_everything(kind: str) -> None:
    zone = np.ones((200, 200), bool)
    for seed in range(6):
        mark = MARKS[kind](np.random.default_rng(seed), zone, 1.0)
        assert mark.cover.shape == zone.shape
        assert mark.cover.dtype == np.float32
        assert mark.cover.min() >= 0
        assert mark.cover.max() <= 1
        assert 0 < (mark.cover > 0).mean() < 0.6
        assert np.min(mark.colour) >= 0
        assert np.max(mark.colour) <= 255


def test_seed_comes_from_file_run_and_level() -> None:
    digest = hashlib.sha256(b"a file").hexdigest()
    seeds = {seed_for(digest, 0, "light"), seed_for(digest, 1, "light"), seed_for(digest, 0, "heavy")}
    assert len(seeds) == 3
    assert (
        seed_for(digest, 0, "light")
        == int.from_bytes(hashlib.sha256(f"{digest}:0:light".encode()).digest()[:8], "big") // 2
    )


def test_unknown_level_is_named(face: Bytes) -> None:
    with pytest.raises(ValueError, match="unknown level 'severe'; known: light, medium, heavy"):
        degrade(face, "severe", 0)
