"""Small factories by hand: sensible defaults, everything can be said by keyword, the real services do the
work."""

import itertools
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from archive.models import Collection, Membership, Photo
from archive.services import add_member, create_collection, ingest_photo
from tests import pictures

PASSWORD = "a long walk home"

_numbers = itertools.count(1)


def make_user(username: str = "", *, password: str = PASSWORD, **fields: Any) -> User:
    return User.objects.create_user(username or f"user-{next(_numbers)}", password=password, **fields)


def make_collection(
    *,
    owner: User | None = None,
    title: str = "",
    members: dict[User, Membership.Role] | None = None,
    **fields: Any,
) -> Collection:
    """Make a collection; `members` maps further users to their roles."""
    number = next(_numbers)
    collection = create_collection(
        owner=owner or make_user(), title=title or f"Collection {number}", **fields
    )
    for user, role in (members or {}).items():
        add_member(collection=collection, user=user, role=role)
    return collection


def make_upload(content: bytes | None = None, name: str = "photo.png") -> SimpleUploadedFile:
    """Make an uploaded file; without `content`, a picture unlike all earlier ones."""
    return SimpleUploadedFile(
        name, pictures.png(pictures.portrait(seed=next(_numbers))) if content is None else content
    )


def make_photo(
    *,
    collection: Collection | None = None,
    uploaded_by: User | None = None,
    content: bytes | None = None,
    filename: str = "photo.png",
) -> Photo:
    """Ingest a photo, files and all; without `content`, a picture unlike all earlier ones."""
    collection = collection or make_collection()
    return ingest_photo(
        collection=collection,
        uploaded_by=uploaded_by or collection.owner,
        file=make_upload(content, filename),
        filename=filename,
    )
