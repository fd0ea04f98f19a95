"""What a file really is, told by its content; its name and the browser's word for it are not asked."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from archive.errors import InputError
from archive.formats.decoders import have_decoded
from archive.formats.looking import MEDIA_TYPES, Looked
from archive.messages import input_error, plain_size

__all__ = ["MEDIA_TYPES", "SniffedImage", "sniff_image"]


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
    """Read the picture at `path` to its end, in a decoding process.

    Raises InputError: archive:file:kind-not-accepted (its sentence names the kind),
    archive:file:not-an-image, archive:file:too-many-pixels, archive:file:too-much-memory,
    archive:file:too-many-pages, archive:file:unpacks-too-far (all before anything is decoded),
    archive:file:truncated, or archive:file:decoder-stopped.
    """
    looked = Looked(**have_decoded("look", path))
    if looked.refusal:
        raise _refusal(looked)
    return SniffedImage(looked.media_type, looked.width, looked.height, looked.page_count)


def _refusal(looked: Looked) -> InputError:
    values = dict(looked.values)
    if looked.refusal == "too-many-pixels":
        values["limit"] = settings.PULIH_MAX_PIXELS // 1_000_000
    if looked.refusal == "too-much-memory":
        values |= {"size": plain_size(values["size"]), "limit": plain_size(settings.PULIH_MAX_DECODED_BYTES)}
    return input_error(f"archive:file:{looked.refusal}", **values)
