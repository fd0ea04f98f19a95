"""The two ways to a file without its camera data."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from archive.camera_privacy.jpeg import clean_jpeg
from archive.camera_privacy.png import clean_png
from archive.camera_privacy.splices import Splice, SplicedFile, UnclearMetadata
from archive.camera_privacy.tiff import clean_tiff
from archive.camera_privacy.webp import clean_webp
from archive.files.storage import StoredFile, incoming_folder
from archive.formats.decoding import stream_format
from archive.messages import state_error

_BYTES_AT_ONCE = 1 << 20


def open_without_camera_data(picture: Path | StoredFile) -> SplicedFile:
    """The picture, an original or a result, as it may go to strangers; to be closed.

    Seekable and `byte_size` long; its bytes are the same every time. Memory holds metadata only. Raises
    StateError archive:privacy:unclear where nobody can say what the file tells, and OSError where it is
    missing or no picture.
    """
    with ExitStack() as closing:
        opened_picture = picture.open("rb") if isinstance(picture, Path) else picture.open()
        file = closing.enter_context(opened_picture)
        format = stream_format(file, picture.name)
        try:
            opened = SplicedFile(file, _splices(file, format))
        except UnclearMetadata as error:
            raise state_error("archive:privacy:unclear") from error
        closing.pop_all()
        return opened


def _splices(file: BinaryIO, format: str) -> list[Splice]:
    length = file.seek(0, os.SEEK_END)
    if format == "TIFF":
        return clean_tiff(file)
    cleaning = {"JPEG": clean_jpeg, "PNG": clean_png, "WEBP": clean_webp}.get(format)
    # A BMP has no room for metadata.
    return cleaning(file, length) if cleaning else []


@contextmanager
def without_camera_data(path: Path) -> Iterator[Path]:
    """`open_without_camera_data` as a temporary file, which is gone afterwards."""
    with (
        open_without_camera_data(path) as source,
        tempfile.NamedTemporaryFile(dir=incoming_folder(), suffix=path.suffix) as target,
    ):
        copyfileobj(source, target, _BYTES_AT_ONCE)
        target.flush()
        yield Path(target.name)
