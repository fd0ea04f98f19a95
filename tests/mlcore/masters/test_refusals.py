"""What cannot be read is refused with a stable code, and nothing else ever comes out of a broken file."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from mlcore.errors import MasterError
from mlcore.masters import open_master, result_format_of
from tests import pictures
from tests.mlcore.masters.master_files import noise, saved, tiff


def refusal(path: Path) -> str:
    """The code with which the file is refused."""

    def read_all() -> None:
        with open_master(path) as master:
            for page in master.pages:
                page.samples(0, page.height)

    with pytest.raises(MasterError) as refused:
        read_all()
    assert refused.value.message.startswith(path.name)
    return refused.value.code


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"B",
        b"Dear archive, please",
        b"<svg/>",
        pictures.encoded(pictures.gradient(), "GIF"),
    ],
    ids=["empty", "one byte", "text", "svg", "gif"],
)
def test_no_picture(tmp_path: Path, content: bytes) -> None:
    path = saved(tmp_path, content)
    assert refusal(path) == "mlcore:master:unreadable"
    with pytest.raises(MasterError) as refused:
        result_format_of(path)
    assert refused.value.code == "mlcore:master:unreadable"


def test_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone") == "mlcore:master:missing"
    assert refusal(tmp_path) == "mlcore:master:missing"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
def test_a_file_that_breaks_off(tmp_path: Path, format: str, share: float) -> None:
    whole = pictures.encoded(pictures.portrait(), format)
    assert refusal(saved(tmp_path, pictures.truncated(whole, share))) == "mlcore:master:truncated"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(tiff(noise(200, 150, 3), photometric="rgb", compression="lzma"), id="tiff"),
        pytest.param(pictures.png(pictures.portrait()), id="png"),
    ],
)
def test_damage_inside_is_found_where_the_format_has_checksums(tmp_path: Path, content: bytes) -> None:
    damaged = bytearray(content)
    middle = len(damaged) // 2
    damaged[middle : middle + 64] = bytes(64)
    assert refusal(saved(tmp_path, bytes(damaged))) == "mlcore:master:truncated"


def test_a_full_disk_is_no_fault_of_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        open_master(saved(tmp_path, pictures.png()))


def test_too_large_is_told_by_the_header(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, pictures.png_that_claims(50_000, 50_000))) == "mlcore:master:too-large"


def test_150_megapixels_are_not_too_large(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, pictures.png_that_claims(15_000, 10_000))) == "mlcore:master:truncated"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"II*\0" + bytes(40), id="no pages"),
        pytest.param(tiff(noise(20, 20), photometric=32844), id="logarithmic"),
        pytest.param(tiff(noise(20, 20), photometric="cfa"), id="raw mosaic"),
        pytest.param(tiff(np.zeros((20, 20), np.complex64), photometric="minisblack"), id="complex numbers"),
        pytest.param(tiff(noise(20, 20), photometric="minisblack", subfiletype=1), id="only a preview"),
    ],
)
def test_kinds_that_are_no_photographs(tmp_path: Path, content: bytes) -> None:
    assert refusal(saved(tmp_path, content)) in {"mlcore:master:unsupported", "mlcore:master:truncated"}


def test_a_second_page_that_is_broken_is_told_when_it_is_reached(tmp_path: Path) -> None:
    pages = [pictures.gradient(), pictures.portrait()]
    content = pictures.encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert refusal(saved(tmp_path, content[:-20_000])) == "mlcore:master:truncated"


@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
def test_no_broken_file_breaks_the_reader(tmp_path: Path, format: str) -> None:
    """Whatever bytes are hit: a picture or a MasterError, never another exception."""
    whole = pictures.encoded(pictures.gradient(24, 16), format)
    answers = set()
    for position in range(0, len(whole), max(1, len(whole) // 150)):
        broken = bytearray(whole)
        broken[position : position + 3] = b"\xff\x00\x80"
        try:
            with open_master(saved(tmp_path, bytes(broken))) as master:
                for page in master.pages:
                    assert page.seen(0, page.height).shape == (page.height, page.width, 3)
            answers.add("accepted")
        except MasterError as error:
            answers.add(error.code)
    assert len(answers) > 1


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (pictures.jpeg(), "jpeg"),
        (pictures.png(), "png"),
        (pictures.encoded(pictures.gradient(), "TIFF"), "tiff"),
        (tiff(noise(9, 9), photometric="minisblack", bigtiff=True, byteorder=">"), "tiff"),
        (pictures.encoded(pictures.gradient(), "WEBP"), "png"),
        (pictures.encoded(pictures.gradient(), "BMP"), "png"),
    ],
)
def test_the_result_s_format_is_known_before_anything_is_decoded(tmp_path: Path, content, format) -> None:
    path = saved(tmp_path, pictures.truncated(content, 0.6))
    assert result_format_of(path) == format
    with open_master(saved(tmp_path, content)) as master:
        assert master.result_format == format
