"""The content tells what a file is, and whether it can be read to its end."""

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from pytest_django import Settings

from archive.errors import InputError
from archive.formats.sniffing import SniffedImage, sniff_image
from tests import pictures


@pytest.fixture
def sniff(tmp_path: Path):
    def sniff_bytes(content: bytes, name: str = "file") -> SniffedImage:
        path = tmp_path / name
        path.write_bytes(content)
        return sniff_image(path)

    return sniff_bytes


ACCEPTED = {
    "jpeg": (pictures.jpeg(), "image/jpeg"),
    "progressive jpeg": (pictures.jpeg(progressive=True), "image/jpeg"),
    "camera jpeg with a second picture": (
        pictures.encoded(pictures.gradient(), "MPO", save_all=True, append_images=[pictures.gradient()]),
        "image/jpeg",
    ),
    "cmyk jpeg": (pictures.cmyk_jpeg(), "image/jpeg"),
    "png": (pictures.png(), "image/png"),
    "16-bit png": (pictures.grey16_png(), "image/png"),
    "palette png": (pictures.palette_png(), "image/png"),
    "tiff": (pictures.encoded(pictures.gradient(), "TIFF", compression="tiff_lzw"), "image/tiff"),
    "fax tiff": (pictures.bilevel_tiff(), "image/tiff"),
    "webp": (pictures.encoded(pictures.gradient(), "WEBP"), "image/webp"),
    "bmp": (pictures.encoded(pictures.gradient(), "BMP"), "image/bmp"),
}


@pytest.mark.parametrize(("content", "media_type"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepted_kinds(sniff, content: bytes, media_type: str) -> None:
    assert sniff(content) == SniffedImage(media_type, 64, 48)


def test_name_is_not_asked(sniff) -> None:
    assert sniff(pictures.png(), "holiday.jpg").media_type == "image/png"
    with pytest.raises(InputError):
        sniff(b"<?php echo 'hello';", "holiday.jpg")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_size_is_the_one_that_people_see(sniff, orientation: int) -> None:
    sniffed = sniff(pictures.rotated_jpeg(orientation))
    assert (sniffed.width, sniffed.height) == (64, 48)


REFUSED = {
    "text": b"Dear archive, please find enclosed",
    "one byte": b"\xff",
    "nobody's": bytes(range(100, 200)),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_no_picture(sniff, content: bytes) -> None:
    with pytest.raises(InputError) as refused:
        sniff(content)
    assert refused.value.code == "archive:file:not-an-image"
    assert refused.value.message == "The file is not a JPEG, PNG, TIFF, WebP or BMP picture."


def test_a_refusal_names_the_kind(sniff) -> None:
    """More kinds are in the corpus."""
    with pytest.raises(InputError) as refused:
        sniff(b"<html><img src=x onerror=alert(1)>", "holiday.jpg")
    assert refused.value.code == "archive:file:kind-not-accepted"
    assert refused.value.message == (
        "This is a file of the kind “HTML”. Only JPEG, PNG, TIFF, WebP and BMP pictures are accepted."
    )


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
def test_file_that_breaks_off(sniff, format: str, share: float) -> None:
    whole = pictures.encoded(pictures.portrait(), format)
    with pytest.raises(InputError) as refused:
        sniff(pictures.truncated(whole, share))
    assert refused.value.code == "archive:file:truncated"
    assert refused.value.message == "The picture is damaged or incomplete and cannot be read to its end."


# Pillow says aloud what it finds in broken files; the person who uploads is told in our own words.
@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
def test_no_broken_file_breaks_the_reader(sniff, format: str) -> None:
    """Whatever bytes are hit: an answer or an InputError, never another exception."""
    whole = pictures.encoded(pictures.gradient(24, 16), format)
    answers = set()
    for position in range(0, len(whole), max(1, len(whole) // 150)):
        broken = bytearray(whole)
        broken[position : position + 3] = b"\xff\x00\x80"
        try:
            sniff(bytes(broken))
            answers.add("accepted")
        except InputError as error:
            answers.add(error.code)
    assert len(answers) > 1


def test_pixel_limit_holds_and_is_said(sniff, settings: Settings) -> None:
    settings.PULIH_MAX_PIXELS = 64 * 48
    assert sniff(pictures.png()).width == 64
    with pytest.raises(InputError) as refused:
        sniff(pictures.png(pictures.gradient(64, 49)))
    assert refused.value.code == "archive:file:too-many-pixels"


RARE = {
    "16-bit RGB with infrared": {"photometric": "rgb", "extrasamples": ["unspecified"]},
    "planes in tiles": {"photometric": "rgb", "planarconfig": "separate", "tile": (16, 16)},
    "Zstandard": {"photometric": "rgb", "compression": "zstd"},
    "BigTIFF": {"photometric": "rgb", "bigtiff": True},
}


def rare_tiff(name: str) -> bytes:
    """A TIFF of 64 x 48 pixels as few programs write it."""
    channels = 4 if "infrared" in name else 3
    array = np.random.default_rng(0).integers(0, 65536, (48, 64, channels), dtype=np.uint16)
    file = io.BytesIO()
    tifffile.imwrite(file, np.moveaxis(array, 2, 0) if "planes" in name else array, **RARE[name])
    return file.getvalue()


@pytest.mark.parametrize("name", RARE)
def test_rare_kinds_of_tiff(sniff, name: str) -> None:
    assert sniff(rare_tiff(name)) == SniffedImage("image/tiff", 64, 48)
    with pytest.raises(InputError) as refused:
        sniff(pictures.truncated(rare_tiff(name), 0.6))
    assert refused.value.code == "archive:file:truncated"


def test_every_page_must_be_whole_and_within_the_limit(sniff, settings: Settings) -> None:
    def book(second: Image.Image) -> bytes:
        return pictures.encoded(pictures.gradient(), "TIFF", save_all=True, append_images=[second])

    assert sniff(book(pictures.gradient(10, 10))) == SniffedImage("image/tiff", 64, 48, page_count=2)
    with pytest.raises(InputError) as refused:
        sniff(book(pictures.gradient(200, 200))[:-60_000])
    assert refused.value.code == "archive:file:truncated"
    settings.PULIH_MAX_PIXELS = 64 * 48
    with pytest.raises(InputError) as refused:
        sniff(book(pictures.gradient(64, 49)))
    assert refused.value.code == "archive:file:too-many-pixels"


def test_bomb_is_refused_before_it_is_unpacked(sniff) -> None:
    with pytest.raises(InputError) as refused:
        sniff(pictures.png_that_claims(50_000, 50_000))
    assert refused.value.code == "archive:file:too-many-pixels"
    assert refused.value.message == (
        "The picture has 50000 x 50000 pixels; at most 150 million are accepted."
    )


def test_missing_pixels_behind_an_honest_header(sniff) -> None:
    with pytest.raises(InputError) as refused:
        sniff(pictures.png_that_claims(50, 50))
    assert refused.value.code == "archive:file:truncated"


def test_smallest_picture_is_a_picture(sniff) -> None:
    assert sniff(pictures.png(pictures.gradient(1, 1))) == SniffedImage("image/png", 1, 1)
