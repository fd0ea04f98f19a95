"""A picture in tiles is the picture in one piece: exactly found and filled, and refined nearly so."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mlcore.inference import ArrayPage, Hand, Restorer
from mlcore.inference.blending import BlendingPlan
from mlcore.inference.engines import TorchEngine
from mlcore.inference.filling import Filling
from mlcore.inference.finding import FindingPlan, find_damage
from mlcore.inference.hands import HandOnCanvas
from mlcore.inference.pictures import Canvas, Window, as_stored, upright
from mlcore.inference.scratch import ScratchPlane
from mlcore.networks import Generator
from mlcore.networks.find_fill_refine import DamageFinder, distrusted
from mlcore.networks.lean import LeanFinder
from mlcore.networks.push_pull import push_pull
from tests.mlcore.small_network import photograph, repaired, small_network
from tests.mlcore.toy_generators import Blur

NETWORK = small_network()


@pytest.mark.parametrize("lean", [False, True])
def test_nothing_beyond_the_reach_changes_a_verdict(*, lean: bool) -> None:
    finder = small_network(lean=lean).finder
    far = finder.reach
    torch.manual_seed(1)
    picture = torch.rand(1, 3, 448, 448)
    elsewhere = torch.rand(1, 3, 448, 448)
    core = slice(208, 240)
    seen = slice(208 - far, 240 + far)
    elsewhere[..., seen, seen] = picture[..., seen, seen]
    with torch.inference_mode():
        one, other = (finder(each)[..., core, core] for each in (picture, elsewhere))
    torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def found_in_tiles(image: np.ndarray, tile: int, looks: int = 1) -> tuple[np.ndarray, int]:
    canvas = Canvas(ArrayPage(image), 16)
    plan = FindingPlan(canvas, NETWORK.finder, tile, looks=looks)
    found = ScratchPlane(canvas.width, None)
    engine = TorchEngine(NETWORK, torch.device("cpu"))
    done = []
    find_damage(
        canvas, plan, engine, hand=HandOnCanvas(None, canvas), found=found, on_tile=lambda: done.append(1)
    )
    assert len(done) == plan.count
    verdict = found.read(Window(0, canvas.height, 0, canvas.width))
    found.close()
    return verdict, plan.count


@pytest.mark.parametrize("looks", [1, 8])
def test_damage_found_in_tiles_is_that_found_in_one_piece(looks: int) -> None:
    image = photograph(700, 900)
    whole, one = found_in_tiles(image, 1024, looks)
    tiled, several = found_in_tiles(image, 64, looks)
    assert one == looks
    assert several >= 4 * looks
    np.testing.assert_allclose(tiled, whole, atol=1e-3)


@pytest.mark.parametrize("transparent", [False, True])
def test_a_filling_made_in_windows_is_that_of_the_whole(transparent: bool) -> None:
    image = photograph(320, 384)
    page = ArrayPage(image)
    clear = np.zeros(image.shape[:2], bool)
    if transparent:
        clear[40:90, 100:300] = True
        page = ClearPage(image, clear)
    canvas = Canvas(page, 64)
    found = np.zeros(image.shape[:2], np.float32)
    found[60:260, 90:330] = 1  # larger than any window's fine scales reach
    found[300:310] = 0.5
    plane = ScratchPlane(canvas.width, None)
    plane.write(0, found)
    filling = Filling(canvas, plane, relaxations=6)
    picture = torch.from_numpy(image.transpose(2, 0, 1)[None]).float() / 127.5 - 1
    damage = torch.maximum(
        distrusted(torch.from_numpy(found)[None, None]), torch.from_numpy(clear)[None, None]
    )
    whole = push_pull(picture, damage.float(), 6)[0].permute(1, 2, 0).numpy()
    for window in (Window(0, 320, 0, 384), Window(64, 192, 128, 256), Window(256, 320, 320, 384)):
        filled, degraded, of_window = filling.on(window)
        inside = window.within(Window(0, 320, 0, 384))
        np.testing.assert_allclose(filled, whole[inside], atol=2e-5)
        np.testing.assert_array_equal(of_window, found[inside])
        np.testing.assert_allclose(degraded, picture[0].permute(1, 2, 0).numpy()[inside])
    plane.close()


class ClearPage(ArrayPage):
    """A picture with places where nothing is to be seen."""

    def __init__(self, image: np.ndarray, clear: np.ndarray) -> None:
        super().__init__(image)
        object.__setattr__(self, "clear", clear)

    def transparent(self, top: int, bottom: int) -> np.ndarray:
        return self.clear[top:bottom]


def test_shifted_grids_differ_by_less_than_a_level_and_borders_are_no_steeper() -> None:
    image = photograph(480, 560)
    restorer = Restorer(small_network(), engine="torch", tile=256, overlap=64)
    plain, share = repaired(restorer, image)
    shifted, _ = repaired(restorer, np.ascontiguousarray(image[112:, 112:]))
    assert np.abs(plain[272:, 272:] - shifted[160:, 160:]).mean() < 1
    whole, _ = repaired(Restorer(small_network(), engine="torch", tile=1024), image)
    changed = share > 0
    for axis, borders in enumerate(borders_of_tiles(image, tile=256, overlap=64)):
        assert len(borders) == 2 * 33
        steeper = steepness(plain, changed, axis)[borders] / steepness(whole, changed, axis)[borders]
        assert steeper.max() < 1.05
        # A step that nobody would see in the mean of a picture.
        planted = plain.copy()
        np.moveaxis(planted, axis, 0)[borders[16] + 1 :] += 6
        steeper = steepness(planted, changed, axis)[borders] / steepness(whole, changed, axis)[borders]
        assert steeper.max() > 1.05


def borders_of_tiles(image: np.ndarray, *, tile: int, overlap: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and columns, from which the step to the next lies where tiles are blended."""
    stride = small_network().stride
    plan = BlendingPlan(Canvas(ArrayPage(image), stride), tile=tile, overlap=overlap, stride=stride)
    return tuple(
        np.concatenate([np.arange(span.used_start - 1, span.used_start + span.lead_in) for span in spans[1:]])
        for spans in (plan.rows, plan.columns)
    )


