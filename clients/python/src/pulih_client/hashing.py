"""SHA-256 of files of any size."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

OnBytes = Callable[[int, int], None]
"""Told how far something is: bytes so far, and of how many."""


def sha256_of(path: Path) -> str:
    """In hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
