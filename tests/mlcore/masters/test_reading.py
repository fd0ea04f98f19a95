"""Every kind of master gives its own numbers, at its own depth, and what a network sees of them."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from mlcore.masters import open_master
from tests import pictures
from tests.mlcore.masters.master_files import noise, samples_of, saved, tiff

GREY, RGB = (40, 50), (40, 50, 3)
TIFF_KINDS = {
    "none": {},
    "lzw": {"compression": "lzw", "predictor": True},
    "deflate": {"compression": "deflate", "rowsperstrip": 7},
    "packbits": {"compression": "packbits"},
    "zstd": {"compression": "zstd"},
    "lzma": {"compression": "lzma"},
    "tiles": {"tile": (16, 32), "compression": "deflate"},
    "big": {"bigtiff": True},
    "motorola": {"byteorder": ">", "compression": "lzw", "predictor": True},
}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [GREY, RGB], ids=["grey", "rgb"])
@pytest.mark.parametrize("options", TIFF_KINDS.values(), ids=TIFF_KINDS)
def test_tiff_gives_its_own_numbers(tmp_path: Path, options, shape, dtype) -> None:
    array = noise(*shape, dtype=dtype)
    photometric = "minisblack" if len(shape) == 2 else "rgb"
    with open_master(saved(tmp_path, tiff(array, photometric=photometric, **options))) as master:
        (page,) = master.pages
        assert (master.format, master.result_format, master.notes) == ("tiff", "tiff", [])
        assert (page.height, page.width, page.dtype, page.alpha) == (40, 50, dtype, False)
        assert page.channels == ("grey" if len(shape) == 2 else "rgb")
        assert np.array_equal(page.samples(0, 40), array.reshape(40, 50, -1))
        assert np.array_equal(page.samples(13, 21), array.reshape(40, 50, -1)[13:21])
        expected = np.broadcast_to(array.reshape(40, 50, -1) / (np.iinfo(dtype).max / 2) - 1, (40, 50, 3))
        seen = page.seen(0, 40)
        assert seen.dtype == np.float32
        assert np.abs(seen - expected).max() < 1e-6


@pytest.mark.parametrize("tile", [None, (16, 16)], ids=["strips", "tiles"])
def test_planes_are_put_together(tmp_path: Path, tile) -> None:
    array = noise(3, 40, 50)
    content = tiff(array, photometric="rgb", planarconfig="separate", tile=tile)
    assert np.array_equal(samples_of(saved(tmp_path, content)), np.moveaxis(array, 0, 2))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("compression", [None, "zstd"], ids=["by libvips", "by tifffile"])
def test_white_is_zero_is_turned_round(tmp_path: Path, dtype, compression) -> None:
    array = noise(*GREY, dtype=dtype)
    content = tiff(array, photometric="miniswhite", compression=compression)
    assert np.array_equal(samples_of(saved(tmp_path, content))[..., 0], np.iinfo(dtype).max - array)


def test_bilevel_of_both_kinds_becomes_8_bit_grey(tmp_path: Path) -> None:
    bilevel = pictures.gradient().convert("1")
    for compression in ("group4", "raw"):
        path = saved(tmp_path, pictures.encoded(bilevel, "TIFF", compression=compression))
        with open_master(path) as master:
            assert master.notes == ["low-depth-to-8-bit"]
            assert np.array_equal(master.pages[0].samples(0, 48)[..., 0], np.asarray(bilevel) * np.uint8(255))


@pytest.mark.parametrize("bits", [2, 4, 12])
def test_odd_depths_are_scaled_to_the_next_one(tmp_path: Path, bits: int) -> None:
    """Written by hand: strips of big-endian packed numbers."""
    values = np.arange(48 * 4, dtype=np.uint16).reshape(4, 48) % (1 << bits)
    packed = np.packbits(np.unpackbits(values.astype(">u2").view(np.uint8)).reshape(-1, 16)[:, 16 - bits :])
    whole = tiff(
        np.zeros((4, 48), np.uint16 if bits > 8 else np.uint8), photometric="minisblack", byteorder=">"
    )
    path = saved(tmp_path, whole)
    with tifffile.TiffFile(path, mode="r+b") as file:
        page = file.pages[0]
        page.tags["BitsPerSample"].overwrite(bits)
        page.tags["StripByteCounts"].overwrite(packed.size)
        file.filehandle.seek(page.dataoffsets[0])
        file.filehandle.write(packed.tobytes())
    white = 65535 if bits > 8 else 255
    expected = np.rint(values * (white / ((1 << bits) - 1)))
    assert np.array_equal(samples_of(path)[..., 0], expected)


@pytest.mark.parametrize(
    ("array", "white"),
    [
        pytest.param(np.linspace(0, 1, 2000, dtype=np.float32), 1, id="float to 1"),
        pytest.param(np.linspace(0, 1, 2000, dtype=np.float64), 1, id="double"),
        pytest.param(np.linspace(-10, 4095, 2000, dtype=np.float32), 4095, id="float beyond"),
        pytest.param(np.linspace(0, 65535, 2000).astype(np.int32), 65535, id="32-bit integers"),
        pytest.param(np.linspace(0, 2**31, 2000).astype(np.uint32), 2**31, id="larger integers"),
    ],
)
def test_wide_numbers_become_16_bit(tmp_path: Path, array: np.ndarray, white: float) -> None:
    content = tiff(array.reshape(40, 50), photometric="minisblack")
    with open_master(saved(tmp_path, content)) as master:
        samples = master.pages[0].samples(0, 40)
        assert master.notes == ["numbers-to-16-bit"]
    expected = np.clip(array.astype(np.float64) / white * 65535, 0, 65535).reshape(40, 50)
    assert samples.dtype == np.uint16
    assert np.abs(samples[..., 0] - expected).max() <= 0.51


def test_numbers_that_are_none_are_black(tmp_path: Path) -> None:
    array = np.full((4, 4), np.nan, np.float32)
    array[0] = 1
    samples = samples_of(saved(tmp_path, tiff(array, photometric="minisblack")))
    assert (samples[0].min(), samples[1:].max()) == (65535, 0)


@pytest.mark.parametrize("extra", ["unassalpha", "assocalpha", "unspecified"])
def test_further_channels_are_kept_as_they_are(tmp_path: Path, extra: str) -> None:
    array = noise(40, 50, 4)
    path = saved(tmp_path, tiff(array, photometric="rgb", extrasamples=[extra]))
    with open_master(path) as master:
        page = master.pages[0]
        assert (page.channels, page.alpha, page.sample_count) == ("rgb", extra != "unspecified", 4)
        assert np.array_equal(page.samples(0, 40), array)
        assert page.seen(0, 40).shape == (40, 50, 3)


def test_infrared_and_alpha_behind_the_colours(tmp_path: Path) -> None:
    array = noise(40, 50, 5, dtype=np.uint16)
    array[:20, :, 4] = 0
    content = tiff(
        array, photometric="rgb", extrasamples=["unspecified", "unassalpha"], planarconfig="contig"
    )
    with open_master(saved(tmp_path, content)) as master:
        page = master.pages[0]
        assert np.array_equal(page.samples(0, 40), array)
        assert np.array_equal(page.transparent(15, 25), array[15:25, :, 4] == 0)


def test_ycbcr_and_jpeg_in_a_tiff(tmp_path: Path) -> None:
    picture = pictures.gradient()
    plain = saved(tmp_path, pictures.encoded(picture.convert("YCbCr"), "TIFF"))
    ycbcr = picture.convert("YCbCr")
    packed = saved(tmp_path, pictures.encoded(ycbcr, "TIFF", compression="jpeg", quality=95), "packed")
    for path, notes in ((plain, ["ycbcr-to-rgb"]), (packed, ["lossy-to-deflate", "ycbcr-to-rgb"])):
        with open_master(path) as master:
            assert master.notes == notes
            difference = master.pages[0].samples(0, 48).astype(int) - np.asarray(picture)
            assert np.abs(difference).mean() < 3


@pytest.mark.parametrize("deep", [False, True], ids=["8 bit", "16 bit"])
@pytest.mark.parametrize("icc", [False, True], ids=["CIE", "ICC"])
def test_lab_becomes_rgb(tmp_path: Path, deep: bool, icc: bool) -> None:
    """White, mid grey, and a red."""
    unit, white = (256, 65535) if deep else (1, 255)
    lab = np.array([[[100, 0, 0], [53.585, 0, 0], [53.24, 80.09, 67.2]]])
    numbers = np.rint(lab * [white / 100, unit, unit] + ([0, 128 * unit, 128 * unit] if icc else 0))
    array = numbers.astype(np.uint16 if deep else np.uint8)
    with open_master(saved(tmp_path, tiff(array, photometric="icclab" if icc else "cielab"))) as master:
        samples = master.pages[0].samples(0, 1) / (257 if deep else 1)
        assert master.notes == ["lab-to-rgb"]
    assert np.abs(samples - [[[255, 255, 255], [128, 128, 128], [255, 0, 0]]]).max() <= 3


def test_palettes_become_rgb(tmp_path: Path) -> None:
    quantized = pictures.gradient().quantize(32)
    expected = np.asarray(quantized.convert("RGB"))
    for format in ("PNG", "TIFF", "BMP"):
        with open_master(saved(tmp_path, pictures.encoded(quantized, format))) as master:
            assert master.notes == ["palette-to-rgb"]
            assert np.array_equal(master.pages[0].samples(0, 48), expected)


PNG_MODES = ["1", "L", "LA", "RGB", "RGBA", "I;16"]


@pytest.mark.parametrize("mode", PNG_MODES)
def test_png_gives_its_own_numbers(tmp_path: Path, mode: str) -> None:
    picture = (
        Image.fromarray(noise(48, 64, dtype=np.uint16))
        if mode == "I;16"
        else pictures.gradient().convert(mode)
    )
    with open_master(saved(tmp_path, pictures.encoded(picture, "PNG"))) as master:
        page = master.pages[0]
        expected = np.asarray(picture.convert("L") if mode == "1" else picture).reshape(48, 64, -1)
        assert np.array_equal(page.samples(0, 48), expected)
        assert page.alpha == mode.endswith("A")
        assert page.channels == ("rgb" if mode.startswith("RGB") else "grey")


def test_png_with_a_transparent_colour(tmp_path: Path) -> None:
    picture = Image.new("RGB", (8, 8), "red")
    picture.putpixel((0, 0), (0, 255, 0))
    with open_master(saved(tmp_path, pictures.encoded(picture, "PNG", transparency=(255, 0, 0)))) as master:
        assert master.notes == ["transparent-colour-to-alpha"]
        transparent = master.pages[0].transparent(0, 8)
        assert not transparent[0, 0]
        assert transparent.sum() == 63


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 2}], ids=str)
def test_jpeg_is_read_as_others_read_it(tmp_path: Path, options) -> None:
    content = pictures.jpeg(**options)
    expected = np.asarray(pictures.opened(content)).astype(int)
    assert np.abs(samples_of(saved(tmp_path, content)).astype(int) - expected).max() <= 2


def test_inks_of_a_jpeg_are_the_right_way_round(tmp_path: Path) -> None:
    picture = pictures.gradient().convert("CMYK")
    with open_master(saved(tmp_path, pictures.encoded(picture, "JPEG", quality=95))) as master:
        page = master.pages[0]
        assert (page.channels, page.is_grey, page.sample_count) == ("cmyk", False, 4)
        assert np.abs(page.samples(0, 48).astype(int) - np.asarray(picture)).mean() < 3
        seen = (page.seen(0, 48) + 1) * 127.5
    assert np.abs(seen - np.asarray(pictures.gradient())).mean() < 3


def test_webp_and_bmp(tmp_path: Path) -> None:
    picture = pictures.gradient(63, 48).convert("RGBA")
    picture.putalpha(100)
    webp = pictures.encoded(picture, "WEBP", lossless=True)
    bmp = pictures.encoded(picture.convert("RGB"), "BMP")
    with open_master(saved(tmp_path, webp)) as master:
        assert (master.format, master.result_format) == ("webp", "png")
        assert np.array_equal(master.pages[0].samples(0, 48), np.asarray(picture))
    with open_master(saved(tmp_path, bmp)) as master:
        assert (master.format, master.result_format) == ("bmp", "png")
        assert np.array_equal(master.pages[0].samples(5, 48), np.asarray(picture)[5:, :, :3])


def test_packed_bmp(tmp_path: Path) -> None:
    """Run lengths: two runs of six pixels a row, then the end of the picture."""
    header = pictures.encoded(Image.new("P", (12, 2)), "BMP")[:54]
    palette = bytes(v for n in range(256) for v in (n, n, n, 0))
    runs = bytes([6, 10, 6, 200, 0, 0, 6, 30, 6, 40, 0, 1])
    start = 54 + len(palette)
    head = bytearray(header)
    head[2:6] = (start + len(runs)).to_bytes(4, "little")
    head[10:14] = start.to_bytes(4, "little")
    head[30:34] = (1).to_bytes(4, "little")
    head[34:38] = len(runs).to_bytes(4, "little")
    head[46:50] = (256).to_bytes(4, "little")
    samples = samples_of(saved(tmp_path, bytes(head) + palette + runs))
    assert samples[..., 0].tolist() == [[30] * 6 + [40] * 6, [10] * 6 + [200] * 6]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_told_and_the_rows_stay_as_they_are(tmp_path: Path, orientation: int) -> None:
    content = pictures.rotated_jpeg(orientation)
    with open_master(saved(tmp_path, content)) as master:
        page = master.pages[0]
        stored = pictures.opened(content)
        assert (page.orientation, page.width, page.height) == (orientation, *stored.size)


def test_equal_channels_are_grey(tmp_path: Path) -> None:
    for picture, grey in (
        (pictures.gradient().convert("L").convert("RGB"), True),
        (pictures.gradient(), False),
    ):
        with open_master(saved(tmp_path, pictures.png(picture))) as master:
            assert master.pages[0].is_grey is grey


def test_each_page_of_a_tiff_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "book.tif"
    leaves = [noise(30, 20, 3, seed=1), noise(9, 11, dtype=np.uint16, seed=2), noise(30, 20, seed=3)]
    with tifffile.TiffWriter(path) as writer:
        writer.write(leaves[0], photometric="rgb")
        writer.write(leaves[0][::2, ::2], photometric="rgb", subfiletype=1)
        writer.write(leaves[1], photometric="minisblack")
        writer.write(leaves[2], photometric="minisblack")
    with open_master(path) as master:
        assert master.notes == ["previews-dropped"]
        assert [page.channels for page in master.pages] == ["rgb", "grey", "grey"]
        for number in (0, 1, 2, 0):
            page = master.pages[number]
            assert np.array_equal(page.samples(0, page.height).squeeze(), leaves[number])


def test_one_pixel(tmp_path: Path) -> None:
    for format in ("PNG", "TIFF", "JPEG", "WEBP", "BMP"):
        path = saved(tmp_path, pictures.encoded(Image.new("RGB", (1, 1), "white"), format))
        assert samples_of(path).tolist() == [[[255, 255, 255]]]


def test_nothing_is_left_in_the_scratch_folder(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with open_master(saved(tmp_path, pictures.png()), scratch) as master:
        assert master.pages[0].seen(0, 1).shape == (1, 64, 3)
    assert list(scratch.iterdir()) == []
