"""The fields in which people describe photos and collections, and how what they write is made fit to keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import CharField

from archive.description.edtf_dates import read_edtf
from archive.description.single_line import one_line
from archive.messages import input_error
from archive.models import Collection, Photo

# In the order in which forms, tables and files show them. Tags come beside them: they are rows of their own.
PHOTO_FIELDS = (
    "title",
    "description",
    "creator",
    "contributor",
    "publisher",
    "date_edtf",
    "place",
    "rights",
    "language",
    "source",
    "relation",
    "call_number",
    "notes",
)
COLLECTION_FIELDS = (
    "title",
    "description",
    "creator",
    "date_edtf",
    "rights",
    "language",
    "call_number",
    "notes",
)
DATE_BOUNDS = ("date_earliest", "date_latest")

Changes = dict[str, dict[str, Any]]


def fill_in(row: Photo | Collection, fields: Mapping[str, str]) -> Changes:
    """Set `fields` on `row`, cleaned, without saving it; a date's bounds come along.

    Returns what is different now: {field: {"from": old, "to": new}}. Raises InputError
    archive:description:too-long, archive:date:not-edtf, archive:date:backwards, and TypeError for a field
    that is none of description's.
    """
    known = PHOTO_FIELDS if isinstance(row, Photo) else COLLECTION_FIELDS
    if unknown := fields.keys() - set(known):
        raise TypeError(f"not fields of description: {', '.join(sorted(unknown))}")
    cleaned = {name: clean_field(name, text, model=type(row)) for name, text in fields.items()}
    changes = differences(row, cleaned)
    for name in changes:
        setattr(row, name, cleaned[name])
    if "date_edtf" in changes:
        date = read_edtf(cleaned["date_edtf"])
        row.date_earliest, row.date_latest = date.earliest, date.latest
    return changes


def differences(row: Photo | Collection, cleaned: Mapping[str, str]) -> Changes:
    """What of `cleaned` is not so in `row`."""
    return {
        name: {"from": getattr(row, name), "to": text}
        for name, text in cleaned.items()
        if getattr(row, name) != text
    }


def clean_field(name: str, text: str, *, model: type[Photo] | type[Collection] = Photo) -> str:
    """`text` as the field `name` keeps it. Raises InputError as `fill_in` does."""
    field = model._meta.get_field(name)
    if not isinstance(field, CharField):  # several lines
        return "\n".join(_clean_line(line) for line in text.strip().splitlines()).strip()
    cleaned = one_line(text)
    if field.max_length is not None and len(cleaned) > field.max_length:
        raise input_error("archive:description:too-long", field=field.verbose_name, limit=field.max_length)
    return read_edtf(cleaned).text if name == "date_edtf" else cleaned


def _clean_line(line: str) -> str:
    # Blanks at the beginning may be meant: a list, a poem.
    indented = line[: len(line) - len(line.lstrip())].replace("\t", "    ")
    return indented + one_line(line)
