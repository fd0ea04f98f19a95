"""The repair layer keeps exactly what changes, is small where little does, and does not pass for another."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from mlcore.errors import MasterError
from mlcore.masters import RepairWriter, open_master, open_repair
from tests import pictures
from tests.mlcore.masters.master_files import HOLE, noise, repair_of, saved, tiff


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_what_was_written_is_read_and_the_rest_is_zero(tmp_path: Path, dtype, channels: int) -> None:
    """Over several tiles down and across, in bands that do not know of tiles."""
    array = noise(300, 270, channels, dtype=dtype)
    extras = {"photometric": "rgb", "extrasamples": ["unassalpha"]} if channels == 4 else {}
    photometric = extras or {"photometric": "rgb" if channels == 3 else "minisblack"}
    share = np.random.default_rng(1).integers(0, 256, (300, 270), dtype=np.uint8)
    share[:, 40:] = 0
    share[290:, 260:] = 7
    with open_master(saved(tmp_path, tiff(array.squeeze(), **photometric))) as master:
        with RepairWriter(tmp_path / "layer", master) as writer:
            for top in range(0, 300, 37):
                writer.write_rows(0, top, array[top : top + 37], share[top : top + 37])
        (page,) = open_repair(tmp_path / "layer").pages
    for top, bottom in ((0, 300), (250, 260), (299, 300)):
        samples, read = page.rows(top, bottom)
        assert (samples.dtype, read.dtype) == (dtype, np.uint8)
        assert np.array_equal(read, share[top:bottom])
        assert np.array_equal(samples, array[top:bottom] * (share[top:bottom] > 0)[..., None])


def test_rows_and_pages_that_are_left_out_stay_unchanged(tmp_path: Path) -> None:
    pages = [noise(600, 20, 3, seed=number) for number in range(3)]
    path = tmp_path / "book.tif"
    with tifffile.TiffWriter(path) as writer:
        for page in pages:
            writer.write(page, photometric="rgb")
    with open_master(path) as master, RepairWriter(tmp_path / "layer", master) as layer:
        layer.write_rows(1, 555, pages[1][555:560], np.full((5, 20), 255, np.uint8))
    first, second, third = open_repair(tmp_path / "layer").pages
    assert not first.rows(0, 600)[1].any()
    assert not third.rows(0, 600)[1].any()
    share = second.rows(0, 600)[1]
    assert np.array_equal(np.flatnonzero(share.any(axis=1)), np.arange(555, 560))
    assert np.array_equal(second.rows(555, 560)[0], pages[1][555:560])


def test_little_damage_makes_a_little_file(tmp_path: Path) -> None:
    with open_master(saved(tmp_path, tiff(noise(2000, 1500, 3), photometric="rgb"))) as master:
        layer = repair_of(master, tmp_path / "layer")
    assert layer.stat().st_size < 10_000


def test_the_same_repair_is_the_same_file(tmp_path: Path) -> None:
    contents = []
    for number in range(2):
        with open_master(saved(tmp_path, pictures.png())) as master:
            contents.append(repair_of(master, tmp_path / f"layer{number}").read_bytes())
    assert contents[0] == contents[1]


def test_others_can_read_it(tmp_path: Path) -> None:
    with open_master(saved(tmp_path, pictures.png())) as master:
        layer = repair_of(master, tmp_path / "layer", share=200)
    array = tifffile.imread(layer)
    assert array.shape == (48, 64, 4)
    assert (array[HOLE][..., 3] == 200).all()
    assert np.count_nonzero(array[..., 3]) == 15 * 32


def test_an_interrupted_repair_leaves_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path, pictures.png())
    with (
        open_master(path) as master,
        pytest.raises(KeyboardInterrupt),
        RepairWriter(tmp_path / "layer", master),
    ):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == [path]


def test_rows_out_of_order_or_shape_are_refused(tmp_path: Path) -> None:
    rows, share = np.zeros((4, 64, 3), np.uint8), np.zeros((4, 64), np.uint8)
    with (
        open_master(saved(tmp_path, pictures.png())) as master,
        RepairWriter(tmp_path / "layer", master) as writer,
    ):
        writer.write_rows(0, 8, rows, share)
        for page, top, samples, shares in (
            (0, 8, rows, share),
            (0, 46, rows, share),
            (1, 0, rows, share),
            (0, 20, rows[..., :2], share),
            (0, 20, rows.astype(np.uint16), share),
            (0, 20, rows, share[:2]),
        ):
            with pytest.raises(ValueError, match=r"page|rows|expected"):
                writer.write_rows(page, top, samples, shares)


def test_no_layer_a_foreign_file_and_a_damaged_one(tmp_path: Path) -> None:
    with open_master(saved(tmp_path, pictures.png())) as master:
        layer = repair_of(master, tmp_path / "layer")
    content = bytearray(layer.read_bytes())
    content[16:60] = bytes(44)
    for name, written, code in (
        ("none", None, "mlcore:repair:missing"),
        ("text", b"not a layer at all", "mlcore:repair:unreadable"),
        ("tiff", tiff(noise(4, 4), photometric="minisblack"), "mlcore:repair:unreadable"),
        ("short", layer.read_bytes()[:-20], "mlcore:repair:unreadable"),
        ("damaged", bytes(content), "mlcore:repair:unreadable"),
    ):
        if written is not None:
            (tmp_path / name).write_bytes(written)
        with pytest.raises(MasterError) as refused:
            open_repair(tmp_path / name).pages[0].rows(0, 48)
        assert refused.value.code == code
