"""Resumable uploads by tus 1.0: the few requests that sending a file takes.

tuspy would bring a second HTTP library along, and the protocol is small enough to be spoken here.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

import httpx

from pulih_client.connection import Connection
from pulih_client.errors import ApiError, TooManyRequests, Unreachable, refusal
from pulih_client.hashing import OnBytes

PART_BYTES = 8 * 1024 * 1024
_PIECE_BYTES = 256 * 1024
_VERSION = {"Tus-Resumable": "1.0.0"}
_BEING_CHECKED = {"arriving", "checking"}
_ELSEWHERE = "archive:upload:offset"
_NO_ROOM = 507


def begin(connection: Connection, endpoint: str, *, length: int, metadata: dict[str, str]) -> str:
    """Ask for a place for `length` bytes; its address."""
    words = ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items() if value
    )
    headers = _VERSION | {"Upload-Length": str(length), "Upload-Metadata": words}
    # A place that is asked for twice is one that expires unused: no harm.
    response = connection.request("POST", endpoint, headers=headers, repeatable=True)
    return str(response.headers["location"])


def send(
    connection: Connection,
    place: str,
    file: BinaryIO,
    *,
    length: int,
    on_bytes: OnBytes,
    part_bytes: int = PART_BYTES,
) -> None:
    """Send what has not arrived yet, part by part, and go on wherever the connection broke.

    Gives up with Unreachable when several tries in a row brought no byte over.
    """
    offset = _arrived(connection, place, length)
    tries = 0
    while offset < length:
        on_bytes(offset, length)
        size = min(part_bytes, length - offset)
        file.seek(offset)
        pause = connection.patience.pause(tries + 1)
        try:
            _send_part(connection, place, _pieces(file, size, offset, length, on_bytes), offset, size)
            reached = offset + size
        except httpx.TransportError as error:
            reason = repr(error)
            reached = _arrived(connection, place, length)
        except ApiError as error:
            if not _may_go_on(error):
                raise
            reason = str(error)
            pause = max(pause, error.retry_after or 0)
            reached = _arrived(connection, place, length)
        if reached > offset:
            tries = 0
        else:
            tries += 1
            if tries >= connection.patience.tries:
                raise Unreachable(f"The upload does not get beyond byte {offset}: {reason}")
            connection.sleep(pause)
        offset = reached
    on_bytes(length, length)


def outcome(connection: Connection, place: str) -> dict[str, Any]:
    """What became of an upload that has arrived whole. Raises ApiError, or its subclass AlreadyThere, where
    the file was refused.
    """
    tries = 0
    while True:
        state = connection.get(place)
        if state["state"] == "refused":
            raise refusal(httpx.codes.BAD_REQUEST, state["code"], state["message"])
        if state["state"] not in _BEING_CHECKED:
            return state
        tries += 1
        time.sleep(connection.patience.pause(min(tries, 4)))


def _arrived(connection: Connection, place: str, length: int) -> int:
    """How many bytes have arrived: all of them where the file has been refused by now, which `outcome` tells.
    Raises NotFound where the place is no more.
    """
    try:
        response = connection.request("HEAD", place, headers=_VERSION)
    except ApiError as error:
        if error.status == httpx.codes.GONE:
            return length
        raise
    return int(response.headers["upload-offset"])


def _may_go_on(error: ApiError) -> bool:
    """Somebody else has sent more of it, the server is busy, or something in front of it is."""
    if isinstance(error, TooManyRequests) or error.code == _ELSEWHERE:
        return True
    return error.status >= httpx.codes.INTERNAL_SERVER_ERROR and error.status != _NO_ROOM


def _send_part(connection: Connection, place: str, pieces: Iterator[bytes], offset: int, size: int) -> None:
    headers = _VERSION | {
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(size),
    }
    connection.once("PATCH", place, headers=headers, content=pieces)


def _pieces(file: BinaryIO, size: int, offset: int, length: int, on_bytes: OnBytes) -> Iterator[bytes]:
    left = size
    while left:
        piece = file.read(min(_PIECE_BYTES, left))
        if not piece:
            raise EOFError(f"the file has become shorter than {length} bytes while it was sent")
        yield piece
        left -= len(piece)
        on_bytes(offset + size - left, length)
