"""Collections as the Presentation API 3.0 has them: parts and photos, many photos in pages.

That API knows no pages of its own, so that a page is a Collection in the Collection.
"""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from archive.access.visitors import Visitor
from archive.iiif.addresses import (
    collection_address,
    home_of_collection,
    manifest_address,
    page_address,
)
from archive.iiif.descriptions import described
from archive.iiif.language_maps import LanguageMap, as_written, in_each_language
from archive.iiif.manifests import CONTEXT, thumbnail
from archive.models import CatalogueEntry, Collection, Photo
from archive.querysets.visible import CollectionQuerySet

PAGE_SIZE = 200
"""Photos of a page; as many and no more stand in the collection itself."""


def root_collection(visitor: Visitor, request: Request) -> dict[str, Any]:
    """The topmost collections that the visitor may see."""
    organisation = settings.PULIH_ORGANISATION
    label = as_written([organisation]) if organisation else in_each_language(_("Collections"))
    return _document(
        collection_address(None, request),
        {"label": label},
        _parts(Collection.objects.visible_to(visitor).topmost(), request),
    )


def collection_of_photos(collection: Collection, visitor: Visitor, request: Request) -> dict[str, Any]:
    """The collection, which must be visible to the visitor: its parts, then its photos, oldest first."""
    visible = Collection.objects.visible_to(visitor)
    number = _photos_in(collection).count()
    if number <= PAGE_SIZE:
        photos = _photos(collection, 1, request)
    else:
        pages = range(1, math.ceil(number / PAGE_SIZE) + 1)
        photos = [
            _reference(page_address(collection.pk, page, request), _page_label(page, number))
            for page in pages
        ]
    words = described(collection)
    above: dict[str, Any] = {
        "homepage": [
            {
                "id": home_of_collection(collection, visitor, request),
                "type": "Text",
                "label": words["label"],
                "format": "text/html",
            }
        ]
    }
    parent = visible.filter(children=collection).first()
    if parent is not None:
        above["partOf"] = [_collection_reference(parent, request)]
    return _document(
        collection_address(collection.pk, request),
        words | above,
        [*_parts(visible.filter(parent=collection), request), *photos],
    )


def collection_page(
    collection: Collection, number: int, visitor: Visitor, request: Request
) -> dict[str, Any] | None:
    """A page of the collection's photos, from 1; None where there is none."""
    photos = _photos(collection, number, request) if number >= 1 else []
    if not photos:
        return None
    whole = {"partOf": [_collection_reference(collection, request)]}
    label = _page_label(number, (number - 1) * PAGE_SIZE + len(photos))
    return _document(page_address(collection.pk, number, request), {"label": label} | whole, photos)


def _document(address: str, words: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"@context": CONTEXT, "id": address, "type": "Collection", **words, "items": items}


def _parts(collections: CollectionQuerySet, request: Request) -> list[dict[str, Any]]:
    ordered = collections.order_by("call_number", "title", "pk")
    return [_collection_reference(each, request) for each in ordered]


def _collection_reference(collection: Collection, request: Request) -> dict[str, Any]:
    return _reference(collection_address(collection.pk, request), as_written([collection.title]))


def _reference(address: str, label: LanguageMap) -> dict[str, Any]:
    return {"id": address, "type": "Collection", "label": label}


def _photos_in(collection: Collection) -> Any:
    """Keys of the collection's own photos: those in the catalogue are not in the bin."""
    entries = CatalogueEntry.objects.filter(collection=collection)
    return entries.order_by("added_at", "id").values_list("photo", flat=True)


def _photos(collection: Collection, page: int, request: Request) -> list[dict[str, Any]]:
    first = (page - 1) * PAGE_SIZE
    keys: list[UUID] = list(_photos_in(collection)[first : first + PAGE_SIZE])
    photos = Photo.objects.only("title", "filename").in_bulk(keys)
    return [
        {
            "id": manifest_address(key, request),
            "type": "Manifest",
            "label": as_written([str(photos[key])]),
            "thumbnail": [thumbnail(photos[key], request)],
        }
        for key in keys
        if key in photos
    ]


def _page_label(page: int, number: int) -> LanguageMap:
    first, last = (page - 1) * PAGE_SIZE + 1, min(page * PAGE_SIZE, number)
    return in_each_language(format_lazy(_("Photos {first} to {last}"), first=first, last=last))
