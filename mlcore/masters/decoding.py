"""Decoding by libvips into a row file, and its errors told apart."""

from collections.abc import Callable
from typing import Any

from mlcore.errors import MasterError
from mlcore.masters.row_files import RowFile
from mlcore.masters.vips import libvips

LARGEST = 150_000_000
"""Pixels of a page that are accepted, told by its header before anything is decoded."""

LONGEST = 300_000
"""Pixels of a side: at 300 an inch, 25 metres. Rows are read, and mirrored up to 64 of them, whole."""

_NOT_BUILT_IN = ("not supported", "not configured", "not implemented", "unsupported", "no codec")


def unreadable(name: str) -> MasterError:
    """The file is no picture of a known kind."""
    return MasterError("mlcore:master:unreadable", f"{name}: not a TIFF, PNG, JPEG, WebP or BMP picture")


def truncated(name: str, reason: object) -> MasterError:
    """It begins as a picture and breaks off, or is damaged inside."""
    return MasterError("mlcore:master:truncated", f"{name}: damaged or incomplete ({_short(reason)})")


def unsupported(name: str, reason: object) -> MasterError:
    """It is whole, as far as can be told, but of a kind that cannot be read or written."""
    return MasterError(
        "mlcore:master:unsupported", f"{name}: of a kind that cannot be used ({_short(reason)})"
    )


def check_size(name: str, width: int, height: int) -> None:
    """Raise MasterError for a page of no pixels, of more than ``LARGEST``, or longer than ``LONGEST``."""
    if width < 1 or height < 1:
        raise truncated(name, "no pixels")
    if width * height > LARGEST:
        raise MasterError(
            "mlcore:master:too-large",
            f"{name}: {width} x {height} pixels; at most {LARGEST // 1_000_000} million can be restored",
        )
    if max(width, height) > LONGEST:
        raise MasterError(
            "mlcore:master:too-long",
            f"{name}: {width} x {height} pixels; a side of at most {LONGEST:,} can be restored",
        )


def refusal(name: str, error: Exception) -> MasterError:
    """What a decoder's ``error`` means; MemoryError is raised at once."""
    text = str(error).lower()
    if "out of memory" in text:
        raise MemoryError(f"{name}: {_short(error)}") from error
    return (
        unsupported(name, error) if any(words in text for words in _NOT_BUILT_IN) else truncated(name, error)
    )


def header_of(load: Callable[[], Any], name: str) -> Any:
    """The image that ``load`` opens with libvips, of which nothing is decoded yet. Raises MasterError."""
    try:
        return load()
    except libvips().Error as error:
        raise refusal(name, error) from error


def fill_by_vips(load: Callable[[], Any], name: str) -> Callable[[RowFile], None]:
    """A ``Sheet.fill`` that decodes what ``load`` opens."""

    def fill(rows: RowFile) -> None:
        image = header_of(load, name)
        height, width, channels = rows.shape
        found = (image.height, image.width, image.bands, image.format)
        if found != (height, width, channels, "uchar" if rows.dtype.itemsize == 1 else "ushort"):
            raise unsupported(name, f"{found} is not what its header says")
        try:
            rows.take_in(image)
        except libvips().Error as error:
            raise refusal(name, error) from error

    return fill


def _short(reason: object) -> str:
    """The first line that says something: libvips puts its own call before the decoder's words."""
    lines = [line.strip() for line in str(getattr(reason, "detail", "") or reason).splitlines()]
    return next((line for line in lines if line), "unknown")