def steepness(picture: np.ndarray, changed: np.ndarray, axis: int) -> np.ndarray:
    """The mean step from each row (axis 0) or column to the next, where the picture was changed."""
    steps = np.abs(np.diff(picture, axis=axis)).mean(axis=2)
    return np.ma.masked_where(~np.delete(changed, 0, axis), steps).mean(axis=1 - axis).filled(1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_network_sees_every_picture_upright(orientation: int) -> None:
    image = photograph(130, 200)
    restorer = Restorer(small_network(), engine="torch")
    expected, share = repaired(restorer, image)
    stored = np.ascontiguousarray(as_stored(image, orientation))
    hand = np.zeros((13, 20), np.uint8)
    hand[2:4, 3:9] = 255
    restored, of_stored = repaired(restorer, ArrayPage(stored, orientation))
    np.testing.assert_allclose(upright(restored, orientation), expected, atol=0.02)
    np.testing.assert_allclose(upright(of_stored, orientation), share, atol=1e-3)
    _, protected = repaired(restorer, ArrayPage(stored, orientation), Hand(protect=hand))
    assert upright(protected, orientation)[22:38, 32:88].max() == 0


def test_the_hand_rules_over_the_finder_and_protection_over_repair() -> None:
    image = photograph(128, 128)
    repair, protect = np.zeros((64, 64), np.uint8), np.zeros((32, 32), np.uint8)
    repair[10:20, 10:20] = 255
    protect[16:, :] = 255
    repair[40:50, 10:20] = 255
    restored, share = repaired(Restorer(small_network()), image, Hand(repair, protect))
    assert share[22:38, 22:38].min() == 1
    assert share[66:].max() == 0
    np.testing.assert_allclose(restored[66:], image[66:], atol=1e-4)


def test_what_is_transparent_is_never_changed_and_nothing_is_drawn_from_it() -> None:
    image = photograph(128, 128)
    image[32:64, 32:64] = 255
    clear = np.zeros((128, 128), bool)
    clear[32:64, 32:64] = True
    restored, share = repaired(Restorer(small_network()), ClearPage(image, clear))
    assert share[clear].max() == 0
    np.testing.assert_allclose(restored[clear], 255, atol=1e-4)


def test_hands_from_one_grey_picture() -> None:
    hand = Hand.from_grey(np.array([[0, 128], [255, 7]], np.uint8))
    assert hand.repair is not None
    assert hand.protect is not None
    assert hand.repair.tolist() == [[0, 0], [255, 0]]
    assert hand.protect.tolist() == [[0, 255], [0, 0]]
    assert Hand.from_grey(np.zeros((2, 2), np.uint8)) == Hand(None, None)
    with pytest.raises(ValueError, match=r"expected \(h, w\) uint8"):
        Hand(repair=np.zeros((2, 2, 3), np.uint8))


@pytest.mark.parametrize("generator", [small_network(), Blur(1)])
def test_very_wide_pictures_are_put_together_on_disk_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, generator: Generator
) -> None:
    image = photograph(300, 700)
    restorer = Restorer(generator, engine="torch", device="cpu", tile=128, overlap=32)
    expected, _ = repaired(restorer, image, scratch=tmp_path)
    monkeypatch.setattr("mlcore.inference.blending.BAND_BYTES", 0)
    monkeypatch.setattr("mlcore.inference.pictures.HELD_BYTES", 0)
    monkeypatch.setattr("mlcore.tiling.PIXELS_AT_ONCE", 3 * 700)
    tiled, _ = repaired(restorer, image, scratch=tmp_path)
    np.testing.assert_array_equal(tiled, expected)
    assert list(tmp_path.iterdir()) == []


