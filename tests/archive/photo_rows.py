"""Photos without files: enough for the catalogue, and quick."""

from typing import Any

from archive.models import Collection, Original, Photo


def make_row(collection: Collection, filename: str, **fields: Any) -> Photo:
    """A photo that is only a row, of an original that is only a row; uploaded by the collection's owner."""
    number = Original.objects.count() + 1
    media_type = fields.pop("media_type", "image/png")
    original = Original.objects.create(
        sha256=f"{number:064x}", byte_size=1, media_type=media_type, width=1, height=1
    )
    uploaded_by = fields.pop("uploaded_by", collection.owner)
    return Photo.objects.create(
        collection=collection, original=original, filename=filename, uploaded_by=uploaded_by, **fields
    )
