"""A network's change reaches a master's own samples, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from mlcore.masters import open_master
from mlcore.masters.vips import libvips
from tests import pictures
from tests.mlcore.masters.master_files import HOLE, noise, outside_hole, saved, tiff

FULL = np.zeros((40, 50), np.float32)
FULL[HOLE] = 0.5


def applied(path: Path, change, share=FULL):
    """The samples before and after ``change`` (added to what is seen) where ``share`` is not 0."""
    with open_master(path) as master:
        page = master.pages[0]
        samples, seen = page.samples(0, page.height), page.seen(0, page.height)
        return samples, page.applied(samples, seen, seen + np.asarray(change, np.float32), share)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_rgb_changes_by_its_own_steps(tmp_path: Path, dtype) -> None:
    before, after = applied(
        saved(tmp_path, tiff(noise(40, 50, 3, dtype=dtype), photometric="rgb")), [0.1, 0, -0.1]
    )
    half = np.iinfo(dtype).max / 2
    difference = after[HOLE].astype(int) - before[HOLE]
    assert np.abs(difference - [0.1 * half, 0, -0.1 * half]).max() <= 0.51
    assert np.array_equal(outside_hole(after), outside_hole(before))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_no_change_is_no_change_also_inside(tmp_path: Path, dtype) -> None:
    """Every number goes to the network and comes back as it was."""
    every = np.arange(np.iinfo(dtype).max + 1, dtype=dtype).reshape(256, -1)
    path = saved(tmp_path, tiff(np.repeat(every[..., None], 3, axis=2), photometric="rgb"))
    before, after = applied(path, 0, np.ones(every.shape))
    assert np.array_equal(before, after)


def test_numbers_are_clamped_not_wrapped(tmp_path: Path) -> None:
    path = saved(tmp_path, tiff(noise(40, 50, 3), photometric="rgb"))
    for change, end in ((5, 255), (-5, 0)):
        assert (applied(path, change)[1][HOLE] == end).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_grey_stays_grey(tmp_path: Path, channels: int) -> None:
    grey = noise(40, 50)
    array, kind = (grey, "minisblack") if channels == 1 else (np.repeat(grey[..., None], 3, axis=2), "rgb")
    before, after = applied(saved(tmp_path, tiff(array, photometric=kind)), [0.3, 0.0, -0.3])
    assert after.shape == (40, 50, channels)
    assert (after == after[..., :1]).all()
    assert (after[HOLE] > before[HOLE]).all()
    assert np.array_equal(outside_hole(after), outside_hole(before))


def test_alpha_stays_and_what_nobody_sees_does_too(tmp_path: Path) -> None:
    array = noise(40, 50, 4)
    array[:18, :, 3] = 0
    before, after = applied(saved(tmp_path, tiff(array, photometric="rgb", extrasamples=["unassalpha"])), 0.2)
    assert np.array_equal(after[..., 3], before[..., 3])
    assert np.array_equal(after[:18], before[:18])
    assert (after[18:25, 8:40, :3] > before[18:25, 8:40, :3]).all()


def test_multiplied_colours_stay_below_their_alpha(tmp_path: Path) -> None:
    array = noise(40, 50, 4)
    array[..., :3] = np.minimum(array[..., :3], array[..., 3:])
    _, after = applied(saved(tmp_path, tiff(array, photometric="rgb", extrasamples=["assocalpha"])), 1)
    assert (after[..., :3] <= after[..., 3:]).all()


@pytest.mark.parametrize("profiled", [False, True], ids=["plain", "by profile"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_inks_change_by_the_difference(tmp_path: Path, profiled: bool, dtype) -> None:
    """Brighter means less ink; what is not changed keeps the printer's separation to the last bit."""
    profile = bytes(libvips().Operation.call("profile_load", "cmyk")) if profiled else None
    array = noise(40, 50, 4, dtype=dtype)
    options = {"iccprofile": profile} if profile else {}
    path = saved(tmp_path, tiff(array, photometric="separated", **options))
    with open_master(path) as master:
        page = master.pages[0]
        seen = page.seen(0, 40)
        assert (page.channels, seen.shape, seen.dtype) == ("cmyk", (40, 50, 3), np.float32)
        assert np.abs(seen).max() <= 1
    before, after = applied(path, 0.2)
    assert np.array_equal(outside_hole(after), outside_hole(before))
    assert after[HOLE].astype(int).sum() < before[HOLE].astype(int).sum()
    same = applied(path, 0)[1]
    assert np.array_equal(same, before)
    brighter = saved(tmp_path, tiff(after, photometric="separated", **options), "brighter")
    with open_master(brighter) as master:
        gained = (master.pages[0].seen(0, 40) - seen)[HOLE].mean()
    assert 0.08 < gained < 0.3


def test_a_profile_that_is_none_for_inks_is_passed_over(tmp_path: Path) -> None:
    array = noise(40, 50, 4)
    seen = []
    for options in ({}, {"iccprofile": b"no profile at all, but long enough for a header" * 4}):
        with open_master(saved(tmp_path, tiff(array, photometric="separated", **options))) as master:
            seen.append(master.pages[0].seen(0, 40))
    assert np.array_equal(*seen)


def test_any_rectangle_can_be_changed(tmp_path: Path) -> None:
    with open_master(saved(tmp_path, pictures.png())) as master:
        page = master.pages[0]
        samples, seen = page.samples(10, 20)[:, 5:9], page.seen(10, 20)[:, 5:9]
        share = np.zeros((10, 4), np.uint8)
        share[3, 2] = 1
        after = page.applied(samples, seen, -seen, share)
        assert np.argwhere((after != samples).any(axis=2)).tolist() == [[3, 2]]
