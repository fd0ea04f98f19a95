"""What a public page says to machines, in the words of schema.org."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from archive.models import Collection, Photo
from archive.presentation.addresses import absolute
from restoration.models import GalleryPhoto, Restoration

_CONTEXT = {"@context": "https://schema.org"}
# Of schema.org's IPTCDigitalSourceEnumeration; the file itself says the same in its metadata.
_BY_AI = "https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource"
_ISO_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


def collection_data(
    collection: Collection, parent: Collection | None, photos: Iterable[Photo], request: HttpRequest
) -> dict[str, Any]:
    """A public collection, with the photos of the page that is shown."""
    record = {
        "@type": ["ArchiveComponent", "Collection"],
        "@id": _page_of_collection(collection, request),
        "url": _page_of_collection(collection, request),
        "name": collection.title,
        **_described(collection),
        "hasPart": [
            {"@type": "Photograph", "name": str(photo), "url": _page_of_photo(photo, request)}
            for photo in photos
        ],
    }
    if parent is not None:
        record["isPartOf"] = _part_of(parent, request)
    return _CONTEXT | _said(record)


def photo_data(photo: GalleryPhoto, restoration: Restoration | None, request: HttpRequest) -> dict[str, Any]:
    """A public photo with its pictures; which of them an algorithm had a hand in is said of each."""
    pictures = [
        {
            "@type": "ImageObject",
            "name": _("Original"),
            "contentUrl": absolute(reverse("archive:guest_rendition", args=[photo.pk, "web"]), request),
            "representativeOfPage": restoration is None,
        }
    ]
    if restoration is not None:
        pictures.append(
            {
                "@type": "ImageObject",
                "name": _("Restored by AI"),
                "contentUrl": absolute(
                    reverse("restoration:guest_result_rendition", args=[restoration.pk, "web"]), request
                ),
                "digitalSourceType": _BY_AI,
                "representativeOfPage": True,
            }
        )
    record = {
        "@type": ["ArchiveComponent", "Photograph"],
        "@id": _page_of_photo(photo, request),
        "url": _page_of_photo(photo, request),
        "name": str(photo),
        **_described(photo),
        "contributor": photo.contributor,
        "publisher": photo.publisher and {"@type": "Organization", "name": photo.publisher},
        "contentLocation": photo.place and {"@type": "Place", "name": photo.place},
        "image": pictures,
        "isPartOf": _part_of(photo.collection, request),
    }
    return _CONTEXT | _said(record)


def licence_of(rights: str) -> str:
    """The address of the licence that a statement of rights names; "" where it names none."""
    found = re.search(r"https?://[^\s<>\"]+[^\s<>\".,;)]", rights)
    return found.group() if found else ""


def _described(row: Collection | Photo) -> dict[str, Any]:
    dated = "dateCreated" if _ISO_DATE.fullmatch(row.date_edtf) else "temporalCoverage"
    return {
        "description": row.description,
        "creator": row.creator and {"@type": "Person", "name": row.creator},
        dated: row.date_edtf,
        "inLanguage": row.language,
        "identifier": row.call_number,
        "copyrightNotice": row.rights,
        "license": licence_of(row.rights),
    }


def _said(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value not in ("", [], None)}


def _part_of(collection: Collection, request: HttpRequest) -> dict[str, Any]:
    page = _page_of_collection(collection, request)
    return {"@type": ["ArchiveComponent", "Collection"], "@id": page, "name": collection.title, "url": page}


def _page_of_collection(collection: Collection, request: HttpRequest) -> str:
    return absolute(reverse("restoration:guest_collection", args=[collection.pk]), request)


def _page_of_photo(photo: Photo, request: HttpRequest) -> str:
    return absolute(reverse("restoration:guest_photo", args=[photo.pk]), request)
