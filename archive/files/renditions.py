"""From a stored picture of any kind to plain RGB, and to the small copies that pages show."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from archive.files import storage
from archive.formats.colour_profiles import ICC_FIELD, meant_profile, with_profile
from archive.formats.decoding import libvips, picture_format, streamed_pages
from archive.formats.whole_decoding import WholePicture, decoded_whole
from archive.models import Rendition

# Longest side in pixels. Smaller pictures are never enlarged.
LONG_SIDES = {Rendition.Kind.WEB: 1600, Rendition.Kind.THUMBNAIL: 320}

_WEB: dict[str, Any] = {"Q": 82}
# WebP halves the resolution of colours, which a small picture shows; so a thumbnail's encoding is tried, from
# small to large, until its mean colour difference (CIEDE2000) is one that people do not see.
_THUMBNAIL: tuple[dict[str, Any], ...] = (
    {"Q": 85},
    {"Q": 96, "smart_subsample": True},
    {"Q": 60, "near_lossless": True, "effort": 2},
    {"lossless": True},
)
_UNSEEN = 0.8
_FEW_PIXELS = 3_000_000
# As archives convert for showing (FADGI 2023): colours as they are, and the darkest that there is as black.
_MATCHING: dict[str, Any] = {"intent": "relative", "black_point_compensation": True}


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
            _save(image, path, kind)
            spec = RenditionSpec(kind, image.width, image.height, path.stat().st_size)
            drafts.append(DraftRendition(spec, path))
        yield drafts


def _save(image: Any, path: Path, kind: Rendition.Kind) -> None:
    """Write `image` as WebP without metadata."""
    if kind == Rendition.Kind.WEB:
        image.webpsave(str(path), **_WEB, keep="none")
        return
    for options in _THUMBNAIL:
        image.webpsave(str(path), **options, keep="none")
        if libvips().Image.webpload(str(path)).dE00(image).avg() <= _UNSEEN:
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
    format = picture_format(path)
    page = streamed_pages(path, format)[0]
    pyvips = libvips()
    try:
        if page is None:
            image = _as_image(decoded_whole(path))
        else:
            image = page.open(path)
            shrink = _shrink_on_load(image, long_side) if page.loader == "jpegload" else 1
            if shrink > 1:
                image = page.open(path, shrink=shrink)
        # Once it is small: a picture that is turned must be in memory, and profiles take their time.
        small = _fitted(image, long_side)
        colours = small[: small.bands - 1] if small.hasalpha() else small
        seen = _to_srgb(colours, meant_profile(colours, path, format))
        if small.hasalpha():
            seen = _on_white(seen, small[small.bands - 1])
        return seen.copy_memory().autorot().copy_memory()
    except pyvips.Error as error:
        raise OSError(f"{path.name}: {error}") from error


def _as_image(picture: WholePicture) -> Any:
    """What was decoded whole as a libvips image."""
    pyvips = libvips()
    deep = picture.samples.dtype.itemsize > 1
    image = pyvips.Image.new_from_array(np.ascontiguousarray(picture.samples))
    if picture.lab:
        lab = image.copy(interpretation="lab")
        image = lab.icc_export(output_profile="srgb", pcs="lab", **_MATCHING, depth=16)
        image.remove(ICC_FIELD)
    elif picture.inks:
        image = image.copy(interpretation="cmyk")
    elif image.bands < 3:
        image = image.copy(interpretation="grey16" if deep else "b-w")
    else:
        image = image.copy(interpretation="rgb16" if deep else "srgb")
    image.set_type(pyvips.GValue.gint_type, "orientation", picture.orientation)
    return with_profile(image, picture.icc_profile) if picture.icc_profile else image


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
    whole, clear = image.format, image.hasalpha()
    if clear:
        # What cannot be seen has no say in the colours beside it.
        image = image.premultiply()
    elif image.width * image.height <= _FEW_PIXELS:
        # With room for what the filter lets swing beyond black and white between its two passes.
        image = image.cast("int" if whole == "ushort" else "short")
    small = image.resize(width / image.width, vscale=height / image.height)
    return (small.unpremultiply() if clear else small).cast(whole)


def _on_white(image: Any, alpha: Any) -> Any:
    """Lay `image`, 8 bits in sRGB, on white, the colour of most paper, as far as `alpha` lets it through."""
    shares = (alpha / 257).rint().cast("uchar") if alpha.format == "ushort" else alpha
    return image.bandjoin(shares).flatten(background=255)


def _to_srgb(image: Any, profile: bytes | None) -> Any:
    """Return `image`, opaque, whose numbers mean what the ICC `profile` says, as 3 channels of 8 bits in
    sRGB."""
    if profile is not None:
        return with_profile(image, profile).icc_transform("srgb", embedded=True, **_MATCHING, depth=8)
    if image.format == "ushort":
        image = (image / 257).rint().cast("uchar")
    if image.bands == 4:
        light = (255 - image[:3]) * (255 - image[3]) / 255
        image = light.rint().cast("uchar")
    if image.bands == 1:
        image = image.bandjoin([image, image])
    return image.copy(interpretation="srgb")
