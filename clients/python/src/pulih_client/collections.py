"""Collections: the tree, new ones, changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulih_client.connection import Connection
from pulih_client.records import Branch, Collection, Progress


class Collections:
    """Those that one may see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Iterator[Collection]:
        """Every one, newest first."""
        return (Collection.read(data) for data in self._connection.pages("collections/"))

    def tree(self) -> list[Branch]:
        """All of them as they lie in each other, by title. What lies in something hidden is at the top."""
        branches = {each.id: Branch(each, []) for each in self.all()}
        top: list[Branch] = []
        for branch in sorted(branches.values(), key=lambda branch: branch.collection.title.casefold()):
            whole = branches.get(branch.collection.parent or "")
            (whole.below if whole else top).append(branch)
        return top

    def get(self, collection: str) -> Collection:
        """One of them, by its id."""
        response = self._connection.request("GET", f"collections/{collection}/")
        return Collection.read(response.json(), response.headers.get("etag"))

    def create(self, title: str, *, parent: str | None = None, **fields: Any) -> Collection:
        """A new one. `fields`: level, description, auto_restore and whatever else the API takes."""
        wanted = {"title": title, **fields} | ({"parent": parent} if parent else {})
        return Collection.read(self._connection.post("collections/", wanted))

    def change(self, collection: Collection, **fields: Any) -> Collection:
        """Change what is said about it; returns it as it is now.

        Raises Changed where somebody else has changed it since `collection` was got by `get` or `change`.
        """
        headers = {"If-Match": collection.etag} if collection.etag else {}
        response = self._connection.request(
            "PATCH", f"collections/{collection.id}/", headers=headers, json=fields
        )
        return Collection.read(response.json(), response.headers.get("etag"))

    def progress(self, collection: str) -> Progress:
        """How far its restorations are, and those of what lies below."""
        return Progress.read(self._connection.get(f"collections/{collection}/progress/"))
