"""What Pulih tells, typed. `data` holds all of an answer, what is newer than this package too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

UNFINISHED = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection. `role` is one's own in it; `etag` is known where it was asked for by itself."""

    id: str
    title: str
    parent: str | None
    level: str
    role: str
    photo_count: int
    auto_restore: bool
    etag: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, data: Mapping[str, Any], etag: str | None = None) -> Self:
        """Out of an answer."""
        return cls(
            id=data["id"],
            title=data["title"],
            parent=data["parent"],
            level=data["level"],
            role=data["role"],
            photo_count=data["photo_count"],
            auto_restore=data["auto_restore"],
            etag=etag,
            data=data,
        )


@dataclass(frozen=True, slots=True)
class Branch:
    """A collection with what lies below it."""

    collection: Collection
    below: list[Branch]


@dataclass(frozen=True, slots=True)
class File:
    """A file that can be fetched from `url`. `byte_size` is None where the server does not tell."""

    url: str
    sha256: str
    media_type: str
    byte_size: int | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Out of an answer."""
        return cls(data["url"], data["sha256"], data["media_type"], data.get("byte_size"))


@dataclass(frozen=True, slots=True)
class Restoration:
    """A restoration. `progress` is in per cent; `layers` are pictures of damage, change and invention."""

    id: str
    photo: str
    status: str
    progress: int
    review_state: str
    result: File | None
    hand: File | None
    layers: Mapping[str, File]
    warnings: list[str]
    error_code: str
    error_message: str
    data: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Out of an answer."""
        error = data["error"] or {}
        return cls(
            id=data["id"],
            photo=data["photo"],
            status=data["status"],
            progress=data["progress"],
            review_state=data["review_state"],
            result=File.read(data["result"]) if data["result"] else None,
            hand=File.read(data["hand"]) if data["hand"] else None,
            layers={name: File.read(layer) for name, layer in data["layers"].items() if layer},
            warnings=[warning["message"] for warning in data["warnings"]],
            error_code=error.get("code", ""),
            error_message=error.get("message", ""),
            data=data,
        )

    @property
    def is_finished(self) -> bool:
        """Whether waiting for it is over, well or not."""
        return self.status not in UNFINISHED


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo: its original, and its newest restoration if it has one."""

    id: str
    collection: str
    filename: str
    folder: str
    title: str
    tags: list[str]
    original: File
    latest_restoration: Restoration | None
    etag: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, data: Mapping[str, Any], etag: str | None = None) -> Self:
        """Out of an answer."""
        newest = data["latest_restoration"]
        return cls(
            id=data["id"],
            collection=data["collection"],
            filename=data["filename"],
            folder=data["folder"],
            title=data["title"],
            tags=list(data["tags"]),
            original=File.read({"url": data["original_url"], **data["original"]}),
            latest_restoration=Restoration.read(newest) if newest else None,
            etag=etag,
            data=data,
        )


@dataclass(frozen=True, slots=True)
class Review:
    """A decision about a restoration."""

    id: str
    decision: str
    reason: str
    comment: str
    reviewer: str | None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Out of an answer."""
        return cls(data["id"], data["decision"], data["reason"], data["comment"], data["reviewer"])


@dataclass(frozen=True, slots=True)
class Progress:
    """Photos of a collection and below it, by where they stand; `seconds_left` is None where nobody knows."""

    total: int
    waiting: int
    running: int
    done: int
    reviewed: int
    failed: int
    not_restored: int
    seconds_left: float | None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Out of an answer."""
        return cls(**{name: data[name] for name in cls.__slots__})
