"""The way in: one object for one Pulih and one token."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from pulih_client.collections import Collections
from pulih_client.connection import Connection, Patience
from pulih_client.downloads import Downloads
from pulih_client.photos import Photos
from pulih_client.restorations import Restorations, Reviews
from pulih_client.uploads import RESUMABLE_FROM, Uploads


class Client:
    """Everything that a token may do at `address` ("https://archive.example.org").

        with Client("http://127.0.0.1:8000", token) as pulih:
            album = pulih.collections.create("Album 3")
            photo = pulih.uploads.send(album.id, Path("torn.jpg"))
            restoration = pulih.restorations.wait(pulih.restorations.start(photo.id).id)
            pulih.downloads.save(restoration.result, Path("mended.jpg"))

    `timeout`: seconds without any byte. Files from `resumable_from` bytes on are sent in parts. `sleep` is
    called with the seconds to wait whenever something failed and is tried again.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        timeout: float = 60.0,
        patience: Patience | None = None,
        resumable_from: int = RESUMABLE_FROM,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.connection = Connection(address, token, timeout=timeout, patience=patience, sleep=sleep)
        self.collections = Collections(self.connection)
        self.photos = Photos(self.connection)
        self.uploads = Uploads(self.connection, self.photos, resumable_from=resumable_from)
        self.restorations = Restorations(self.connection)
        self.reviews = Reviews(self.connection)
        self.downloads = Downloads(self.connection)

    @classmethod
    def signed_in(cls, address: str, username: str, password: str, **options: Any) -> Self:
        """With a new token for a user name and password. Raises ApiError where they do not fit."""
        return cls(address, token_for(address, username, password), **options)

    def me(self) -> dict[str, Any]:
        """Whose token it is."""
        return self.connection.get("me/")

    def close(self) -> None:
        """Let go of the sockets."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def token_for(address: str, username: str, password: str, *, patience: Patience | None = None) -> str:
    """A new token, good for 30 days. Raises ApiError where name and password do not fit."""
    connection = Connection(address, "", patience=patience)
    try:
        answer = connection.request(
            "POST", "token/", json={"username": username, "password": password}, repeatable=True
        )
    finally:
        connection.close()
    token: str = answer.json()["token"]
    return token
