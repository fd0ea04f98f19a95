"""Bytes of an upload, from a connection that may break at any moment to a file that may be trusted.

No lock is held while waiting for the sender: a connection that hangs keeps nobody from going on over a new
one, and finds, should it wake up, that the offset has moved on without it.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from archive.files.storage import incoming_folder
from archive.models import Upload
from archive.services import extend_upload
from archive.tus.protocol import CHECKSUM_MISMATCH, Checksum, ProtocolError

# So much is written, flushed to disk and counted at a time: what a killed process may lose of what it had.
BLOCK_BYTES = 4 * 1024 * 1024
_READ_BYTES = 256 * 1024


class Stream(Protocol):
    """Anything to read from."""

    def read(self, size: int, /) -> bytes: ...


def receive_part(upload: Upload, stream: Stream, *, offset: int, checksum: Checksum | None = None) -> int:
    """Append what `stream` gives, from byte `offset` on; return the new offset.

    A stream that breaks off is no error: what has come is kept, and the sender asks how far he got. With a
    `checksum`, it is all of the part or nothing. Raises ProtocolError with status 460 when it does not fit;
    InputError and StateError as `extend_upload` does.
    """
    if checksum is None:
        return _append(upload, stream, offset)
    with _checked(stream, checksum) as part:
        return _append(upload, part, offset)


def _append(upload: Upload, stream: Stream, offset: int) -> int:
    for block in _blocks(stream):
        offset = extend_upload(upload=upload, offset=offset, content=block)
    return offset


def _blocks(stream: Stream) -> Iterator[bytes]:
    block = bytearray()
    while piece := _read(stream):
        block += piece
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _read(stream: Stream) -> bytes:
    """The next bytes; none at the end, and none when the connection is cut."""
    try:
        return stream.read(_READ_BYTES)
    except OSError:  # Django's UnreadablePostError is one
        return b""


@contextmanager
def _checked(stream: Stream, checksum: Checksum) -> Iterator[IO[bytes]]:
    """The whole part, set aside until its checksum is known to be right."""
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False)
    with tempfile.SpooledTemporaryFile(max_size=BLOCK_BYTES, dir=str(incoming_folder())) as part:
        while piece := _read(stream):
            digest.update(piece)
            part.write(piece)
        if digest.digest() != checksum.digest:
            raise ProtocolError("The bytes are not those of the checksum.", status=CHECKSUM_MISMATCH)
        part.seek(0)
        yield part
