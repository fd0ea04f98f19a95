"""What a file really is, told by its content; its name and the browser's word for it are not asked."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from archive.formats.decoding import page_headers, picture_format, read_to_end
from archive.formats.foreign_kinds import foreign_kind, foreign_variety
from archive.messages import input_error, plain_size

# Pillow's names of the formats that are accepted, and the media types that they stand for. A JPEG may carry
# further pictures behind the first, as many cameras write it.
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
}

_ORIENTATIONS_ON_THEIR_SIDE = {5, 6, 7, 8}


@dataclass(frozen=True, slots=True)
class SniffedImage:
    """A picture that can be decoded to its end.

    Sizes in pixels, as people see it (EXIF orientation applied).
    """

    media_type: str
    width: int
    height: int
    page_count: int = 1


def sniff_image(path: Path) -> SniffedImage:
    """Read the picture at `path` to its end.

    Raises InputError: archive:file:kind-not-accepted (its sentence names the kind),
    archive:file:not-an-image, archive:file:too-many-pixels, archive:file:too-much-memory (both before
    anything is decoded), or archive:file:truncated.
    """
    try:
        format = picture_format(path)
    except OSError as error:
        kind = foreign_kind(path)
        if kind is not None:
            raise input_error("archive:file:kind-not-accepted", kind=kind) from error
        raise input_error("archive:file:not-an-image") from error
    variety = foreign_variety(path, format)
    if variety is not None:
        raise input_error("archive:file:kind-not-accepted", kind=variety)
    pages = page_headers(path, format)
    if not pages:
        # A BMP's two letters would also fit many a text.
        raise input_error("archive:file:not-an-image" if format == "BMP" else "archive:file:truncated")
    for page in pages:
        if page.width * page.height > settings.PULIH_MAX_PIXELS:
            raise input_error(
                "archive:file:too-many-pixels",
                width=page.width,
                height=page.height,
                limit=settings.PULIH_MAX_PIXELS // 1_000_000,
            )
        if page.whole_bytes > settings.PULIH_MAX_DECODED_BYTES:
            raise input_error(
                "archive:file:too-much-memory",
                size=plain_size(page.whole_bytes),
                limit=plain_size(settings.PULIH_MAX_DECODED_BYTES),
            )
    if not read_to_end(path, format):
        raise input_error("archive:file:truncated")
    width, height = pages[0].width, pages[0].height
    if pages[0].orientation in _ORIENTATIONS_ON_THEIR_SIDE:
        width, height = height, width
    return SniffedImage(MEDIA_TYPES[format], width, height, len(pages))
