"""Files brought home: streamed, gone on with after a cut, compared with their SHA-256, never over another."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import httpx

from pulih_client.connection import Connection
from pulih_client.errors import ApiError, Damaged, Unreachable
from pulih_client.hashing import OnBytes, sha256_of
from pulih_client.records import File


class Downloads:
    """Originals, results, layers and hands: whatever has an address and a SHA-256."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, file: File, target: Path, *, on_bytes: OnBytes | None = None) -> Path:
        """Save `file` as `target`, whose folder is made. What came of it earlier is gone on with.

        Does nothing where exactly this file lies there. Raises FileExistsError where another one does,
        Damaged where what came is not what was promised, Unreachable where the connection cannot be kept.
        """
        if target.exists():
            return _same_or_refuse(file, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{file.sha256[:12]}.part")
        with part.open("a+b") as held:
            was_begun = held.tell() > 0
            self._fetch(file, held, on_bytes)
            if not _is_right(file, part):
                # What lay there from earlier may have been at fault: once more, from the beginning.
                held.truncate(0)
                if was_begun:
                    self._fetch(file, held, on_bytes)
        if not _is_right(file, part):
            part.unlink()
            raise Damaged(f"{target.name} did not arrive as it was sent.")
        return _put(file, part, target)

    def _fetch(self, file: File, held: BinaryIO, on_bytes: OnBytes | None) -> None:
        """Append what is still missing, in as many tries as bring anything."""
        tries = 0
        while True:
            reached = held.seek(0, os.SEEK_END)
            if reached and file.byte_size == reached:
                break
            pause = self._connection.patience.pause(tries + 1)
            try:
                self._append(file, held, reached, on_bytes)
                break
            except httpx.TransportError as error:
                reason: Exception = error
            except ApiError as error:
                if error.retry_after is None and error.status < httpx.codes.INTERNAL_SERVER_ERROR:
                    raise
                reason = error
                pause = max(pause, error.retry_after or 0)
            tries = 0 if held.seek(0, os.SEEK_END) > reached else tries + 1
            if tries >= self._connection.patience.tries:
                raise Unreachable(f"The download does not get beyond byte {reached}: {reason}") from reason
            self._connection.sleep(pause)
        held.flush()
        os.fsync(held.fileno())

    def _append(self, file: File, held: BinaryIO, reached: int, on_bytes: OnBytes | None) -> None:
        headers = {"Range": f"bytes={reached}-"} if reached else {}
        with self._connection.streamed(file.url, headers) as response:
            if response.status_code != httpx.codes.PARTIAL_CONTENT:
                # The whole file all the same, or none from there on: what lies here is not of this file.
                held.truncate(0)
                reached = 0
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise httpx.ReadError("what came earlier is more than the file")
            # In pieces as they come: gathered into larger ones, what came before a cut would be lost.
            for block in response.iter_raw():
                held.write(block)
                reached += len(block)
                if on_bytes:
                    on_bytes(reached, file.byte_size or reached)


def _is_right(file: File, path: Path) -> bool:
    return sha256_of(path) == file.sha256


def _same_or_refuse(file: File, target: Path) -> Path:
    if not _is_right(file, target):
        raise FileExistsError(f"{target} is there already, and is another file.")
    return target


def _put(file: File, part: Path, target: Path) -> Path:
    """Give the finished part its name, unless somebody else has taken that meanwhile."""
    try:
        os.link(part, target)
    except FileExistsError:
        return _same_or_refuse(file, target)
    except OSError:
        # No hard links on this disk.
        if target.exists():
            return _same_or_refuse(file, target)
        part.rename(target)
        return target
    finally:
        part.unlink(missing_ok=True)
    return target
