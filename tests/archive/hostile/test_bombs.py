"""Bombs are refused quickly, in little memory, and nobody else is disturbed by them."""

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from archive.errors import InputError
from archive.files.renditions import draft_renditions
from archive.formats.decoders import embedded_metadata
from archive.formats.sniffing import sniff_image
from tests import pictures
from tests.archive.hostile.bombs import HARMLESS, REFUSED
from tests.processes import ROOT

SECONDS = 2.0
"""Of processor time: how long the clock takes is a matter of what else the machine does."""
GROWTH = 200
"""MiB."""

# All that a decoder does with an upload, in one process, each file for itself.
MEASURE = """
import json, sys, time
from pathlib import Path
from PIL import Image
from archive.formats.embedded import read_embedded
from archive.formats.looking import Limits, look
from archive.formats.small_copies import write_small_copies

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

def whole(path):
    looked = look(path, Limits(150_000_000, 2 * 2**30), before_decoding=lambda pixels: None)
    if not looked.refusal:
        read_embedded(path)
        write_small_copies(path, folder, {"web": 1600, "thumbnail": 320})
    return looked.refusal

folder = Path(sys.argv[1])
for kind in ("png", "tif", "webp", "jpg"):
    whole(folder / f"sound.{kind}")
for path in sorted(folder.glob("*.bomb")):
    Path("/proc/self/clear_refs").write_text("5")
    before, started = peak(), time.process_time()
    refusal = whole(path)
    seconds, growth = time.process_time() - started, (peak() - before) / 1024
    print(json.dumps([path.stem, refusal, seconds, growth]), flush=True)
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """[last word of the code, seconds, MiB] by the bomb's name."""
    folder = tmp_path_factory.mktemp("bombs")
    for kind, format in {"png": "PNG", "tif": "TIFF", "webp": "WEBP", "jpg": "JPEG"}.items():
        (folder / f"sound.{kind}").write_bytes(pictures.encoded(pictures.gradient(), format))
    names = [*REFUSED, *HARMLESS]
    for number, name in enumerate(names):
        make = REFUSED[name][0] if name in REFUSED else HARMLESS[name]
        (folder / f"{number:03}.bomb").write_bytes(make())
    run = [sys.executable, "-W", "ignore", "-c", MEASURE, str(folder)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {names[int(number)]: found for number, *found in lines}


def test_there_are_as_many_as_promised() -> None:
    assert len(REFUSED) >= 20
    assert {name.partition(":")[0] for name in REFUSED} == {"png", "tiff", "webp", "jpeg", "bmp"}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bomb_is_refused_in_little_time_and_memory(measured: dict[str, list[Any]], name: str) -> None:
    refusal, seconds, growth = measured[name]
    assert f"archive:file:{refusal}" == REFUSED[name][1]
    assert (seconds <= SECONDS, growth <= GROWTH) == (True, True), (seconds, growth)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_hangs_on_a_sound_picture_is_not_unpacked(measured: dict[str, list[Any]], name: str) -> None:
    _refusal, seconds, growth = measured[name]
    assert (seconds <= SECONDS, growth <= GROWTH) == (True, True), (seconds, growth)


@pytest.mark.parametrize("name", ["tiff: pages in a circle", "tiff: 100,000 pages", "jpeg: 5,000 scans"])
def test_people_are_told_why(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(REFUSED[name][0]())
    with pytest.raises(InputError) as refused:
        sniff_image(path)
    assert refused.value.code == REFUSED[name][1]


@pytest.mark.parametrize("name", ["png: an international text of 256 MB", "jpeg: XMP that laughs"])
def test_metadata_that_is_a_bomb_says_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(HARMLESS[name]())
    assert sniff_image(path).media_type.startswith("image/")
    assert embedded_metadata(path)["xmp"] == {}
    with draft_renditions(path) as drafts:
        assert len(drafts) == 2


def test_a_large_flat_picture_is_no_bomb(tmp_path: Path) -> None:
    """Ninety megabytes of one colour, in ninety kilobytes: larger ones are not told from traps."""
    path = tmp_path / "flat.png"
    Image.new("L", (9000, 10_000)).save(path)
    assert sniff_image(path).width == 9000


def test_pillow_opens_nothing_that_is_larger_either(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(pictures.png_that_claims(20_000, 10_000))
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with pytest.raises(Image.DecompressionBombWarning):
            Image.open(path)


def test_its_warning_is_an_error_in_every_process_of_ours() -> None:
    script = (
        "import django; django.setup()\n"
        "import warnings\n"
        "from PIL import Image\n"
        "print(Image.MAX_IMAGE_PIXELS, [each[0] for each in warnings.filters"
        " if each[2] is Image.DecompressionBombWarning])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "config.settings.test", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == "150000000 ['error']"
