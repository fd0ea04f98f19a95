"""Pictures that can only be decoded whole are refused before they are, where that takes too much memory."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from archive.errors import InputError
from archive.formats.decoding import page_headers
from archive.formats.looking import Limits, look
from archive.formats.sniffing import sniff_image
from tests import pictures
from tests.processes import ROOT

MIB = 2**20

MEASURE = """
import sys
from pathlib import Path
from archive.formats.showing import in_srgb
import numpy, tifffile
tifffile.imread  # loaded before
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
in_srgb(Path(sys.argv[1]), 320).copy_memory()
before = peak()
in_srgb(Path(sys.argv[2]), 320).copy_memory()
print((peak() - before) // 1024)
"""


def float_tiff(path: Path, height: int, width: int, kind: Any = np.float32) -> Path:
    rows = np.linspace(0, 1, height, dtype=kind)[:, None, None]
    pixels = np.broadcast_to(rows, (height, width, 3))
    tifffile.imwrite(path, pixels, photometric="rgb", compression="zlib", rowsperstrip=64)
    return path


@pytest.mark.parametrize(("kind", "a_sample"), [(np.float32, 4 + 2), (np.float64, 8 + 2), (np.uint32, 4 + 2)])
def test_what_it_takes_is_told_by_the_header(tmp_path: Path, kind: Any, a_sample: int) -> None:
    path = float_tiff(tmp_path / "a.tif", 40, 50, kind)
    (page,) = page_headers(path, "TIFF")
    assert page.whole_bytes == 40 * 50 * 3 * a_sample


def test_what_is_read_row_by_row_takes_none(tmp_path: Path) -> None:
    for name, content in (("a.jpg", pictures.jpeg()), ("a.png", pictures.png())):
        (tmp_path / name).write_bytes(content)
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((40, 50, 3), np.uint16), photometric="rgb")
    found = [page_headers(tmp_path / f"a.{end}", kind) for end, kind in (("jpg", "JPEG"), ("tif", "TIFF"))]
    assert [page.whole_bytes for (page,) in found] == [0, 0]


def test_too_much_is_refused_before_anything_is_decoded(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = float_tiff(tmp_path / "a.tif", 40, 50)
    settings.PULIH_MAX_DECODED_BYTES = 40 * 50 * 3 * 6
    assert sniff_image(path).width == 50
    settings.PULIH_MAX_DECODED_BYTES -= 1
    with pytest.raises(InputError) as refused:
        sniff_image(path)
    assert refused.value.code == "archive:file:too-much-memory"
    assert "8 or 16 bits" in refused.value.message
    monkeypatch.setattr("archive.formats.looking.read_to_end", None)
    limits = Limits(pixels=150_000_000, whole_bytes=settings.PULIH_MAX_DECODED_BYTES)
    looked = look(path, limits, before_decoding=lambda pixels: pytest.fail("decoded"))
    assert (looked.refusal, looked.values) == ("too-much-memory", {"size": 40 * 50 * 3 * 6})


def test_the_memory_is_what_was_said(tmp_path: Path) -> None:
    small, large = float_tiff(tmp_path / "s.tif", 40, 50), float_tiff(tmp_path / "l.tif", 3000, 4000)
    (page,) = page_headers(large, "TIFF")
    run = [sys.executable, "-c", MEASURE, str(small), str(large)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) <= page.whole_bytes / MIB * 1.2 + 40
