"""Where a worker writes what has no name yet: in the storage's incoming folder, one folder for each lease.

A killed worker leaves its folder, with files as large as the uncompressed original; the sweep that takes its
lease away takes the folder, too.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.files.storage import incoming_folder
from restoration.models import Restoration


@contextmanager
def working_folder(restoration: Restoration) -> Iterator[Path]:
    """An empty folder for this worker's lease on the restoration, on the storage's disk; gone afterwards."""
    folder = incoming_folder() / f"{_prefix(restoration)}{restoration.lease_token}"
    folder.mkdir(exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_working_folders(restoration: Restoration) -> None:
    """Remove what workers that are believed dead have left. Nobody may hold a lease any more."""
    for folder in incoming_folder().glob(f"{_prefix(restoration)}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _prefix(restoration: Restoration) -> str:
    return f"restoration-{restoration.pk}-"
