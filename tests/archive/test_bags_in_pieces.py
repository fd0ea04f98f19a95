"""A bag unpacked and verified piece by piece: whatever cuts it off, nothing is done twice or left out."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

import bagit
import pytest

from archive.bags.reading import validating
from archive.bags.unpacking import bag_inside, unpacking
from archive.errors import InputError

FILES = 40


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    folder = tmp_path / "bag"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"scan {number:02}.tif").write_bytes(bytes([number]) * 200_000)
    bagit.make_bag(str(folder), checksums=["sha256", "sha512"])
    return folder


@pytest.fixture
def packed(bag: Path, tmp_path: Path) -> Path:
    path = tmp_path / "bag.zip"
    with ZipFile(path, "w") as archive:
        for each in sorted(bag.rglob("*")):
            archive.write(each, Path("bag") / each.relative_to(bag))
    return path


def listed_in(bag: Path) -> list[str]:
    """Every file that some list of the bag names."""
    tags = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt", "manifest-sha512.txt"]
    return sorted([*(f"data/scan {number:02}.tif" for number in range(FILES)), *tags])


def test_verifying_goes_on_where_it_was_left(bag: Path, tmp_path: Path) -> None:
    seen: list[str] = []
    while some := list(islice(validating(bag, tmp_path / "good"), 8)):
        # The last one was named and left alone, unless it was the last of all.
        seen += some if len(some) < 8 else some[:-1]
    assert seen == listed_in(bag)
    assert (tmp_path / "good").stat().st_size == len(seen)


def test_a_changed_file_is_found_by_whichever_turn_comes_to_it(bag: Path, tmp_path: Path) -> None:
    changed = bag / "data" / "scan 30.tif"
    changed.write_bytes(changed.read_bytes()[:-1] + b"!")
    for _ in islice(validating(bag, tmp_path / "good"), 20):
        pass
    with pytest.raises(InputError) as refusal:
        list(validating(bag, tmp_path / "good"))
    assert refusal.value.code == "archive:bag:invalid"
    assert "data/scan 30.tif" in refusal.value.message


@pytest.mark.parametrize("what", ["missing", "stranger"])
def test_what_is_missing_or_too_much_is_found_first(bag: Path, tmp_path: Path, what: str) -> None:
    if what == "missing":
        (bag / "data" / "scan 39.tif").unlink()
    else:
        (bag / "data" / "stranger.tif").write_bytes(b"x")
    with pytest.raises(InputError) as refusal:
        next(validating(bag, tmp_path / "good"))
    assert refusal.value.code == "archive:bag:invalid"


def test_unpacking_goes_on_where_it_was_left(packed: Path, bag: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    seen: list[str] = []
    while some := list(islice(unpacking(packed, files), 6)):
        seen += some if len(some) < 6 else some[:-1]
    assert len(seen) == len(set(seen)) == sum(1 for _ in bag.rglob("*"))
    bagit.Bag(str(bag_inside(files))).validate()


def test_what_lost_its_bytes_is_unpacked_again(packed: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    list(unpacking(packed, files))
    (files / "bag/data/scan 07.tif").write_bytes(b"")
    assert list(unpacking(packed, files)) == ["bag/data/scan 07.tif"]
    bagit.Bag(str(bag_inside(files))).validate()


def test_two_files_of_one_name_are_refused(packed: Path, tmp_path: Path) -> None:
    with ZipFile(packed, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("bag/data/scan 07.tif", b"another one")
    with pytest.raises(InputError) as refusal:
        next(unpacking(packed, tmp_path))
    assert refusal.value.code == "archive:bag:invalid"


_WORKER = """
import sys
from pathlib import Path
import django
django.setup()
from archive.bags.reading import validating
for name in validating(Path(sys.argv[1]), Path(sys.argv[2])):
    print(name, flush=True)
"""


def test_kill_9_costs_the_file_in_hand_at_most(bag: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WORKER, str(bag), str(tmp_path / "good")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        told = [worker.stdout.readline().strip() for _ in range(10)]
        worker.kill()
        told += worker.stdout.read().splitlines()
    left = list(validating(bag, tmp_path / "good"))
    # What was told of was begun; at most the last of it was not done.
    assert left in (listed_in(bag)[len(told) :], listed_in(bag)[len(told) - 1 :])
    assert len(told) >= 10
