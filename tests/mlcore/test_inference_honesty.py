"""Warnings say what is not known of a restoration; levels and ranges come from what was measured."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data

from mlcore.errors import HonestyError
from mlcore.images import save_png
from mlcore.inference import FileReport, PageReport, Restorer, expected_ranges, warnings_for
from mlcore.inference.coarse import believed_areas, coarse_sides
from mlcore.inference.engines import TorchEngine
from mlcore.inference.honesty import check_exposure
from mlcore.inference.pictures import Floats
from mlcore.inference.reports import Reduced, Tally
from tests.mlcore.small_network import photograph, small_network

FACES = {"ssim_low": 0.7, "ssim_high": 0.9, "pictures": 100}
PHOTOGRAPHS = {"ssim_low": 0.6, "ssim_high": 0.8, "pictures": 10}
EXPECTED = {
    "sets": {"faces-val": {"heavy": FACES}, "photos": {"heavy": PHOTOGRAPHS}, "few": {"light": FACES}}
}
EARLIER = {"levels": {"heavy": FACES}, "data": ["faces-val"]}
"""As models registered until 2026-11-23 have it."""


def report(share: float, *, stark: float = 0.0, portrait: bool = True) -> FileReport:
    page = PageReport(1000, share, share, share, 1.0, 9.0, 1.0, 9.0, 0.0, 0.0, stark)
    return FileReport(page, [page], "png", 1.0, 1, portrait=portrait)


@pytest.mark.parametrize(
    ("share", "level"), [(0.0, "none"), (0.03, "light"), (0.1, "medium"), (0.25, "heavy"), (1.0, "heavy")]
)
def test_levels_of_damage(share: float, level: str) -> None:
    assert report(share).level == level


@pytest.mark.parametrize(
    ("of", "side", "expected", "codes"),
    [
        (report(0.0, stark=1.0), 9000, None, []),
        (report(0.2), 256, EXPECTED, []),
        (report(0.2), 1025, EXPECTED, ["larger-than-measured"]),
        (report(0.5), 256, EXPECTED, ["heavier-than-measured"]),
        (report(0.2, stark=0.8), 256, EXPECTED, ["unlike-measured"]),
        (report(0.1), 256, EXPECTED, ["not-measured"]),
        (report(0.1), 256, {}, ["not-measured"]),
        (report(0.2), 1025, EARLIER, ["larger-than-measured"]),
        (report(0.1), 256, EARLIER, ["not-measured"]),
        (report(0.2, portrait=False), 256, EXPECTED, []),
    ],
)
def test_warnings(of: FileReport, side: int, expected: Any, codes: list[str]) -> None:
    warnings = warnings_for(of, side, 100, expected)
    assert [warning["code"] for warning in warnings] == codes
    for warning in warnings:
        known = of.level == "heavy"
        assert (warning["ssim_low"], warning["ssim_high"]) == ((0.7, 0.9) if known else (None, None))


@pytest.mark.parametrize(
    ("portrait", "expected", "of", "known"),
    [
        (True, EXPECTED, "faces-val", FACES),
        (False, EXPECTED, "photos", PHOTOGRAPHS),
        (True, {"sets": {"photos": {"heavy": PHOTOGRAPHS}}}, "photos", PHOTOGRAPHS),
        (True, EARLIER, "faces-val", FACES),
    ],
)
def test_what_is_expected_comes_from_pictures_like_this_one(
    portrait: bool, expected: Any, of: str, known: Any
) -> None:
    (warning,) = warnings_for(report(0.5, portrait=portrait), 256, 256, expected)
    assert warning["ssim_set"] == of
    assert warning["ssim_portraits"] is (of == "faces-val")
    assert {key: warning[f"ssim_{key.removeprefix('ssim_')}"] for key in known} == known


@pytest.mark.parametrize("expected", [EARLIER, {"sets": {"faces-val": {"heavy": FACES}}}])
def test_of_what_is_no_portrait_portraits_say_nothing(expected: Any) -> None:
    (warning,) = warnings_for(report(0.2, portrait=False), 256, 256, expected)
    assert warning["code"] == "portraits-measured"
    assert (warning["ssim_set"], warning["ssim_low"], warning["ssim_high"]) == (None, None, None)


def test_a_portrait_is_known_by_its_face(tmp_path: Path) -> None:
    restorer = Restorer(small_network(), tile=256, engine="torch")
    face = np.ascontiguousarray(data.astronaut()[:256, 100:356])
    for number, (picture, expected) in enumerate([(face, True), (photograph(256, 256), False)]):
        save_png(tmp_path / f"{number}.png", picture)
        told = restorer.restore_file(tmp_path / f"{number}.png", tmp_path / f"{number}-restored.png")
        assert told.level != "none"
        assert told.portrait is expected
        assert told.figures()["portrait"] is expected


def test_ranges_are_percentiles_of_single_pictures() -> None:
    scores = [
        {"method": "model", "group": "faces", "level": "light", "ssim": number / 100} for number in range(101)
    ]
    scores.append({"method": "telea", "group": "faces", "level": "light", "ssim": 7.0})
    further = [{"method": "model", "group": "photos", "level": "heavy", "ssim": 0.5}]
    expected = expected_ranges({"scores": scores}, {"scores": further})
    assert expected["sets"]["faces"]["light"] == {
        "ssim_low": pytest.approx(0.05),
        "ssim_high": pytest.approx(0.95),
        "pictures": 101,
    }
    assert expected["sets"]["photos"] == {"heavy": {"ssim_low": 0.5, "ssim_high": 0.5, "pictures": 1}}
    assert expected_ranges({}) == {}


def test_pages_count_together() -> None:
    rng = np.random.default_rng(0)
    one, other, both = Tally(), Tally(), Tally()
    for tally, channels in ((one, 3), (other, 1)):
        before, after = rng.uniform(0, 255, (2, 8, 9, channels)).astype(np.float32)
        share = rng.integers(0, 3, (8, 9), np.uint8) * np.uint8(120)
        after = np.where(share[..., None] == 0, before, after)
        tally.add(before, after, share)
        both.merge(tally)
    total, pages = both.page_report(), [one.page_report(), other.page_report()]
    assert total.max_change == max(page.max_change for page in pages)
    assert total.share_changed == pytest.approx(np.mean([page.share_changed for page in pages]))
    assert total.mean_change_outside == total.max_change_outside == 0


BY_TURNS = np.resize(np.float32([0, 255]), (16, 1))
GREY = np.full((16, 1), 128, np.float32)


def judged(before: np.ndarray, repair: np.ndarray, *, rest: float = 128.0) -> str:
    """Code of the refusal of a page (32, 16), whose upper half was repaired; empty if it passes."""
    was = np.full((32, 16, 1), rest, np.float32)
    was[:16] = before[..., None]
    now, share = was.copy(), np.zeros((32, 16), np.uint8)
    now[:16], share[:16] = repair[..., None], 255
    tally = Tally()
    tally.add(was, now, share)
    try:
        check_exposure(tally)
    except HonestyError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("before", "repair", "rest", "code"),
    [
        (GREY, GREY + 20, 128.0, ""),
        (GREY, BY_TURNS, 128.0, "mlcore:honesty:clipping"),
        # No more than half of it, or what was so before, or what is so all around.
        (GREY, np.where(np.arange(16)[:, None] < 8, BY_TURNS, GREY), 128.0, ""),
        (GREY, np.where(np.arange(16)[:, None] < 9, BY_TURNS, GREY), 128.0, "mlcore:honesty:clipping"),
        (BY_TURNS, BY_TURNS[::-1], 128.0, ""),
        (GREY + 120, np.full((16, 1), 255.0, np.float32), 255.0, ""),
        # The half that is repaired moves the whole by half as much.
        (GREY, GREY + 124, 128.0, ""),
        (GREY - 124, GREY + 6, 4.0, "mlcore:honesty:mean-shift"),
        # Towards what is undamaged, however far.
        (GREY - 124, GREY + 100, 228.0, ""),
        (GREY, np.zeros((16, 1), np.float32), 128.0, "mlcore:honesty:black"),
    ],
)
def test_what_only_a_broken_model_makes_is_refused(
    before: np.ndarray, repair: np.ndarray, rest: float, code: str
) -> None:
    assert judged(before, repair, rest=rest) == code


def test_reduced_layers_lose_no_thin_scratch() -> None:
    reduced = Reduced(100, 7000, 1600)
    rows = np.zeros((100, 7000), np.uint8)
    rows[:, 3333] = 200
    reduced.add(0, rows[:60])
    reduced.add(60, rows[60:])
    assert reduced.as_bytes().shape == (23, 1600)
    assert (reduced.as_bytes().max(axis=1) == 200).all()


def test_reduced_sizes_are_for_large_pictures_only() -> None:
    assert coarse_sides(256, 479) == ()
    assert coarse_sides(256, 480) == (192,)
    assert coarse_sides(1000, 1279) == (192,)
    assert coarse_sides(1000, 1280) == (512, 192)
    assert coarse_sides(3000, 4000) == (1024, 512, 192)
    assert coarse_sides(12000, 100) == (2048, 1024, 512, 192)


def test_an_area_is_believed_if_it_is_sure_thick_and_partly_found() -> None:
    verdict, fine = np.zeros((120, 200), np.float32), np.zeros((120, 200), np.float32)
    blots = {"good": 10, "unsure": 50, "unshared": 90, "thin": 130}
    for left in blots.values():
        verdict[20:50, left : left + 30] = 0.95
        fine[20:30, left : left + 30] = 1
    verdict[20:50, 50:80] = 0.85
    fine[:, 90:120] = 0
    verdict[20:50, 130:160] = 0
    verdict[20:24, 130:190] = 0.95
    believed = believed_areas(verdict, fine)
    assert believed[20:50, 10:40].all()
    assert believed.sum() == 900
    assert not believed_areas(verdict, None).any()


def test_a_wide_area_is_believed_if_it_is_sure_whatever_was_found_of_it_at_full_size() -> None:
    verdict = np.zeros((120, 200), np.float32)
    verdict[20:60, 10:50] = 0.995
    verdict[20:60, 70:110] = 0.98  # not sure enough
    verdict[20:60, 130:150] = 0.995  # too narrow
    for fine in (None, np.zeros_like(verdict)):
        believed = believed_areas(verdict, fine)
        assert believed[20:60, 10:50].all()
        assert believed.sum() == 1600


@pytest.mark.parametrize("lean", [False, True])
def test_a_finder_that_has_no_verdict_does_not_find_a_picture_undamaged(
    tmp_path: Path, *, lean: bool
) -> None:
    save_png(tmp_path / "torn.png", photograph(90, 120))
    restorer = Restorer(small_network(lean=lean, not_a_number=True), engine="torch")
    with pytest.raises(HonestyError) as refusal:
        restorer.restore_file(tmp_path / "torn.png", tmp_path / "out.png")
    assert refusal.value.code == "mlcore:honesty:not-a-number"
    assert [path.name for path in tmp_path.iterdir()] == ["torn.png"]


def found_by(verdict: Any, monkeypatch: pytest.MonkeyPatch) -> Restorer:
    """A restorer whose finder's verdict is ``verdict(degraded)``."""
    monkeypatch.setattr(TorchEngine, "find", lambda self, degraded: verdict(degraded))
    return Restorer(small_network(), engine="torch", tile=256, overlap=32)


@pytest.mark.parametrize("row", [3, 600])
def test_one_pixel_without_a_verdict_is_enough(row: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the first band of tiles or a later one."""
    image = np.full((700, 90, 3), 130, np.uint8)
    image[row, 40] = 0

    def verdict(degraded: Floats) -> Floats:
        return np.where(degraded[..., 0] == -1, np.float32("nan"), np.float32(0))

    restorer = found_by(verdict, monkeypatch)
    with pytest.raises(HonestyError) as refusal:
        restorer.restore(image)
    assert refusal.value.code == "mlcore:honesty:not-a-number"


def test_a_look_at_a_reduced_size_without_a_verdict_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.full((1300, 200, 3), 130, np.uint8)

    def verdict(degraded: Floats) -> Floats:
        reduced = degraded.shape[1] < 200
        return np.full(degraded.shape[:2], np.float32("nan") if reduced else np.float32(1), np.float32)

    with pytest.raises(HonestyError) as refusal:
        found_by(verdict, monkeypatch).restore(image)
    assert refusal.value.code == "mlcore:honesty:not-a-number"
