"""What goes to strangers does not tell where the camera stood, which it was and whose; all else stays."""

import hashlib
import io
import os
import resource
import struct
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from archive.camera_privacy import open_without_camera_data, without_camera_data
from archive.errors import StateError
from mlcore.masters.xmp import DIGITAL_SOURCE_TYPE, Marking, marked
from tests import pictures
from tests.archive import camera_files
from tests.archive.camera_files import HARMLESS, LATITUDE, TELLING

FILES = {
    "jpeg": camera_files.telling_jpeg(),
    "progressive jpeg": camera_files.telling_jpeg(progressive=True),
    "jpeg with a packet in UTF-16": camera_files.telling_jpeg(
        xmp=camera_files.packet().decode().encode("utf-16")
    ),
    "png": camera_files.telling_png(),
    "webp": camera_files.telling_webp(),
    "tiff": camera_files.telling_tiff(),
    "big-endian tiff": camera_files.telling_tiff(order=">"),
    "bigtiff": camera_files.telling_tiff(big=True),
    "tiff of jpeg strips": camera_files.telling_tiff(jpeg=True),
}


@pytest.fixture
def cleaned(tmp_path: Path):
    def clean(content: bytes) -> bytes:
        path = tmp_path / "file"
        path.write_bytes(content)
        with open_without_camera_data(path) as file:
            read = file.read()
            assert len(read) == file.byte_size
        assert path.read_bytes() == content
        return read

    return clean


@pytest.mark.parametrize("name", FILES)
def test_nothing_tells(cleaned, name: str) -> None:
    content = FILES[name]
    assert TELLING in content
    clean = cleaned(content)
    for secret in (TELLING, TELLING.decode().encode("utf-16-le"), LATITUDE, LATITUDE[::-1]):
        assert secret not in clean


@pytest.mark.parametrize("name", FILES)
def test_pixels_profile_and_orientation_stay(cleaned, name: str) -> None:
    before, after = pictures.opened(FILES[name]), pictures.opened(cleaned(FILES[name]))
    assert after.mode == before.mode
    assert after.tobytes() == before.tobytes()
    assert after.info["icc_profile"] == before.info["icc_profile"]
    orientation = pictures.EXIF_ORIENTATION
    assert after.getexif().get(orientation) == before.getexif().get(orientation)
    if "tiff" not in name:
        assert after.getexif()[orientation] == 6
    assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)


@pytest.mark.parametrize("name", FILES)
def test_every_description_stays(cleaned, name: str) -> None:
    content = FILES[name]
    # One packet, in which they stand four times, was packed, or in UTF-16: a search does not find them there.
    hidden = 4 if name in {"png", "jpeg with a packet in UTF-16"} else 0
    assert cleaned(content).count(HARMLESS) == content.count(HARMLESS) + hidden


def test_every_page_of_a_tiff_is_as_it_was(cleaned) -> None:
    content = camera_files.telling_tiff(pages=5)
    with (
        tifffile.TiffFile(io.BytesIO(content)) as before,
        tifffile.TiffFile(io.BytesIO(cleaned(content))) as after,
    ):
        assert len(after.pages) == len(before.pages) == 5
        for one, other in zip(before.pages, after.pages, strict=True):
            assert np.array_equal(one.asarray(), other.asarray())
            gone = set(one.tags.keys()) - set(other.tags.keys())
            assert gone == {50735, 65000, 65001, 37724}


def test_cleaning_a_clean_file_changes_nothing(cleaned) -> None:
    for content in FILES.values():
        once = cleaned(content)
        assert cleaned(once) == once
    for format in ("JPEG", "PNG", "TIFF", "WEBP", "BMP"):
        plain = pictures.encoded(pictures.gradient(), format)
        assert cleaned(plain) == plain


def test_the_second_picture_of_a_camera_goes(cleaned) -> None:
    """It has metadata of its own, and the first one's index of it would be wrong."""
    exif = Image.Exif()
    exif[0xA431] = TELLING.decode()
    second = pictures.gradient()
    content = pictures.encoded(pictures.portrait(), "MPO", save_all=True, append_images=[second], exif=exif)
    opened = pictures.opened(cleaned(content))
    assert (opened.format, opened.tobytes()) == ("JPEG", pictures.opened(content).tobytes())


