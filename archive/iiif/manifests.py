"""A photo as a manifest of the Presentation API 3.0."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from archive.access.visitors import Visitor
from archive.iiif.addresses import (
    collection_address,
    home_of_photo,
    image_address,
    manifest_address,
    service_address,
)
from archive.iiif.descriptions import described
from archive.iiif.image_information import image_service
from archive.iiif.language_maps import as_written, in_each_language
from archive.iiif.parameters import MEDIA_TYPES, largest
from archive.iiif.pictures import ServedPicture, original_preview, pictures_of
from archive.models import Photo

CONTEXT = "http://iiif.io/api/presentation/3/context.json"
_JPEG = MEDIA_TYPES["jpg"]
_THUMBNAIL = "full/!320,320/0/default.jpg"


def manifest(photo: Photo, visitor: Visitor, request: Request) -> dict[str, Any]:
    """The photo, which must be visible to the visitor, as the visitor may see it.

    Needs `photo.original` and `photo.collection`.
    """
    address = manifest_address(photo.pk, request)
    pictures = pictures_of(visitor, photo)
    words = described(photo, pictures)
    return {
        "@context": CONTEXT,
        "id": address,
        "type": "Manifest",
        **words,
        "thumbnail": [thumbnail(photo, request)],
        "homepage": [
            {
                "id": home_of_photo(photo, visitor, request),
                "type": "Text",
                "label": words["label"],
                "format": "text/html",
            }
        ],
        "partOf": [
            {
                "id": collection_address(photo.collection_id, request),
                "type": "Collection",
                "label": as_written([str(photo.collection)]),
            }
        ],
        "items": [_canvas(photo, pictures, address, request) | {"label": words["label"]}],
    }


def thumbnail(photo: Photo, request: Request) -> dict[str, Any]:
    """The original, small, whoever asks: it is there for every photo. Needs `photo.original`."""
    service = service_address(original_preview(photo), request)
    return {"id": f"{service}/{_THUMBNAIL}", "type": "Image", "format": _JPEG}


def _canvas(photo: Photo, pictures: list[ServedPicture], address: str, request: Request) -> dict[str, Any]:
    canvas = address.removesuffix("/manifest") + "/canvas"
    bodies = [_body(each, request) for each in pictures]
    return {
        "id": canvas,
        "type": "Canvas",
        "width": photo.original.width,
        "height": photo.original.height,
        "items": [
            {
                "id": f"{canvas}/page",
                "type": "AnnotationPage",
                "items": [
                    {
                        "id": f"{canvas}/page/picture",
                        "type": "Annotation",
                        "motivation": "painting",
                        "target": canvas,
                        "body": bodies[0] if len(bodies) == 1 else {"type": "Choice", "items": bodies},
                    }
                ],
            }
        ],
    }


def _body(picture: ServedPicture, request: Request) -> dict[str, Any]:
    width, height = largest(picture.width, picture.height)
    return {
        "id": image_address(picture, "full/max/0/default.jpg", request),
        "type": "Image",
        "format": _JPEG,
        "width": width,
        "height": height,
        "label": in_each_language(picture.label),
        "service": [image_service(picture, request)],
    }
