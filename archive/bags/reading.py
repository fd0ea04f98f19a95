"""Bags that come in: looked at with distrust, then validated by the bagit library."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bagit

from archive.bags.unpacking import bag_inside, unpacking
from archive.files.storage import incoming_folder
from archive.messages import input_error

_BLOCK_BYTES = 1024 * 1024


@contextmanager
def opened_bag(path: Path) -> Iterator[Path]:
    """The folder of a valid bag: `path` itself, or what was unpacked of the ZIP `path` and goes afterwards.

    Every file has the SHA-256 that the manifest says, and nothing is missing or superfluous. Raises
    InputError `archive:bag:not-a-bag`, `archive:bag:unsafe`, `archive:bag:no-room`, or `archive:bag:invalid`
    with what is wrong.
    """
    if path.is_dir():
        validate_bag(path)
        yield path
        return
    with tempfile.TemporaryDirectory(dir=incoming_folder(), prefix="bag-") as folder:
        files = Path(folder) / "files"
        files.mkdir()
        for _entry in unpacking(path, files):
            pass
        unpacked = bag_inside(files)
        validate_bag(unpacked)
        yield unpacked


def validate_bag(folder: Path) -> None:
    """Read every file of the bag in `folder` and compare. Raises InputError as `opened_bag` does."""
    with _found_out():
        _opened(folder).validate()


def validating(folder: Path, found_good: Path) -> Iterator[str]:
    """Like `validate_bag`, file by file: gives each file's name before it is read, and goes on after those
    that were found good earlier. How many these are is the size of the file `found_good`.

    Raises InputError as `opened_bag` does; of files that are not what they should be, it names the first.
    """
    with _found_out():
        bag = _opened(folder)
        bag.validate(completeness_only=True)
        names = sorted(bag.entries)
        # A byte each, which is there or is not: nothing that a worker's death could leave half written.
        with found_good.open("ab", buffering=0) as good:
            for name in names[good.tell() :]:
                yield name
                _compare(bag, name)
                good.write(b".")


def _opened(folder: Path) -> bagit.Bag:
    """The bag, of which nothing was read but its lists."""
    if not (folder / "bagit.txt").is_file():
        raise input_error("archive:bag:not-a-bag")
    # Links would be followed out of the bag, and what is to be fetched from elsewhere is not in it.
    if (folder / "fetch.txt").exists() or any(each.is_symlink() for each in folder.rglob("*")):
        raise input_error("archive:bag:unsafe")
    # What is wrong is told by the error; the library would tell it to the log a second time.
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    bag = bagit.Bag(str(folder))
    if "sha256" not in bag.algorithms:
        raise input_error("archive:bag:invalid", reason="no manifest-sha256.txt")
    return bag


def _compare(bag: bagit.Bag, name: str) -> None:
    """Read one file and compare it with every list that knows it. Raises bagit.ChecksumMismatch."""
    hashers = {each: hashlib.new(each) for each in bag.entries[name] if each in bag.algorithms}
    path = Path(bag.path) / bag.normalized_filesystem_names.get(name, name)
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            for hasher in hashers.values():
                hasher.update(block)
    for algorithm, hasher in hashers.items():
        expected = bag.entries[name][algorithm].lower()
        if hasher.hexdigest() != expected:
            raise bagit.ChecksumMismatch(name, algorithm, expected, hasher.hexdigest())


@contextmanager
def _found_out() -> Iterator[None]:
    """What the bagit library finds wrong, as a refusal that says it."""
    try:
        yield
    except (bagit.BagError, UnicodeDecodeError, ValueError) as error:
        raise input_error("archive:bag:invalid", reason=str(error)) from error


def payload_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a valid bag by its path below data/."""
    digests = {}
    for line in (folder / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines():
        sha256, _, name = line.partition(" ")
        digests[name.strip().removeprefix("data/")] = sha256.lower()
    return digests
