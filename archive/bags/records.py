"""Rows as records: one JSON object a line, with all that another Pulih needs to have the same rows.

What is everybody's business stands in metadata/ (CSV, JSON-LD, PREMIS); these lie in records/ and are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive.description.fields import COLLECTION_FIELDS, PHOTO_FIELDS
from archive.files.derivatives import Derivative
from archive.messages import input_error
from archive.models import Collection, Photo

FORMAT = 1
"""Raised when an older Pulih could not read the records any more."""

ABOUT = "records/about.json"
COLLECTIONS = "records/collections.jsonl"
PHOTOS = "records/photos.jsonl"
DERIVATIVES = "records/derivatives.jsonl"
EVENTS = "records/events.jsonl"


def collection_record(collection: Collection, *, inside: bool) -> dict[str, Any]:
    """A collection; `inside`: whether what it is part of is in the bag, too."""
    return {
        "id": str(collection.pk),
        "parent": str(collection.parent_id) if inside else None,
        "level": collection.level,
        **{name: getattr(collection, name) for name in COLLECTION_FIELDS},
        "auto_restore": collection.auto_restore,
        "legal_hold": collection.legal_hold,
        "legal_hold_reason": collection.legal_hold_reason,
        "owner": collection.owner.get_username(),
        "created_at": collection.created_at.isoformat(),
    }


def photo_record(photo: Photo, *, path: str) -> dict[str, Any]:
    """A photo with its original, which lies at `path` in the bag. Needs original, uploaded_by and tags."""
    original = photo.original
    return {
        "id": str(photo.pk),
        "collection": str(photo.collection_id),
        "filename": photo.filename,
        "folder": photo.folder,
        **{name: getattr(photo, name) for name in PHOTO_FIELDS},
        "tags": sorted(tag.name for tag in photo.tags.all()),
        "uploaded_by": photo.uploaded_by.get_username(),
        "created_at": photo.created_at.isoformat(),
        "updated_at": photo.updated_at.isoformat(),
        "path": path,
        "sha256": original.sha256,
        "byte_size": original.byte_size,
        "media_type": original.media_type,
        "width": original.width,
        "height": original.height,
    }


def derivative_record(derivative: Derivative, *, source: str, paths: dict[str, str]) -> dict[str, Any]:
    """A derivative of the app `source`; `paths`: where in the bag its files lie, by role."""
    return {
        "id": str(derivative.id),
        "photo": str(derivative.photo_id),
        "source": source,
        "files": paths,
        "provenance": derivative.provenance,
    }


def json_line(record: dict[str, Any]) -> str:
    """The record as a line of its own."""
    return json.dumps(record, ensure_ascii=False) + "\n"


def read_record(text: str | bytes, *, file: str) -> dict[str, Any]:
    """The record in `text`. Raises InputError `archive:bag:unreadable`, which names the `file`."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise input_error("archive:bag:unreadable", file=file) from error
    if not isinstance(found, dict):
        raise input_error("archive:bag:unreadable", file=file)
    return found


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file, one at a time. Raises InputError as `read_record` does."""
    with path.open("rb") as lines:
        for line in lines:
            yield read_record(line, file=path.name)
