"""What a file really is, told by its content; its name and the browser's word for it are not asked."""

import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from PIL import Image

from archive.messages import input_error

# Pillow's names of the formats that are accepted, and the media types that they stand for.
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG that carries further pictures behind the first, as many cameras write it
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
}

# Pillow opens an MPO as the JPEG that it begins as, and only then calls it by its own name.
OPENED_FORMATS = tuple(name for name in MEDIA_TYPES if name != "MPO")

# What files of these kinds begin with. A BMP's two letters would also fit many a text.
_SIGNATURE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|II\*\0|MM\0\*|RIFF....WEBP", re.DOTALL)

_EXIF_ORIENTATION = 0x0112
_ORIENTATIONS_ON_THEIR_SIDE = {5, 6, 7, 8}

# What Pillow's decoders raise for broken content; anything else would be a bug of ours and should be seen as
# one.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class SniffedImage:
    """A picture that can be decoded to its end.

    Sizes in pixels, as people see it (EXIF orientation applied).
    """

    media_type: str
    width: int
    height: int


def sniff_image(path: Path) -> SniffedImage:
    """Read the picture at `path` to its end.

    Raises InputError: archive:file:not-an-image, archive:file:too-many-pixels (before anything is decoded),
    or archive:file:truncated.
    """
    try:
        image = Image.open(path, formats=OPENED_FORMATS)
    except (OSError, ValueError) as error:
        begins_well = _SIGNATURE.match(_first_bytes(path))
        raise input_error("archive:file:truncated" if begins_well else "archive:file:not-an-image") from error
    with image:
        if image.width * image.height > settings.PULIH_MAX_PIXELS:
            raise input_error(
                "archive:file:too-many-pixels",
                width=image.width,
                height=image.height,
                limit=settings.PULIH_MAX_PIXELS // 1_000_000,
            )
        media_type = MEDIA_TYPES[str(image.format)]
        try:
            image.load()
            orientation = image.getexif().get(_EXIF_ORIENTATION)
        except _BROKEN as error:
            raise input_error("archive:file:truncated") from error
        width, height = image.size
    if orientation in _ORIENTATIONS_ON_THEIR_SIDE:
        width, height = height, width
    return SniffedImage(media_type, width, height)


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(12)