class SeesRimsOnly(TorchEngine):
    """Finds white where something else is near; of a large blot only the rim."""

    def find(self, degraded: np.ndarray) -> np.ndarray:
        white = (degraded.min(axis=2) > 0.9).astype(np.uint8)
        rim = white - cv2.erode(white, np.ones((181, 181), np.uint8), borderValue=1)
        return np.where(rim, np.float32(20), np.float32(-20))


class SeesSmallPicturesOnly(TorchEngine):
    """Finds white, but in a large picture nothing at all."""

    def find(self, degraded: np.ndarray) -> np.ndarray:
        white = (degraded.min(axis=2) > 0.9) & (degraded.shape[1] < 1000)
        return np.where(white, np.float32(20), np.float32(-20))


@pytest.mark.parametrize(
    ("engine", "least", "most"), [(SeesRimsOnly, 0.3, 0.8), (SeesSmallPicturesOnly, 0, 0)]
)
def test_a_blot_larger_than_the_finder_sees_is_found_at_a_reduced_size(
    engine: type[TorchEngine], least: float, most: float
) -> None:
    image = photograph(640, 1280) // 2
    image[100:600, 300:900] = 255
    inside = np.zeros((640, 1280), bool)
    inside[100:600, 300:900] = True
    found = []
    for coarse in (False, True):
        restorer = Restorer(small_network(), engine="torch", coarse=coarse)
        restorer._engine = engine(small_network(), torch.device("cpu"))
        steps: list[tuple[int, int]] = []
        restorer.repair(
            ArrayPage(image),
            lambda top, rows, share: found.append(share),
            on_progress=lambda done, total, steps=steps: steps.append((done, total)),
        )
        assert steps[-1][0] == steps[-1][1]
    fine, both = np.concatenate(found[: len(found) // 2]), np.concatenate(found[len(found) // 2 :])
    assert least <= (fine > 0.5)[inside].mean() <= most
    assert (both > 0.5)[inside].mean() > 0.95
    assert (both > 0.5)[~inside].mean() < 0.01


def test_how_far_a_finder_looks_follows_from_its_depth() -> None:
    assert (NETWORK.finder.stride, NETWORK.finder.reach) == (16, 94)
    assert DamageFinder(widths=(4, 8)).reach == 8
    assert LeanFinder(widths=(4, 8), down=(0, 0), up=(0,)).reach == 7
