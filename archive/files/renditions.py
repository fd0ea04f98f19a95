"""From a stored picture of any kind to plain RGB, and to the small copies that pages show."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from archive.files import storage
from archive.formats.decoding import libvips
from archive.formats.showing import fitted, in_srgb
from archive.models import Rendition

# Longest side in pixels. Smaller pictures are never enlarged.
LONG_SIDES = {Rendition.Kind.WEB: 1600, Rendition.Kind.THUMBNAIL: 320}

_WEB: dict[str, Any] = {"Q": 82}
# WebP halves the resolution of colours, which a small picture shows; so a thumbnail's encoding is tried, from
# small to large, until its mean colour difference (CIEDE2000) is one that people do not see.
_THUMBNAIL: tuple[dict[str, Any], ...] = (
    {"Q": 85, "effort": 2},
    {"Q": 96, "smart_subsample": True, "effort": 2},
    {"Q": 60, "near_lossless": True, "effort": 2},
    {"lossless": True, "effort": 1},
)
_UNSEEN = 0.9
# The second encoding halves the first's difference at best; above twice what is not seen, it is left out.
_FAR = 2 * _UNSEEN
# Every third pixel of every third row tells the mean as well as all do, odd and even columns alike.
_EVERY = 3


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


def rendition_suffix(kind: Rendition.Kind) -> str:
    """What follows the SHA-256 of the source in a rendition's name."""
    return f"-{kind.value}.webp"


def rendition_path(sha256: str, kind: Rendition.Kind) -> Path:
    """Where the rendition of the source with `sha256` lies (or would)."""
    return storage.stored_path(storage.Area.RENDITIONS, sha256, rendition_suffix(kind))


def open_oriented(path: Path) -> Image.Image:
    """Return the picture at `path` as people see it: mode RGB, 8 bits, turned upright, sRGB, whole in memory.

    Deeper pictures are scaled to 8 bits, transparent ones are laid on white, and an embedded colour profile
    is applied. Of several pages or frames, the first is taken. Raises OSError when the file is missing or no
    longer decodes; what sniff_image accepted does.
    """
    return Image.fromarray(_shown(path, None).numpy())


def write_renditions(source_path: Path, sha256: str) -> list[RenditionSpec]:
    """Make and store every rendition of the picture at `source_path`, whose content is `sha256`.

    Files only, no rows. Renditions that exist are made anew. Raises OSError like `open_oriented`.
    """
    with draft_renditions(source_path) as drafts:
        place_renditions(drafts, sha256)
        return [draft.spec for draft in drafts]


@contextmanager
def draft_renditions(source_path: Path) -> Iterator[list[DraftRendition]]:
    """Make every rendition in a temporary folder, which is gone afterwards; `place_renditions` keeps them."""
    with tempfile.TemporaryDirectory(dir=storage.incoming_folder()) as folder:
        image = _shown(source_path, max(LONG_SIDES.values()))
        drafts = []
        # From large to small, each made from the one before: the full picture is scaled once.
        for kind, long_side in LONG_SIDES.items():
            image = fitted(image, long_side)
            path = Path(folder) / kind.value
            _save(image, path, kind)
            spec = RenditionSpec(kind, image.width, image.height, path.stat().st_size)
            drafts.append(DraftRendition(spec, path))
        yield drafts


def _save(image: Any, path: Path, kind: Rendition.Kind) -> None:
    """Write `image` as WebP without metadata."""
    if kind == Rendition.Kind.WEB:
        image.webpsave(str(path), **_WEB, keep="none")
        return
    every = min(_EVERY, image.width), min(_EVERY, image.height)
    some = image.subsample(*every)
    difference = 0.0
    for number, options in enumerate(_THUMBNAIL):
        if number == 1 and difference > _FAR:
            continue
        image.webpsave(str(path), **options, keep="none")
        if options.get("lossless"):
            return
        difference = libvips().Image.webpload(str(path)).subsample(*every).dE00(some).avg()
        if difference <= _UNSEEN:
            return


def place_renditions(drafts: list[DraftRendition], sha256: str) -> None:
    """Store `drafts` under the name of their source."""
    for draft in drafts:
        storage.place(
            draft.path, area=storage.Area.RENDITIONS, sha256=sha256, suffix=rendition_suffix(draft.spec.kind)
        )


def remove_renditions(sha256: str) -> None:
    """Remove every rendition of the source with `sha256`, as far as they exist."""
    for kind in LONG_SIDES:
        storage.remove(area=storage.Area.RENDITIONS, sha256=sha256, suffix=rendition_suffix(kind))


def _shown(path: Path, long_side: int | None) -> Any:
    """The picture at `path` as a libvips image in memory: 3 channels of 8 bits, sRGB, upright.

    With `long_side`, scaled down on the way: the full picture is read row by row and never in memory, unless
    it is of a rare kind. Raises OSError.
    """
    try:
        return in_srgb(path, long_side).copy_memory().autorot().copy_memory()
    except libvips().Error as error:
        raise OSError(f"{path.name}: {error}") from error
