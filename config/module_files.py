"""How static files are kept: compressed, under names that change with what is in them, few to fetch."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

_IMPORT = re.compile(r'^@import "([^"]+)";$', re.MULTILINE)
# What names a module (import "…", from "…", import("…")), and what is put in its place.
_MODULE = (
    r"""(?P<matched>(?P<before>\b(?:import|from)\s*\(?\s*)"(?P<url>\./[^"]+)")""",
    '%(before)s"%(url)s"',
)


class ModuleFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's, with two more steps before names are given. Imports of our modules lead to the names that
    never change their content, so that browsers may keep them. Sheets that are made of others by @import
    take them in: a browser would see the others only when it has the first.
    """

    # Django has patterns for modules, too, but looks with them for minutes through the libraries of others.
    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (_MODULE,)))

    def create_compressor(self, **options: Any) -> Any:
        """gzip alone: Brotli, if anything had installed it, takes a minute for a few kilobytes."""
        return super().create_compressor(use_brotli=False, **options)

    def post_process(
        self, paths: dict[str, tuple[Any, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """What collectstatic has found, by name: the storage that has it, and its name there."""
        if not dry_run:
            for name in [name for name in paths if name.endswith(".css")]:
                text = _read(paths, name)
                if _IMPORT.search(text):
                    self.delete(name)
                    self.save(name, ContentFile(_gathered(paths, name).encode()))
                    paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)


def _gathered(paths: dict[str, tuple[Any, str]], name: str) -> str:
    """The sheet, with those that it imports in their places."""
    folder = posixpath.dirname(name)

    def take_in(found: re.Match[str]) -> str:
        return _gathered(paths, posixpath.normpath(posixpath.join(folder, found[1])))

    return _IMPORT.sub(take_in, _read(paths, name))


def _read(paths: dict[str, tuple[Any, str]], name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        content: bytes = file.read()
    return content.decode()
