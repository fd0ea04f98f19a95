"""SHA-256 of files, by which they are named and told from what they should be."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO


class FixityError(Exception):
    """A file does not contain what it should: the disk or a programmer is at fault, never the person
    uploading."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 (64 hex digits) of the file at `path`."""
    with open(path, "rb") as file:
        return sha256_of_stream(file)


def sha256_of_stream(file: BinaryIO) -> str:
    """Return the SHA-256 (64 hex digits) of what is left to read in `file`."""
    # Whatever is opened for bytes does, which the stubs cannot say.
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def verify(path: Path, *, sha256: str) -> None:
    """Flush the file at `path` to disk and read it back.

    Raises FixityError when its content is not `sha256`.
    """
    with open(path, "rb") as file:
        os.fsync(file.fileno())
    compare(path, found=sha256_of(path), sha256=sha256)


def compare(name: object, *, found: str, sha256: str) -> None:
    """Raises FixityError when the file `name` has another SHA-256 than it should."""
    if found != sha256:
        raise FixityError(f"{name} should have SHA-256 {sha256} but has {found}")