def test_a_preview_keeps_its_picture_and_loses_its_metadata(cleaned) -> None:
    preview = camera_files.telling_jpeg()
    exif = camera_files.exif_with_preview(preview)
    whole = pictures.jpeg()
    clean = cleaned(whole[:2] + camera_files.segment(0xE1, b"Exif\0\0" + exif) + whole[2:])
    kept = clean[clean.index(exif[:50]) + 56 :][: len(preview)]
    assert pictures.opened(kept).tobytes() == pictures.opened(preview).tobytes()
    assert TELLING not in kept[: kept.index(b"film: ")]


def test_a_result_still_says_how_it_was_made(cleaned) -> None:
    marking = Marking("Pulih 1", "pulih-faces-4", "ab" * 32, datetime(2026, 11, 22, tzinfo=UTC))
    packet = marked(camera_files.packet(), marking)
    clean = cleaned(camera_files.telling_jpeg(xmp=packet))
    assert TELLING not in clean
    assert DIGITAL_SOURCE_TYPE.encode() in clean
    assert b"pulih-faces-4" in clean


def test_what_cannot_be_understood_is_not_given_out(tmp_path: Path) -> None:
    path = tmp_path / "file.tif"
    path.write_bytes(b"II*\0" + struct.pack("<I", 9_999_999) + bytes(100))
    with pytest.raises(StateError) as refused:
        open_without_camera_data(path)
    assert refused.value.code == "archive:privacy:unclear"


@pytest.mark.parametrize(
    "xmp", [b"<!DOCTYPE x [<!ENTITY a 'SECRET'>]><x>&a;</x>", b"<x>SECRET", b"\xff\xfeSECRET", b"SECRET"]
)
def test_a_packet_that_cannot_be_read_goes_wholly(cleaned, xmp: bytes) -> None:
    assert TELLING not in cleaned(camera_files.telling_jpeg(xmp=xmp))


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_no_broken_file_breaks_it_or_tells(cleaned) -> None:
    """Whatever bytes are hit: an answer or a refusal, and in the answer no position is found."""
    for content in (
        camera_files.telling_jpeg(),
        camera_files.telling_tiff(pages=1),
        camera_files.telling_png(),
    ):
        random = np.random.default_rng(1)
        for place in random.integers(8, min(len(content), 6000), 150):
            broken = bytearray(content)
            broken[place : place + 2] = random.bytes(2)
            try:
                clean = cleaned(bytes(broken))
            except StateError:
                continue
            try:
                found = Image.open(io.BytesIO(clean)).getexif()
            except (OSError, SyntaxError, ValueError):
                continue
            assert not found.get_ifd(0x8825)


def test_any_part_of_it_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILES["jpeg"])
    with open_without_camera_data(path) as file:
        whole = file.read()
        random = np.random.default_rng(0)
        for start, length in random.integers(0, len(whole), (200, 2)).tolist():
            file.seek(start)
            assert file.read(length) == whole[start : start + length]
        assert file.seek(-3, io.SEEK_END) == len(whole) - 3
        assert file.read(10) == whole[-3:]


def test_as_a_file_for_a_while(tmp_path: Path, media_root: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILES["png"])
    with without_camera_data(path) as clean, open_without_camera_data(path) as stream:
        assert (
            hashlib.file_digest(clean.open("rb"), "sha256").digest() == hashlib.sha256(stream.read()).digest()
        )
    assert not clean.exists()


def test_a_large_file_is_not_in_memory(tmp_path: Path) -> None:
    """Two gigabytes, most of them holes: reading all of it takes no more memory than reading a part."""
    path = tmp_path / "large.tif"
    content = camera_files.telling_tiff(pages=1, big=True)
    path.write_bytes(content)
    os.truncate(path, 2 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open_without_camera_data(path) as file:
        assert file.byte_size == 2 << 30
        while chunk := file.read(1 << 20):
            assert TELLING not in chunk
            file.seek(63 << 20, io.SEEK_CUR)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 << 10
