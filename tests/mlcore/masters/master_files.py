"""Masters made in memory, and the way from one to a result, as a restorer goes it."""

import atexit
import io
import json
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image

from mlcore.masters import Marking, Master, RepairWriter, open_master, open_repair, render_result

MARKING = Marking("Pulih 1.2.0", "pulih-faces-2", "ab" * 32, datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
HOLE = (slice(10, 25), slice(8, 40))
"""Rows and columns that ``restored`` changes."""


def noise(*shape: int, dtype: Any = np.uint8, seed: int = 0) -> np.ndarray:
    """Every number that there is, from the middle half so that changes are not clamped away."""
    white = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(white // 4, white // 4 * 3, shape, dtype=dtype)


def tiff(array: np.ndarray, **options: Any) -> bytes:
    """``array`` as a file of tifffile's."""
    file = io.BytesIO()
    tifffile.imwrite(file, array, **{"metadata": None, **options})
    return file.getvalue()


def saved(folder: Path, content: bytes, name: str = "master") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def repair_of(master: Master, layer: Path, *, change: float = -0.3, share: int = 255) -> Path:
    """Write a repair layer that moves what is seen inside ``HOLE`` by ``change``."""
    with RepairWriter(layer, master) as writer:
        for number, page in enumerate(master.pages):
            for top in range(0, page.height, 16):
                bottom = min(page.height, top + 16)
                damaged = np.zeros((page.height, page.width), np.uint8)
                damaged[HOLE] = share
                there = damaged[top:bottom]
                samples, seen = page.samples(top, bottom), page.seen(top, bottom)
                applied = page.applied(samples, seen, seen + np.float32(change), there)
                writer.write_rows(number, top, applied, there)
    return layer


def restored(
    path: Path, *, strength: float = 1.0, change: float = -0.3, format: Any = None, marking: Marking = MARKING
) -> Path:
    """The result for the master at ``path``, in a file beside it."""
    with open_master(path, path.parent) as master:
        layer = repair_of(master, path.with_suffix(".repair"), change=change)
        target = path.with_name(f"result.{format or master.result_format}")
        render_result(master, open_repair(layer), target, strength=strength, marking=marking, format=format)
    return target


def samples_of(path: Path, page: int = 0) -> np.ndarray:
    """All samples of a page, as ``open_master`` gives them."""
    with open_master(path, path.parent) as master:
        return master.pages[page].samples(0, master.pages[page].height)


def outside_hole(array: np.ndarray) -> np.ndarray:
    """The pixels outside ``HOLE``, (n, channels)."""
    outside = np.ones(array.shape[:2], bool)
    outside[HOLE] = False
    return array[outside]


@cache
def _exiftool_process() -> subprocess.Popen[bytes]:
    """One exiftool for all tests: it takes longer to start than to read."""
    command = ["exiftool", "-stay_open", "True", "-@", "-"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    atexit.register(process.kill)
    return process


def run_exiftool(*arguments: str) -> bytes:
    """What exiftool, a reader that is none of ours, says to `arguments`, which may have no line breaks."""
    process = _exiftool_process()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n".join([*arguments, "-execute", ""]).encode())
    process.stdin.flush()
    told = b""
    while not told.endswith(b"{ready}\n"):
        piece = process.stdout.read1()
        assert piece, "exiftool has ended"
        told += piece
    return told.removesuffix(b"{ready}\n")


def exiftool(path: Path) -> dict[str, Any]:
    """All that exiftool finds in the file: values by "Group:Tag"."""
    return json.loads(run_exiftool("-j", "-G1", "-struct", "-a", "-n", "-u", str(path)))[0]


def validated(path: Path) -> list[str]:
    """Errors that exiftool finds in the file's structure; warnings of tastes are left out."""
    told = json.loads(run_exiftool("-j", "-a", "-validate", "-warning", "-error", str(path)))[0]
    return [value for key, value in told.items() if key == "Error"]


def pillow(path: Path) -> Image.Image:
    """What Pillow decodes, loaded."""
    image = Image.open(path)
    image.load()
    return image
