"""A CSV file with descriptions, read: whatever spreadsheets write, in columns that we know."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from archive.description.fields import PHOTO_FIELDS
from archive.description.metadata_csv import as_written
from archive.description.single_line import one_line
from archive.messages import input_error

# What one process can hold and read again whenever a worker takes its turn.
MAX_BYTES = 50 * 2**20
MAX_ROWS = 50_000
_MAX_CELL = 100_000

# By which column a row's photo may be found, the surest first.
KEYS = ("photo", "sha256", "call_number", "filename")
# Our own tables say the collection as well; a row's folder tells photos of one name apart.
_KNOWN = {*KEYS, *PHOTO_FIELDS, "tags", "folder", "collection"}
# Words of Dublin Core and of other people's tables, for the fields as we call them.
_ALIASES = {
    "id": "photo",
    "checksum": "sha256",
    "sha-256": "sha256",
    "identifier": "call_number",
    "file": "filename",
    "file_name": "filename",
    "original_filename": "filename",
    "date": "date_edtf",
    "dates": "date_edtf",
    "author": "creator",
    "photographer": "creator",
    "coverage": "place",
    "spatial": "place",
    "location": "place",
    "keywords": "tags",
    "subject": "tags",
    "subjects": "tags",
    "note": "notes",
}


@dataclass(frozen=True, slots=True)
class MetadataTable:
    """`columns`: ours that the file has. `ignored`: headings that mean nothing to us.

    `rows`: (line of the file where it begins, {column: cell}), without the rows that are empty.
    """

    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]]


def decode_table(content: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 with its mark as spreadsheets write "Unicode text".

    Raises InputError archive:csv:too-large, archive:csv:not-text.
    """
    if len(content) > MAX_BYTES:
        raise input_error("archive:csv:too-large", limit=f"{MAX_BYTES // 2**20} MiB")
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise input_error("archive:csv:not-text") from error
    if "\x00" in text:
        raise input_error("archive:csv:not-text")
    return text


def read_table(text: str) -> MetadataTable:
    """Read a table parted by commas, semicolons or tabs, whichever its first line has most of.

    Raises InputError archive:csv:broken, archive:csv:no-columns, archive:csv:column-twice,
    archive:csv:too-many-rows.
    """
    first_line = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(",;\t", key=first_line.count), strict=True
    )
    try:
        headings = [one_line(heading) for heading in next(reader, [])]
        columns = [_column(heading) for heading in headings]
        known = [column for column in columns if column]
        if not known:
            raise input_error("archive:csv:no-columns")
        if twice := next((column for column in known if known.count(column) > 1), None):
            raise input_error("archive:csv:column-twice", column=twice)
        rows = []
        begins = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _check(cells, columns, begins)
                named = zip(columns, cells, strict=False)
                rows.append((begins, {column: as_written(cell) for column, cell in named if column}))
            if len(rows) > MAX_ROWS:
                raise input_error("archive:csv:too-many-rows", limit=MAX_ROWS)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise input_error("archive:csv:broken", line=reader.line_num) from error
    ignored = tuple(
        heading for heading, column in zip(headings, columns, strict=True) if not column and heading
    )
    return MetadataTable(tuple(known), ignored, rows)


def _column(heading: str) -> str | None:
    name = heading.casefold().removeprefix("dc:").removeprefix("dcterms:").replace(" ", "_")
    name = _ALIASES.get(name, name)
    return name if name in _KNOWN else None


def _check(cells: list[str], columns: list[str | None], line: int) -> None:
    """More cells than headings mean that a comma stood somewhere without quotation marks."""
    if any(cell.strip() for cell in cells[len(columns) :]) or any(len(cell) > _MAX_CELL for cell in cells):
        raise input_error("archive:csv:broken", line=line)
