"""Clean pictures from folders and tar files, cut to squares of one size."""

import io
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from mlcore.errors import ImageError
from mlcore.images import SUFFIXES, Bytes, decode_rgb, find_images
from mlcore.pairing import SMALLEST_SIDE

GENEROUS = 1.25
"""A picture whose shorter side is this many times the square's also gives squares cut at full size."""
LONGEST = 1.2
"""A picture longer than this many times its shorter side gives squares of its scaled whole at both ends."""


@dataclass(frozen=True, slots=True)
class Member:
    """A picture file's bytes. ``name``: for people, "folder/file" or "tar:member"."""

    name: str
    content: bytes


def read_members(sources: Sequence[Path]) -> Iterator[Member]:
    """Every picture file of folders (with their subfolders) and tar files, one after the other.

    Picture files are told by their ending; hidden ones are left out. Raises ``ImageError``
    (``mlcore:image:missing``, ``mlcore:image:truncated``) for a source that cannot be opened or breaks off.
    """
    for source in sources:
        if source.is_dir():
            for path in find_images(source):
                yield Member(path.relative_to(source.parent).as_posix(), path.read_bytes())
        elif source.is_file():
            yield from _read_tar(source)
        else:
            raise ImageError("mlcore:image:missing", f"{source}: there is no such folder or tar file")


def _read_tar(path: Path) -> Iterator[Member]:
    """Members in the archive's order; nothing is unpacked to disk."""
    try:
        with tarfile.open(path, "r|*") as archive:
            for entry in archive:
                name = Path(entry.name)
                if not entry.isfile() or name.suffix.lower() not in SUFFIXES or name.name.startswith("."):
                    continue
                content = archive.extractfile(entry)
                if content is not None:
                    yield Member(f"{path.name}:{entry.name}", content.read())
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ImageError("mlcore:image:truncated", f"{path.name}: not a whole tar file ({error})") from error


def squares_of(member: Member, side: int, rng: Generator, most: int) -> list[Bytes]:
    """Cut a picture to at most ``most`` squares (side, side, 3) uint8.

    First the centre square of the scaled picture; of a long one then both ends; of one that is larger than
    the square then parts at their full size, where ``rng`` says. Smaller pictures are enlarged. Raises
    ``ImageError``; of a picture below 32 pixels ``mlcore:image:tiny``.
    """
    image = decode_rgb(io.BytesIO(member.content), member.name)
    height, width = image.shape[:2]
    short = min(height, width)
    if short < SMALLEST_SIDE:
        raise ImageError(
            "mlcore:image:tiny", f"{member.name}: {width}x{height}, needs {SMALLEST_SIDE} pixels"
        )
    scaled = _scaled(image, side)
    spare = max(scaled.shape[:2]) - side
    offsets = [spare // 2, 0, spare] if spare > (LONGEST - 1) * side else [spare // 2]
    tall = height > width
    squares = [
        scaled[offset : offset + side] if tall else scaled[:, offset : offset + side] for offset in offsets
    ]
    if short >= GENEROUS * side:
        for _ in range(most - len(squares)):
            top, left = (int(rng.integers(length - side + 1)) for length in (height, width))
            squares.append(image[top : top + side, left : left + side])
    return squares[:most]


def _scaled(image: Bytes, side: int) -> Bytes:
    """Scale so that the shorter side is ``side`` pixels."""
    height, width = image.shape[:2]
    factor = side / min(height, width)
    if factor == 1:
        return image
    size = (max(side, round(width * factor)), max(side, round(height * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
