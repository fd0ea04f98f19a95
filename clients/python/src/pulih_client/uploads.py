"""Sending files: small ones in one request, large ones so that a broken connection costs little."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pulih_client import tus
from pulih_client.connection import Connection
from pulih_client.errors import Damaged, NotFound
from pulih_client.hashing import OnBytes, sha256_of
from pulih_client.photos import Photos
from pulih_client.records import Photo

RESUMABLE_FROM = 8 * 1024 * 1024
"""Bytes. Below it, sending all of a file again costs less than the requests that avoid it."""


def _tell_nobody(_sent: int, _length: int) -> None:
    pass


class Uploads:
    """Into collections, at whose curators' desks they are."""

    def __init__(
        self, connection: Connection, photos: Photos, *, resumable_from: int = RESUMABLE_FROM
    ) -> None:
        self._connection = connection
        self._photos = photos
        self._resumable_from = resumable_from

    def send(
        self,
        collection: str,
        path: Path,
        *,
        folder: str = "",
        sha256: str = "",
        place: str | None = None,
        on_place: Callable[[str], None] | None = None,
        on_bytes: OnBytes = _tell_nobody,
    ) -> Photo:
        """Send one picture; the photo that it became. `folder` is kept as where it lay.

        `sha256` saves reading the file an extra time. `place` is where an earlier try has begun, as
        `on_place` was told it. Raises AlreadyThere where the collection has the same file, ApiError for what
        is no picture, Damaged should other bytes have arrived.
        """
        sha256 = sha256 or sha256_of(path)
        length = path.stat().st_size
        filename, folder = _readable(path.name), _readable(folder)
        if length < self._resumable_from:
            data = {"folder": folder, "sha256": sha256}
            with path.open("rb") as file:
                answer = self._connection.post_file(
                    f"collections/{collection}/photos/", "file", file, filename, data
                )
            photo = Photo.read(answer)
            on_bytes(length, length)
        else:
            metadata = {
                "filename": filename,
                "relativePath": f"{folder}/{filename}" if folder else "",
                "sha256": sha256,
            }
            photo = self._in_parts(
                collection, path, metadata=metadata, place=place, on_place=on_place, on_bytes=on_bytes
            )
        if photo.original.sha256 != sha256:
            raise Damaged(f"{path} has arrived as {photo.original.sha256}, and is {sha256}")
        return photo

    def _in_parts(
        self,
        collection: str,
        path: Path,
        *,
        metadata: dict[str, str],
        place: str | None,
        on_place: Callable[[str], None] | None,
        on_bytes: OnBytes,
    ) -> Photo:
        length = path.stat().st_size
        endpoint = f"collections/{collection}/uploads/"
        with path.open("rb") as file:
            while True:
                is_old = place is not None
                if place is None:
                    place = tus.begin(self._connection, endpoint, length=length, metadata=metadata)
                    if on_place:
                        on_place(place)
                try:
                    tus.send(self._connection, place, file, length=length, on_bytes=on_bytes)
                    state = tus.outcome(self._connection, place)
                except NotFound:
                    if not is_old:
                        raise
                    # It was cleared away since; nothing is lost but time.
                    place = None
                else:
                    return self._photos.get(state["photo"])


def _readable(name: str) -> str:
    """A name that is no Unicode, with a mark in place of what it holds."""
    return name.encode(errors="replace").decode()
