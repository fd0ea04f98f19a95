"""From a stored picture of any kind to plain RGB, and to the small copies that pages show."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

from archive import storage
from archive.decoding import libvips, picture_format, streamed_pages
from archive.models import Rendition
from archive.whole_decoding import decoded_whole

# Longest side in pixels. Smaller pictures are never enlarged.
LONG_SIDES = {Rendition.Kind.WEB: 1600, Rendition.Kind.THUMBNAIL: 320}

_WEBP_QUALITY = 82
_ICC = "icc-profile-data"


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
            image = _fitted(image, long_side)
            path = Path(folder) / kind.value
            image.webpsave(str(path), Q=_WEBP_QUALITY, effort=4, keep="none")
            spec = RenditionSpec(kind, image.width, image.height, path.stat().st_size)
            drafts.append(DraftRendition(spec, path))
        yield drafts


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
    format = picture_format(path)
    page = streamed_pages(path, format)[0]
    pyvips = libvips()
    if page is None:
        return _fitted(
            pyvips.Image.new_from_array(decoded_whole(path)).copy(interpretation="srgb"), long_side
        )
    try:
        image = page.open(path)
        shrink = _shrink_on_load(image, long_side) if page.loader == "jpegload" else 1
        if shrink > 1:
            image = page.open(path, shrink=shrink)
        # Once it is small: a picture that is turned must be in memory, and profiles take their time.
        small = _fitted(_without_transparency(image), long_side)
        return _to_srgb(small).copy_memory().autorot().copy_memory()
    except pyvips.Error as error:
        raise OSError(f"{path.name}: {error}") from error


def _shrink_on_load(image: Any, long_side: int | None) -> int:
    """How much smaller a JPEG may be decoded and still be scaled down well."""
    longest = max(image.width, image.height)
    return next((by for by in (8, 4, 2) if long_side and longest >= 2 * by * long_side), 1)


def _fitted(image: Any, long_side: int | None) -> Any:
    """Return `image` scaled down so that its longer side is at most `long_side` pixels and no side is
    empty."""
    longest = max(image.width, image.height)
    if long_side is None or long_side >= longest:
        return image
    width, height = (max(1, round(side * long_side / longest)) for side in (image.width, image.height))
    return image.thumbnail_image(width, height=height, size="force", no_rotate=True)


def _without_transparency(image: Any) -> Any:
    """Lay a transparent picture on white, the colour of most paper."""
    if not image.hasalpha():
        return image
    deep = image.format == "ushort"
    # Where nothing is printed there is no ink.
    white = 0 if image.interpretation == "cmyk" else 65535 if deep else 255
    flat = image.flatten(background=white, max_alpha=65535 if deep else 255)
    return flat.cast(image.format)


def _to_srgb(image: Any) -> Any:
    """Return `image`, opaque, as 3 channels of 8 bits in sRGB."""
    if _has_working_profile(image):
        return image.icc_transform("srgb", embedded=True, intent="perceptual", depth=8)
    if image.format == "ushort":
        image = (image / 257).rint().cast("uchar")
    if image.bands == 4:
        light = (255 - image[:3]) * (255 - image[3]) / 255
        image = light.rint().cast("uchar")
    if image.bands == 1:
        image = image.bandjoin([image, image])
    return image.copy(interpretation="srgb")


def _has_working_profile(image: Any) -> bool:
    """Whether a colour profile is embedded that can be read and is of the picture's own kind."""
    if not image.get_typeof(_ICC):
        return False
    spaces = {1: "GRAY", 3: "RGB", 4: "CMYK"}
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(bytes(image.get(_ICC))))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return False
    return profile.profile.xcolor_space.strip() == spaces.get(image.bands)
