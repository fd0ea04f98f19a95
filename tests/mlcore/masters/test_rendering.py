"""From master and repair to a result: the kind stays, what is untouched stays, strength blends."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from mlcore.errors import MasterError
from mlcore.masters import open_master, open_repair, render_result
from mlcore.masters.tiff_structure import read_structure
from tests import pictures
from tests.mlcore.masters.master_files import (
    HOLE,
    MARKING,
    noise,
    outside_hole,
    pillow,
    repair_of,
    restored,
    samples_of,
    saved,
    tiff,
)

TIFFS = {
    "8-bit grey": tiff(noise(40, 50), photometric="minisblack"),
    "16-bit grey": tiff(noise(40, 50, dtype=np.uint16), photometric="minisblack"),
    "white is zero": tiff(noise(40, 50), photometric="miniswhite"),
    "16-bit white is zero": tiff(noise(40, 50, dtype=np.uint16), photometric="miniswhite", compression="lzw"),
    "8-bit RGB in LZW": tiff(noise(40, 50, 3), photometric="rgb", compression="lzw", predictor=True),
    "LZW without predictor": tiff(noise(40, 50, 3), photometric="rgb", compression="lzw"),
    "16-bit RGB deflated": tiff(noise(40, 50, 3, dtype=np.uint16), photometric="rgb", compression="deflate"),
    "16-bit, predictor, Motorola": tiff(
        noise(40, 50, 3, dtype=np.uint16), photometric="rgb", compression="lzw", predictor=True, byteorder=">"
    ),
    "PackBits": tiff(noise(40, 50, 3), photometric="rgb", compression="packbits", rowsperstrip=9),
    "Zstandard": tiff(noise(40, 50, 3), photometric="rgb", compression="zstd", predictor=True),
    "LZMA": tiff(noise(40, 50, 3), photometric="rgb", compression="lzma"),
    "tiles": tiff(noise(40, 50, 3), photometric="rgb", tile=(16, 32), compression="deflate", predictor=True),
    "BigTIFF": tiff(noise(40, 50, 3), photometric="rgb", bigtiff=True),
    "planes": tiff(noise(3, 40, 50), photometric="rgb", planarconfig="separate", compression="lzw"),
    "planes in tiles": tiff(noise(3, 40, 50), photometric="rgb", planarconfig="separate", tile=(16, 16)),
    "alpha": tiff(noise(40, 50, 4), photometric="rgb", extrasamples=["unassalpha"]),
    "multiplied alpha": tiff(noise(40, 50, 4) | 128, photometric="rgb", extrasamples=["assocalpha"]),
    "grey and alpha": tiff(noise(40, 50, 2), photometric="minisblack", extrasamples=["unassalpha"]),
    "infrared": tiff(noise(40, 50, 4, dtype=np.uint16), photometric="rgb", extrasamples=["unspecified"]),
    "CMYK": tiff(noise(40, 50, 4), photometric="separated", compression="lzw"),
}


@pytest.mark.parametrize("content", TIFFS.values(), ids=TIFFS)
def test_a_tiff_stays_what_it_is(tmp_path: Path, content: bytes) -> None:
    """The same tags of structure, by a reader of our own and by tifffile; the same numbers outside."""
    source = saved(tmp_path, content)
    result = restored(source)
    before, after = samples_of(source), samples_of(result)
    assert (after.dtype, after.shape) == (before.dtype, before.shape)
    assert np.array_equal(outside_hole(after), outside_hole(before))
    assert (after[HOLE] != before[HOLE]).any(axis=2).all()
    with tifffile.TiffFile(source) as one, tifffile.TiffFile(result) as other:
        assert one.is_bigtiff == other.is_bigtiff
        assert one.byteorder == other.byteorder
        for name in ("compression", "predictor", "photometric", "planarconfig", "bitspersample", "is_tiled"):
            assert getattr(one.pages[0], name) == getattr(other.pages[0], name), name
        for name in ("tilewidth", "tilelength", "rowsperstrip", "extrasamples", "samplesperpixel"):
            assert getattr(one.pages[0], name) == getattr(other.pages[0], name), name
        read, own = other.asarray(), after
        if read.shape[0] == 3:
            read = np.moveaxis(read, 0, 2)
        if one.pages[0].photometric == 0:
            own = np.iinfo(own.dtype).max - own
        assert np.array_equal(read.reshape(own.shape), own)


@pytest.mark.parametrize(
    "name", ["8-bit RGB in LZW", "PackBits", "16-bit, predictor, Motorola", "CMYK", "tiles"]
)
def test_libtiff_reads_the_result_too(tmp_path: Path, name: str) -> None:
    result = restored(saved(tmp_path, TIFFS[name]))
    if "16" in name:
        assert tifffile.imread(result).dtype == np.uint16  # Pillow knows no such pictures
        return
    assert np.array_equal(np.asarray(pillow(result)), samples_of(result))


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        pytest.param(pictures.bilevel_tiff(), "L", id="bilevel"),
        pytest.param(pictures.float_tiff(), "I;16", id="float"),
        pytest.param(pictures.encoded(pictures.gradient().quantize(32), "TIFF"), "RGB", id="palette"),
        pytest.param(
            pictures.encoded(pictures.gradient(), "TIFF", compression="jpeg"), "RGB", id="JPEG inside"
        ),
        pytest.param(pictures.lab_tiff(), "RGB", id="Lab"),
        pytest.param(pictures.encoded(pictures.gradient().convert("YCbCr"), "TIFF"), "RGB", id="YCbCr"),
    ],
)
def test_kinds_that_cannot_stay_become_the_next_better(tmp_path: Path, content: bytes, mode: str) -> None:
    source = saved(tmp_path, content)
    result = restored(source)
    assert pillow(result).mode == mode
    assert np.array_equal(outside_hole(samples_of(result)), outside_hole(samples_of(source)))
    with tifffile.TiffFile(result) as file:
        assert file.pages[0].compression in {1, 8}


def test_a_long_strip_is_cut(tmp_path: Path) -> None:
    source = saved(tmp_path, tiff(noise(2500, 1500, 3), photometric="rgb", rowsperstrip=2500))
    result = restored(source)
    with tifffile.TiffFile(result) as file:
        assert max(file.pages[0].databytecounts) <= 4 << 20
        assert np.array_equal(outside_hole(file.asarray()), outside_hole(samples_of(source)))


def test_every_page_is_rendered(tmp_path: Path) -> None:
    source = tmp_path / "book.tif"
    with tifffile.TiffWriter(source) as writer:
        writer.write(noise(40, 50, 3, seed=1), photometric="rgb", compression="lzw")
        writer.write(noise(64, 44, dtype=np.uint16, seed=2), photometric="minisblack")
    result = restored(source)
    for number in range(2):
        before, after = samples_of(source, number), samples_of(result, number)
        assert np.array_equal(outside_hole(after), outside_hole(before))
        assert (after[HOLE] < before[HOLE]).all()
    with result.open("rb") as file:
        assert len(read_structure(file).directories) == 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "I;16", "P"])
def test_a_png_stays_a_png(tmp_path: Path, mode: str) -> None:
    picture = pictures.portrait(64, 48)
    deep = Image.fromarray(noise(48, 64, dtype=np.uint16))
    source = saved(tmp_path, pictures.encoded(deep if mode == "I;16" else picture.convert(mode), "PNG"))
    result = restored(source)
    assert (result.suffix, pillow(result).mode) == (".png", {"1": "L", "P": "RGB"}.get(mode, mode))
    before, after = samples_of(source), samples_of(result)
    assert np.array_equal(outside_hole(after), outside_hole(before))
    assert (after[HOLE] != before[HOLE]).any()


def test_16_bit_rgb_png_with_alpha(tmp_path: Path) -> None:
    """Pillow knows no such files, so it is made from a TIFF."""
    array = noise(40, 50, 4, dtype=np.uint16)
    source = restored(
        saved(tmp_path, tiff(array, photometric="rgb", extrasamples=["unassalpha"])), format="png"
    )
    assert np.array_equal(outside_hole(samples_of(source)), outside_hole(array))
    result = restored(source.rename(tmp_path / "second"))
    assert np.array_equal(outside_hole(samples_of(result)), outside_hole(array))


def test_webp_and_bmp_become_png(tmp_path: Path) -> None:
    for format in ("WEBP", "BMP"):
        source = saved(tmp_path, pictures.encoded(pictures.portrait(), format))
        result = restored(source)
        assert pillow(result).format == "PNG"
        assert np.array_equal(outside_hole(samples_of(result)), outside_hole(samples_of(source)))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_is_encoded_anew_and_well(tmp_path: Path, mode: str) -> None:
    source = saved(tmp_path, pictures.encoded(pictures.portrait().convert(mode), "JPEG", quality=90))
    result = pillow(restored(source))
    assert (result.format, result.mode) == ("JPEG", mode)
    assert max(result.quantization[0]) <= 13  # quality 95
    assert len({layer[1:3] for layer in result.layer}) == 1  # 4:4:4
    difference = np.asarray(result).astype(int) - np.asarray(pillow(source))
    assert np.abs(outside_hole(difference.reshape(160, 128, -1))).mean() < 2
    assert np.abs(difference[HOLE]).mean() > 8


@pytest.mark.parametrize("format", ["TIFF", "PNG"])
def test_strength_is_the_way_between(tmp_path: Path, format: str) -> None:
    source = saved(tmp_path, pictures.encoded(pictures.portrait(), format))
    before = samples_of(source).astype(int)
    whole = samples_of(restored(source)).astype(int)
    assert np.array_equal(samples_of(restored(source, strength=0)), before)
    for strength in (0.25, 0.5, 0.9):
        after = samples_of(restored(source, strength=strength))
        assert np.abs(after - (before + (whole - before) * strength)).max() <= 0.5001
        assert np.array_equal(outside_hole(after), outside_hole(before))


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_another_strength_is_refused(tmp_path: Path, strength: float) -> None:
    with pytest.raises(ValueError, match="strength"):
        restored(saved(tmp_path, pictures.png()), strength=strength)


@pytest.mark.parametrize(
    "content", [pictures.png(), pictures.jpeg(), TIFFS["tiles"]], ids=["png", "jpeg", "tiff"]
)
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, content: bytes) -> None:
    source = saved(tmp_path, content)
    assert restored(source).read_bytes() == restored(source).read_bytes()


def test_one_pixel(tmp_path: Path) -> None:
    for format in ("PNG", "TIFF", "JPEG", "WEBP", "BMP"):
        source = saved(tmp_path, pictures.encoded(Image.new("RGB", (1, 1), "white"), format))
        assert samples_of(restored(source)).tolist() == [[[255, 255, 255]]]


@pytest.mark.parametrize(
    ("content", "format"),
    [
        pytest.param(TIFFS["CMYK"], "png", id="inks to PNG"),
        pytest.param(TIFFS["16-bit grey"], "jpeg", id="16 bits to JPEG"),
        pytest.param(TIFFS["alpha"], "jpeg", id="alpha to JPEG"),
        pytest.param(TIFFS["infrared"], "png", id="infrared to PNG"),
    ],
)
def test_a_format_that_cannot_hold_it_is_refused(tmp_path: Path, content: bytes, format: str) -> None:
    source = saved(tmp_path, content)
    with pytest.raises(MasterError) as refused:
        restored(source, format=format)
    assert refused.value.code == "mlcore:master:unsupported"
    assert not (tmp_path / f"result.{format}").exists()


def test_a_repair_of_another_picture_is_refused(tmp_path: Path) -> None:
    with open_master(saved(tmp_path, pictures.png())) as master:
        layer = repair_of(master, tmp_path / "layer")
    other = saved(tmp_path, pictures.png(pictures.gradient(65, 48)))
    with open_master(other) as master, pytest.raises(MasterError) as refused:
        render_result(master, open_repair(layer), tmp_path / "result", marking=MARKING)
    assert refused.value.code == "mlcore:repair:mismatch"
    assert not (tmp_path / "result").exists()


@pytest.mark.parametrize("content", [pictures.png(), TIFFS["tiles"]], ids=["png", "tiff"])
def test_a_result_that_breaks_off_leaves_what_was_there(tmp_path: Path, content: bytes) -> None:
    source = saved(tmp_path, content)
    target = tmp_path / "result"
    target.write_bytes(b"what was there")
    with open_master(source, tmp_path) as master:
        layer = repair_of(master, tmp_path / "layer")
        repair = open_repair(layer)
        layer.write_bytes(b"gone")
        with pytest.raises(MasterError):
            render_result(master, repair, target, marking=MARKING)
    assert target.read_bytes() == b"what was there"
    assert {path.name for path in tmp_path.iterdir()} == {"master", "layer", "result"}
