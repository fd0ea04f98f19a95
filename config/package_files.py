"""Static files that come from npm packages: those that pages name, and nothing else of what is installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

# Folder below STATIC_URL: folder below node_modules, and its files. The map stands in the script's last line,
# so hashing names needs it, and a browser asks for it only while somebody debugs.
PACKAGE_FILES = {
    "vendor/tus-js-client": ("tus-js-client/dist", ("tus.min.js", "tus.min.js.map")),
    "vendor/openseadragon": (
        "openseadragon/build/openseadragon",
        ("openseadragon.min.js", "openseadragon.min.js.map"),
    ),
}


class PackageFileFinder(BaseFinder):
    """One of STATICFILES_FINDERS, for PACKAGE_FILES."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file behind the static `path`; nothing where it is none of ours."""
        folder, _slash, name = path.rpartition("/")
        source, names = PACKAGE_FILES.get(folder, ("", ()))
        found = [str(_installed(source) / name)] if name in names else []
        return found if find_all else next(iter(found), [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every file, with the storage that has it."""
        for prefix, (source, names) in PACKAGE_FILES.items():
            storage = FileSystemStorage(location=str(_installed(source)))
            storage.prefix = prefix  # type: ignore[attr-defined]  # what collectstatic asks for
            for name in names:
                if not matches_patterns(name, ignore_patterns or []):
                    yield name, storage


def _installed(source: str) -> Path:
    folder: Path = settings.NODE_MODULES / source
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is missing: `make setup` installs it.")
    return folder
