"""Every kind of picture becomes upright 8-bit sRGB, and small copies carry nothing of the original but its
looks."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from archive.files import storage
from archive.files.renditions import open_oriented, rendition_suffix, write_renditions
from archive.formats.decoding import libvips
from archive.formats.sniffing import sniff_image
from archive.models import Rendition
from tests import pictures
from tests.processes import ROOT
from tests.stored import rendition_path, stored_path

KIND = Rendition.Kind
SHA256 = "ab" * 32


@pytest.fixture
def saved(tmp_path: Path):
    def save(content: bytes) -> Path:
        path = tmp_path / "source"
        path.write_bytes(content)
        return path

    return save


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image, dtype=np.float64)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_shows_the_same_picture(saved, orientation: int) -> None:
    upright = pictures.gradient()
    shown = open_oriented(saved(pictures.rotated_jpeg(orientation, upright)))
    assert (shown.mode, shown.size) == ("RGB", upright.size)
    assert np.abs(pixels(shown) - pixels(upright)).mean() < 3


@pytest.mark.parametrize(
    "content",
    [pictures.grey16_png(), pictures.grey16_tiff(), pictures.float_tiff(), pictures.float_tiff(white=4095.0)],
    ids=["16-bit png", "16-bit tiff", "float tiff", "float tiff beyond 1"],
)
def test_deep_grey_is_scaled_and_not_clipped(saved, content: bytes) -> None:
    shown = pixels(open_oriented(saved(content)))
    expected = np.linspace(0, 255, 64)[None, :, None]
    assert np.abs(shown - expected).max() <= 1


def test_deep_negative_is_turned_into_a_positive(saved) -> None:
    shown = pixels(open_oriented(saved(pictures.negative_grey16_tiff())))
    assert np.abs(shown - np.linspace(255, 0, 64)[None, :, None]).max() <= 1


MODES = {
    "TIFF": ["1", "L", "LA", "P", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "I", "F", "I;16"],
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "JPEG": ["L", "RGB", "CMYK", "YCbCr"],
    "WEBP": ["RGB", "RGBA"],
    "BMP": ["1", "L", "P", "RGB", "RGBA"],
}


@pytest.mark.parametrize(("format", "mode"), [(format, mode) for format in MODES for mode in MODES[format]])
def test_every_mode_that_a_file_can_have(saved, format: str, mode: str) -> None:
    picture = Image.new("RGB", (20, 10)).quantize(4) if mode == "P" else Image.new(mode, (20, 10))
    path = saved(pictures.encoded(picture, format))
    assert sniff_image(path).width == 20
    shown = open_oriented(path)
    assert (shown.mode, shown.size) == ("RGB", (20, 10))


def test_cmyk_looks_like_the_rgb_that_it_came_from(saved) -> None:
    shown = open_oriented(saved(pictures.cmyk_jpeg()))
    assert np.abs(pixels(shown) - pixels(pictures.gradient())).mean() < 3


def test_lab_is_converted(saved) -> None:
    shown = pixels(open_oriented(saved(pictures.lab_tiff())))
    assert np.ptp(shown[0, 0]) <= 2
    assert abs(shown[0, 0].mean() - 127) < 6
    assert shown[0, -1].min() >= 254


def test_transparency_is_laid_on_white(saved) -> None:
    shown = open_oriented(saved(pictures.transparent_png()))
    assert shown.getpixel((0, 0)) == (255, 255, 255)
    assert shown.getpixel((39, 19)) == (0, 0, 255)


def test_palette_and_bilevel(saved) -> None:
    palette = open_oriented(saved(pictures.palette_png()))
    assert np.abs(pixels(palette) - pixels(pictures.gradient())).mean() < 16
    bilevel = open_oriented(saved(pictures.bilevel_tiff()))
    assert (bilevel.mode, set(np.unique(pixels(bilevel)))) == ("RGB", {0.0, 255.0})


def test_colour_profile_is_applied(saved) -> None:
    lab_like = pictures.with_profile(pictures.gradient(), ImageCms.createProfile("XYZ"), "PNG")
    assert open_oriented(saved(lab_like)).mode == "RGB"
    srgb = pictures.with_profile(pictures.gradient(), ImageCms.createProfile("sRGB"), "PNG")
    assert np.abs(pixels(open_oriented(saved(srgb))) - pixels(pictures.gradient())).max() <= 2


def test_broken_colour_profile_is_passed_over(saved) -> None:
    content = pictures.encoded(pictures.gradient(), "PNG", icc_profile=b"this is no profile")
    assert np.array_equal(pixels(open_oriented(saved(content))), pixels(pictures.gradient()))


def test_first_of_several_pages(saved) -> None:
    pages = [pictures.gradient(), Image.new("RGB", (10, 10))]
    content = pictures.encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert np.array_equal(pixels(open_oriented(saved(content))), pixels(pages[0]))


def test_missing_file_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        open_oriented(tmp_path / "gone")


def test_renditions_have_their_sizes_and_places(saved) -> None:
    specs = write_renditions(saved(pictures.jpeg(pictures.gradient(3000, 1500))), SHA256)
    assert {spec.kind: (spec.width, spec.height) for spec in specs} == {
        KIND.WEB: (1600, 800),
        KIND.THUMBNAIL: (320, 160),
    }
    for spec in specs:
        path = rendition_path(SHA256, spec.kind)
        assert path == stored_path(storage.Area.RENDITIONS, SHA256, rendition_suffix(spec.kind))
        assert path.stat().st_size == spec.byte_size
        with Image.open(path) as image:
            assert image.format == {KIND.WEB: "WEBP", KIND.THUMBNAIL: "JPEG"}[spec.kind]
            assert image.size == (spec.width, spec.height)


@pytest.mark.parametrize(
    ("size", "web", "thumbnail"),
    [
        ((100, 50), (100, 50), (100, 50)),
        ((1, 1), (1, 1), (1, 1)),
        ((20_000, 3), (1600, 1), (320, 1)),
        ((2, 5000), (1, 1600), (1, 320)),
    ],
    ids=["never enlarged", "one pixel", "a thread", "a plumb line"],
)
def test_renditions_of_odd_sizes(saved, size, web, thumbnail) -> None:
    specs = write_renditions(saved(pictures.png(Image.new("RGB", size))), SHA256)
    assert [(spec.width, spec.height) for spec in specs] == [web, thumbnail]


@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg"])
def test_a_large_picture_is_never_in_memory_whole(tmp_path: Path, suffix: str) -> None:
    """24 megapixels are 72 MB; all that is looked at is how far a process of its own grows."""
    path = tmp_path / f"large{suffix}"
    libvips().Image.black(6000, 4000, bands=3).copy(interpretation="srgb").write_to_file(str(path))
    script = (
        "import sys, resource\n"
        "from pathlib import Path\n"
        "from archive.formats.looking import Limits, look\n"
        "from archive.formats.small_copies import write_small_copies\n"
        "small, large, folder = map(Path, sys.argv[1:])\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "def take(path):\n"
        "    assert look(path, Limits(10**8, 10**9), before_decoding=print).refusal == ''\n"
        "    write_small_copies(path, folder, {'web': 1600, 'thumbnail': 320})\n"
        "take(small)\n"
        "before = peak()\n"
        "take(large)\n"
        "print(peak() - before)\n"
    )
    small = tmp_path / f"small{suffix}"
    pictures.gradient().save(small)
    command = [sys.executable, "-c", script, str(small), str(path), str(tmp_path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    *_pixels, grown = told.stdout.split()
    assert int(grown) < 65


def test_infrared_is_no_transparency(saved) -> None:
    """A scanner's fourth channel is dark where the picture is not."""
    array = np.zeros((48, 64, 4), np.uint16)
    array[..., :3] = np.linspace(0, 65535, 64).astype(np.uint16)[None, :, None]
    file = io.BytesIO()
    tifffile.imwrite(file, array, photometric="rgb", extrasamples=["unspecified"])
    shown = pixels(open_oriented(saved(file.getvalue())))
    assert np.abs(shown - np.linspace(0, 255, 64)[None, :, None]).max() <= 1


