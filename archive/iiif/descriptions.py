"""What Dublin Core says of photos and collections, as viewers of IIIF show it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from archive.description.date_words import date_in_words
from archive.description.fields import COLLECTION_FIELDS, PHOTO_FIELDS
from archive.iiif.language_maps import LanguageMap, Words, as_written, in_each_language
from archive.iiif.pictures import ServedPicture
from archive.models import Collection, Photo

_date_in_words = lazy(date_in_words, str)
# What has a place of its own in a manifest; notes are for those who work here.
_ELSEWHERE = {"title", "description", "rights", "notes"}
_LICENCES = re.compile(
    r"https?://((?:creativecommons\.org/(?:licenses|publicdomain)|rightsstatements\.org/vocab)/[\w./-]*\w/?)"
)


def described(row: Photo | Collection, pictures: Iterable[ServedPicture] = ()) -> dict[str, Any]:
    """Label, summary, metadata and rights of a photo (with its tags) or collection; and what of a photo's
    `pictures` must be told.
    """
    named = COLLECTION_FIELDS if isinstance(row, Collection) else PHOTO_FIELDS
    metadata = [_field(row, name) for name in named if name not in _ELSEWHERE and getattr(row, name)]
    if isinstance(row, Photo):
        metadata += _subjects(row)
    metadata += [_fact(term, value) for each in pictures for term, value in each.facts]
    record: dict[str, Any] = {"label": as_written([str(row)])}
    if row.description:
        record["summary"] = as_written([row.description])
    if metadata:
        record["metadata"] = metadata
    if licence := licence_of(row.rights):
        record["rights"] = licence
    if statement := _required(row, [each.notice for each in pictures if each.notice]):
        record["requiredStatement"] = statement
    if isinstance(row, Photo) and row.date_earliest:
        record["navDate"] = f"{row.date_earliest:%Y-%m-%d}T00:00:00Z".rjust(20, "0")
    return record


def licence_of(rights: str) -> str:
    """The licence that a statement of rights names, as IIIF writes it; "" where it names none that IIIF
    knows.
    """
    found = _LICENCES.search(rights)
    return f"http://{found.group(1)}" if found else ""


def _field(row: Photo | Collection, name: str) -> dict[str, LanguageMap]:
    text = getattr(row, name)
    term = next(field.verbose_name for field in row._meta.fields if field.name == name)
    value = in_each_language(_date_in_words(text)) if name == "date_edtf" else as_written([text])
    return {"label": in_each_language(term), "value": value}


def _subjects(photo: Photo) -> list[dict[str, LanguageMap]]:
    tags = sorted(tag.name for tag in photo.tags.all())
    return [{"label": in_each_language(_("Tags")), "value": as_written(tags)}] if tags else []


def _fact(term: Words, value: Words) -> dict[str, LanguageMap]:
    return {"label": in_each_language(term), "value": in_each_language(value)}


def _required(row: Photo | Collection, notices: list[Words]) -> dict[str, LanguageMap] | None:
    """Whose it is, and what was invented: viewers must show it."""
    said = [each for each in (row.rights, settings.PULIH_ORGANISATION, *dict.fromkeys(notices)) if each]
    if not said:
        return None
    return {"label": in_each_language(_("Rights and origin")), "value": in_each_language(*said)}
