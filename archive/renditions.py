"""From a stored picture of any kind to plain RGB, and to the small copies that pages show."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from archive import storage
from archive.models import Rendition
from archive.sniffing import OPENED_FORMATS

# Longest side in pixels. Smaller pictures are never enlarged.
LONG_SIDES = {Rendition.Kind.WEB: 1600, Rendition.Kind.THUMBNAIL: 320}

_WEBP_QUALITY = 82
_TIFF_PHOTOMETRIC = 262
_TIFF_WHITE_IS_ZERO = 0
_SRGB = ImageCms.createProfile("sRGB")


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
    """Return the picture at `path` as people see it: mode RGB, 8 bits, turned upright, sRGB.

    Deeper pictures are scaled to 8 bits, transparent ones are laid on white, and an embedded colour profile
    is applied. Of several pages or frames, the first is taken. Raises OSError when the file is missing or no
    longer decodes; what sniff_image accepted does.
    """
    with Image.open(path, formats=OPENED_FORMATS) as image:
        image.load()
        upright = ImageOps.exif_transpose(image)
        shown = _to_srgb(upright, image.info.get("icc_profile"))
        return ImageOps.invert(shown) if _is_negative(image) else shown


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
        image = open_oriented(source_path)
        drafts = []
        # From large to small, each made from the one before: the full picture is scaled once.
        for kind, long_side in LONG_SIDES.items():
            image = _fitted(image, long_side)
            path = Path(folder) / kind.value
            image.save(path, format="WEBP", quality=_WEBP_QUALITY, method=4)
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


def _fitted(image: Image.Image, long_side: int) -> Image.Image:
    """Return `image` scaled down so that its longer side is at most `long_side` pixels and no side is
    empty."""
    scale = long_side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _to_srgb(image: Image.Image, icc_profile: bytes | None) -> Image.Image:
    """Return `image` (any mode) as 8-bit RGB in sRGB, without metadata."""
    flat = _without_depth(_without_transparency(image))
    converted = _through_profile(flat, icc_profile) if icc_profile else None
    if converted is None:
        converted = _from_lab(flat) if flat.mode == "LAB" else flat.convert("RGB")
    converted.info = {}
    return converted


def _without_transparency(image: Image.Image) -> Image.Image:
    """Lay a transparent picture on white, the colour of most paper; resolve palettes."""
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        flat = Image.new("RGB", image.size, "white")
        flat.paste(layered, mask=layered.getchannel("A"))
        return flat
    if image.mode in {"P", "PA", "1"}:
        return image.convert("RGB")
    return image


def _without_depth(image: Image.Image) -> Image.Image:
    """Scale a grey picture of 16 or more bits, which Pillow would otherwise clip, to 8 bits."""
    if not (image.mode.startswith("I") or image.mode == "F"):
        return image
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    if image.mode == "F":
        white = 1.0 if values.max() <= 1.0 else float(values.max())
    else:
        # Integers count from 0 to what their 16 bits hold; a few scanners use more.
        white = max(65535.0, float(values.max()))
    return Image.fromarray(np.clip(np.rint(values * (255.0 / white)), 0, 255).astype(np.uint8))


def _is_negative(image: Image.Image) -> bool:
    """Whether Pillow has left a TIFF's "zero is white" to us, as it does with 16 bits."""
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else {}
    return image.mode.startswith("I") and tags.get(_TIFF_PHOTOMETRIC) == _TIFF_WHITE_IS_ZERO


def _through_profile(image: Image.Image, icc_profile: bytes) -> Image.Image | None:
    """Return `image` taken from its own colour space to sRGB, or None where the profile is broken or of
    another kind."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        return ImageCms.profileToProfile(image, profile, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _from_lab(image: Image.Image) -> Image.Image:
    converted = ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), _SRGB, outputMode="RGB")
    assert converted is not None  # only an in-place conversion returns nothing
    return converted
