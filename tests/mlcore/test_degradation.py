"""Damage: repeatable, where the level says, and never outside its mask."""

import hashlib

import cv2
import numpy as np
import pytest
from skimage import data

from mlcore.degradation import (
    ARCHIVE,
    LEVELS,
    LOSSES,
    RECIPES,
    VISIBLE,
    DamageLayer,
    Zones,
    degrade,
    draw_layer,
    find_zones,
    seed_for,
)
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


@pytest.mark.parametrize("level", RECIPES)
def test_the_mask_is_exactly_where_pixels_changed_and_visibly_so(face: Bytes, level: str) -> None:
    for seed in range(5):
        degraded = degrade(face, level, seed)
        change = np.abs(degraded.image.astype(int) - face).max(axis=2)
        assert change.any()
        assert set(np.unique(degraded.mask)) == {0, 255}
        assert np.array_equal(degraded.mask == 255, change > 0)
        assert change[change > 0].min() >= VISIBLE


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
@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_every_kind_of_mark_covers_something_and_not_everything(kind: str, scale: float) -> None:
    side = round(200 * scale)
    zone = np.zeros((side, side), bool)
    zone[side // 4 : -side // 4, side // 4 : -side // 4] = True
    shares = []
    for seed in range(6):
        layer = DamageLayer.blank(side, side)
        MARKS[kind](layer, np.random.default_rng(seed), zone, scale)
        assert layer.cover.dtype == layer.paint.dtype == np.float32
        assert layer.cover.min() >= 0
        assert layer.cover.max() <= 1
        assert layer.paint.min() >= -1e-3
        # No paint is brighter than white, as thick as it lies.
        assert (layer.paint <= 255 * layer.cover[..., None] + 0.01).all()
        shares.append((layer.cover > 0).mean())
    assert min(shares) > 0
    assert np.mean(shares) < 0.6


@pytest.mark.parametrize("kind", MARKS)
def test_marks_grow_with_the_picture(kind: str) -> None:
    """At three times the size a mark covers about as large a share."""
    shares = []
    for scale in (1.0, 3.0):
        zone = np.ones((round(96 * scale),) * 2, bool)
        drawn = []
        for seed in range(8):
            layer = DamageLayer.blank(*zone.shape)
            MARKS[kind](layer, np.random.default_rng(seed), zone, scale)
            drawn.append(layer.cover.mean())
        shares.append(np.mean(drawn))
    assert 0.3 < shares[1] / shares[0] < 3


def test_what_is_spared_stays_blank(face: Bytes) -> None:
    layer = DamageLayer.blank(20, 20)
    layer.spared[5:10] = True
    layer.draw(np.ones((20, 20), np.float32), np.full(3, 200, np.float32))
    assert not layer.cover[5:10].any()
    assert layer.cover[10:].all()


def test_a_layer_is_what_its_marks_do_one_after_the_other() -> None:
    """Two half-transparent colours over a picture, worked out by hand."""
    layer = DamageLayer.blank(4, 4)
    layer.draw(np.full((4, 4), 0.5, np.float32), np.full(3, 200, np.float32))
    layer.draw(np.full((2, 2), 0.25, np.float32), np.full((2, 2, 3), 40, np.float32), left=1, top=2)
    image = layer.over(np.full((4, 4, 3), 100, np.uint8))
    first = 100 * 0.5 + 200 * 0.5
    assert image[0, 0, 0] == first
    assert image[2, 1, 0] == round(first * 0.75 + 40 * 0.25)
    assert image[3, 3, 0] == first


def test_damage_that_nobody_sees_is_left_out() -> None:
    layer = DamageLayer.blank(1, 2)
    layer.draw(np.array([[0.01, 0.04]], np.float32), np.full(3, 200, np.float32))
    image = layer.over(np.full((1, 2, 3), 100, np.uint8))
    assert image[..., 0].tolist() == [[100, 104]]


def test_the_stored_form_of_a_layer_gives_the_same_picture_but_for_rounding(
    face: Bytes, zones: Zones
) -> None:
    layer = draw_layer(zones, "heavy", 3)
    stored = layer.quantised()
    assert stored.shape == (4, 256, 256)
    assert stored.dtype == np.uint8
    again = DamageLayer(
        stored[3] / np.float32(255), stored[:3].transpose(1, 2, 0).astype(np.float32), layer.spared
    )
    apart = np.abs(again.over(face).astype(int) - layer.over(face))
    assert (apart > 1).mean() < 0.005
    assert apart.max() <= VISIBLE + 1


def test_the_fourth_recipe_is_no_level_and_lies_anywhere(face: Bytes, zones: Zones) -> None:
    assert ARCHIVE not in LEVELS
    assert ARCHIVE in RECIPES
    drawn = np.stack([degrade(face, ARCHIVE, seed, zones).mask > 0 for seed in range(12)])
    assert drawn.any(axis=0).mean() > 0.8


def test_losses_are_large_and_whole(face: Bytes, zones: Zones) -> None:
    assert LOSSES not in LEVELS
    shares, thickest = [], []
    for seed in range(12):
        mask = degrade(face, LOSSES, seed, zones).mask
        shares.append((mask > 0).mean())
        thickest.append(cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 5).max())
    assert 0.05 < np.median(shares) < 0.5
    # A disc of a tenth of the side fits in, wider than any mark of the other recipes but few.
    assert np.median(thickest) > 0.05 * len(face)


def test_seed_comes_from_file_run_and_level() -> None:
    digest = hashlib.sha256(b"a file").hexdigest()
    seeds = {seed_for(digest, 0, "light"), seed_for(digest, 1, "light"), seed_for(digest, 0, "heavy")}
    assert len(seeds) == 3
    assert (
        seed_for(digest, 0, "light")
        == int.from_bytes(hashlib.sha256(f"{digest}:0:light".encode()).digest()[:8], "big") // 2
    )


def test_unknown_level_is_named(face: Bytes) -> None:
    with pytest.raises(ValueError, match="unknown level 'severe'; known: light, medium, heavy, archive"):
        degrade(face, "severe", 0)
