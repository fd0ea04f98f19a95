"""Descriptions of photos as a table in a CSV file (UTF-8, comma, CRLF), written row by row.

Spreadsheets run a cell that begins like a formula (OWASP: "CSV Injection"); so such a cell gets an apostrophe
in front, which `archive.description.metadata_table` takes off again.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse

from archive.description.fields import PHOTO_FIELDS

if TYPE_CHECKING:
    from archive.models import Photo
    from archive.querysets.visible import PhotoQuerySet

# What a photo is recognised by, then what is said about it.
COLUMNS = ("photo", "collection", "folder", "filename", "sha256", *PHOTO_FIELDS, "tags")

_CHUNK = 500
# Full-width signs count as well: some spreadsheets read them as the plain ones.
_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def metadata_csv(photos: PhotoQuerySet) -> Iterator[str]:
    """The lines of the table, its heading first, in the order of `photos`; few are in memory at a time.

    Tags stand in one cell, parted by "; ". Dates are EDTF.
    """
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    rows = photos.select_related("original", "collection").prefetch_related("tags")
    for photo in rows.iterator(chunk_size=_CHUNK):
        yield writer.writerow([neutralised(cell) for cell in _cells(photo)])


def metadata_csv_response(photos: PhotoQuerySet) -> StreamingHttpResponse:
    """The table as a download; with a byte order mark, without which spreadsheets guess at the letters."""
    lines = itertools.chain(["\ufeff"], metadata_csv(photos))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="descriptions.csv"'
    return response


def neutralised(cell: str) -> str:
    """`cell` so that no spreadsheet takes it for a formula; `as_written` gives it back exactly."""
    return f"'{cell}" if _LIKE_A_FORMULA.match(cell) else cell


def as_written(cell: str) -> str:
    """What `neutralised` was given."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def _cells(photo: Photo) -> list[str]:
    recognised = [str(photo.pk), photo.collection.title, photo.folder, photo.filename, photo.original.sha256]
    said = [getattr(photo, name) for name in PHOTO_FIELDS]
    return [*recognised, *said, "; ".join(tag.name for tag in photo.tags.all())]


class _Echo:
    """A file that gives every line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line
