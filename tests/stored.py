"""Where stored files lie on this machine's disk, for tests that look at them or spoil them."""

from __future__ import annotations

from pathlib import Path

from archive.files.renditions import rendition_file
from archive.files.storage import Area, StoredFile, store
from archive.models import Rendition
from archive.zooming.pyramids import tiles_file
from restoration.models import Restoration
from restoration.running.stored_files import Kept, kept_file, result_file


def path_of(file: StoredFile) -> Path:
    """Where the file lies, or should."""
    path = store().on_disk(file.key)
    assert path is not None
    return path


def area_folder(area: Area) -> Path:
    """The folder of all files of that kind; it may not be there yet."""
    return path_of(StoredFile(area, "0" * 64)).parents[2]


def stored_path(area: Area, sha256: str, suffix: str = "") -> Path:
    """Where that file lies, or should."""
    return path_of(StoredFile(area, sha256, suffix))


def rendition_path(sha256: str, kind: Rendition.Kind) -> Path:
    """Where the rendition lies, or should."""
    return path_of(rendition_file(sha256, kind))


def tiles_path(sha256: str) -> Path:
    """Where the tiles lie, or should."""
    return path_of(tiles_file(sha256))


def result_path(restoration: Restoration) -> Path:
    """Where the result lies, or should."""
    return path_of(result_file(restoration))


def kept_path(restoration: Restoration, kind: Kept) -> Path:
    """Where what the restoration keeps of that kind lies, or should."""
    file = kept_file(restoration, kind)
    assert file is not None
    return path_of(file)