def test_what_only_tifffile_reads_is_shown(saved) -> None:
    array = np.zeros((48, 64, 3))
    array[:] = np.linspace(0, 1, 64)[None, :, None]
    file = io.BytesIO()
    tifffile.imwrite(file, array, photometric="rgb")
    path = saved(file.getvalue())
    assert sniff_image(path).width == 64
    assert np.abs(pixels(open_oriented(path)) - np.linspace(0, 255, 64)[None, :, None]).max() <= 1


def test_renditions_carry_no_metadata(saved) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Grandmother at home, 12 Elm Street"
    exif[pictures.EXIF_ORIENTATION] = 1
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = saved(pictures.jpeg(exif=exif, icc_profile=profile, comment=b"Elm Street"))
    assert b"Elm Street" in source.read_bytes()
    write_renditions(source, SHA256)
    for kind in KIND:
        path = rendition_path(SHA256, kind)
        assert b"Elm Street" not in path.read_bytes()
        with Image.open(path) as image:
            assert not {"exif", "icc_profile", "xmp"} & set(image.info)


def test_writing_again_leaves_one_set_and_no_drafts(saved, media_root: Path) -> None:
    source = saved(pictures.jpeg())
    write_renditions(source, SHA256)
    write_renditions(source, SHA256)
    assert {path.name for path in media_root.rglob("*") if path.is_file()} == {
        f"{SHA256}-web.webp",
        f"{SHA256}-thumbnail.jpg",
    }
