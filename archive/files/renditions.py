"""From a stored picture of any kind to plain RGB, and to the small copies that pages show."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from archive.files import storage
from archive.files.storage import StoredFile
from archive.formats.decoders import have_decoded
from archive.formats.small_copies import upright
from archive.models import Rendition

# Longest side in pixels. Smaller pictures are never enlarged.
LONG_SIDES = {Rendition.Kind.WEB: 1600, Rendition.Kind.THUMBNAIL: 320}
RENDITION_SUFFIXES = {Rendition.Kind.WEB: ".webp", Rendition.Kind.THUMBNAIL: ".jpg"}
# What thumbnails were before: removed with those that took their place.
_FORMER_SUFFIX = "-thumbnail.webp"
_PAGE = "-page-"


@dataclass(frozen=True, slots=True)
class RenditionSpec:
    """One rendition that has been written. `kind` is a Rendition.Kind; size in pixels and bytes."""

    kind: Rendition.Kind
    width: int
    height: int
    byte_size: int


@dataclass(frozen=True, slots=True)
class DraftRendition:
    """A rendition that has no name yet: `path` is a temporary file."""

    spec: RenditionSpec
    path: Path


def rendition_suffix(kind: Rendition.Kind, page: int = 1) -> str:
    """What follows the SHA-256 of the source in the name of a page's rendition."""
    return f"{page_mark(page)}-{kind.value}{RENDITION_SUFFIXES[kind]}"


def page_mark(page: int) -> str:
    """What tells, in the name of what was made from a page, which one that was; nothing for the first."""
    return "" if page == 1 else f"{_PAGE}{page}"


def rendition_file(sha256: str, kind: Rendition.Kind, page: int = 1) -> StoredFile:
    """The rendition of a page of the source with `sha256`, which may be there or not."""
    return StoredFile(storage.Area.RENDITIONS, sha256, rendition_suffix(kind, page))


def open_oriented(path: Path) -> Image.Image:
    """Return the picture at `path` as people see it: mode RGB, 8 bits, turned upright, sRGB, whole in memory.

    Deeper pictures are scaled to 8 bits, transparent ones are laid on white, and an embedded colour profile
    is applied. Of several pages or frames, the first is taken. Raises OSError when the file is missing or no
    longer decodes; what sniff_image accepted does.
    """
    return Image.fromarray(upright(path, None).numpy())


def write_renditions(source_path: Path, sha256: str) -> list[RenditionSpec]:
    """Make and store every rendition of the picture at `source_path`, whose content is `sha256`.

    Files only, no rows. Renditions that exist are made anew. Raises like `draft_renditions`.
    """
    with draft_renditions(source_path) as drafts:
        place_renditions(drafts, sha256)
        return [draft.spec for draft in drafts]


@contextmanager
def draft_renditions(source_path: Path, *, page: int = 1) -> Iterator[list[DraftRendition]]:
    """Make every rendition of a page in a temporary folder, which is gone afterwards; `place_renditions`
    keeps them.

    A decoding process makes them. Raises InputError archive:file:decoder-stopped, and OSError like
    `open_oriented`.
    """
    with tempfile.TemporaryDirectory(dir=storage.incoming_folder()) as folder:
        sides = {kind.value: long_side for kind, long_side in LONG_SIDES.items()}
        drafts = []
        copies = have_decoded("small_copies", source_path, folder=folder, long_sides=sides, page=page)
        for name, width, height in copies:
            path = Path(folder) / name
            spec = RenditionSpec(Rendition.Kind(name), width, height, path.stat().st_size)
            drafts.append(DraftRendition(spec, path))
        yield drafts


def place_renditions(drafts: list[DraftRendition], sha256: str, *, page: int = 1) -> None:
    """Store `drafts` of a page under the name of their source."""
    for draft in drafts:
        suffix = rendition_suffix(draft.spec.kind, page)
        storage.place(draft.path, area=storage.Area.RENDITIONS, sha256=sha256, suffix=suffix)
    storage.remove(area=storage.Area.RENDITIONS, sha256=sha256, suffix=_FORMER_SUFFIX)


def remove_renditions(sha256: str) -> None:
    """Remove every rendition of the source with `sha256`, as far as they exist, and what else was made from
    its further pages.
    """
    remove_of_pages(storage.Area.RENDITIONS, sha256)
    for suffix in [*map(rendition_suffix, LONG_SIDES), _FORMER_SUFFIX]:
        storage.remove(area=storage.Area.RENDITIONS, sha256=sha256, suffix=suffix)


def remove_of_pages(area: storage.Area, sha256: str) -> None:
    """Remove what lies in `area` of the further pages of the source with `sha256`."""
    for key in list(storage.store().keys(StoredFile(area, sha256, _PAGE).key)):
        storage.store().remove(key)
