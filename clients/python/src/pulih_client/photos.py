"""Photos: finding them, all of them, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulih_client.connection import Connection
from pulih_client.records import Photo

_LARGEST_PAGE = 200


class Photos:
    """Those that one may see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, collection: str | None = None, **filters: Any) -> Iterator[Photo]:
        """Every photo, newest first; of one collection, where one is named. Fetched page by page as they are
        come to. `filters` as the API names them: tag, date, state, kind, sort ...
        """
        path = f"collections/{collection}/photos/" if collection else "photos/"
        asked = {"page_size": _LARGEST_PAGE, **filters}
        return (Photo.read(data) for data in self._connection.pages(path, asked))

    def search(self, words: str, collection: str | None = None, **filters: Any) -> Iterator[Photo]:
        """Photos by words: beginnings of them, "several in a row", -without."""
        return self.all(collection, q=words, **filters)

    def originals(self, collection: str) -> dict[str, str]:
        """What a collection holds already: SHA-256 of originals, and the ids of the photos they are."""
        asked = {"page_size": _LARGEST_PAGE, "fields": "id,original"}
        found = self._connection.pages(f"collections/{collection}/photos/", asked)
        return {photo["original"]["sha256"]: photo["id"] for photo in found}

    def get(self, photo: str) -> Photo:
        """One of them, by its id."""
        response = self._connection.request("GET", f"photos/{photo}/")
        return Photo.read(response.json(), response.headers.get("etag"))

    def describe(self, photo: Photo, **fields: Any) -> Photo:
        """Change what is said about it: title, description, date_edtf, tags ...; returns it as it is now.

        Raises Changed where somebody else has changed it since `photo` was got by `get` or `describe`.
        """
        headers = {"If-Match": photo.etag} if photo.etag else {}
        response = self._connection.request("PATCH", f"photos/{photo.id}/", headers=headers, json=fields)
        return Photo.read(response.json(), response.headers.get("etag"))
