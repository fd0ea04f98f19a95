"""Bags that come in: looked at with distrust, then validated by the bagit library."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import bagit

from archive.files.storage import incoming_folder
from archive.importing.zips import declared_entries, refuse_overlapping, refuse_too_much
from archive.messages import input_error


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
        unpacked = unpack_bag(path, Path(folder))
        validate_bag(unpacked)
        yield unpacked


def validate_bag(folder: Path) -> None:
    """Read every file of the bag in `folder` and compare. Raises InputError as `opened_bag` does."""
    if not (folder / "bagit.txt").is_file():
        raise input_error("archive:bag:not-a-bag")
    # Links would be followed out of the bag, and what is to be fetched from elsewhere is not in it.
    if (folder / "fetch.txt").exists() or any(each.is_symlink() for each in folder.rglob("*")):
        raise input_error("archive:bag:unsafe")
    # What is wrong is told by the error; the library would tell it to the log a second time.
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    try:
        bag = bagit.Bag(str(folder))
        if "sha256" not in bag.algorithms:
            raise input_error("archive:bag:invalid", reason="no manifest-sha256.txt")
        bag.validate()
    except (bagit.BagError, UnicodeDecodeError, ValueError) as error:
        raise input_error("archive:bag:invalid", reason=str(error)) from error


def payload_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a valid bag by its path below data/."""
    digests = {}
    for line in (folder / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines():
        sha256, _, name = line.partition(" ")
        digests[name.strip().removeprefix("data/")] = sha256.lower()
    return digests


def unpack_bag(path: Path, folder: Path, *, from_stranger: bool = False) -> Path:
    """Unpack the ZIP into `folder`; return the folder of the bag in it: `folder`, or the only one there.

    `from_stranger`: within the limits that the settings set to every ZIP that is sent. Raises InputError as
    `opened_bag` does, and archive:zip:too-many-entries, archive:zip:too-much, archive:zip:overlapping then.
    """
    if from_stranger:
        declared_entries(path)
    try:
        with ZipFile(path) as archive:
            if from_stranger:
                refuse_overlapping(archive)
                refuse_too_much(sum(entry.file_size for entry in archive.infolist()))
            for entry in archive.infolist():
                parts = entry.filename.split("/")
                if entry.filename.startswith("/") or "\\" in entry.filename or ".." in parts:
                    raise input_error("archive:bag:unsafe")
            if sum(entry.file_size for entry in archive.infolist()) > shutil.disk_usage(folder).free:
                raise input_error("archive:bag:no-room")
            # It makes folders and plain files only, never links, and no entry may become larger than it says.
            archive.extractall(folder)
    except (BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise input_error("archive:bag:not-a-bag") from error
    return bag_inside(folder)


def bag_inside(folder: Path) -> Path:
    """The folder of the bag that was unpacked into `folder`."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder
