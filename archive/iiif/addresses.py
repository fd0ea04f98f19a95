"""Addresses of what IIIF names, whole: viewers and other houses keep them."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request

from archive.access.visitors import Guest, Visitor
from archive.iiif.pictures import ServedPicture
from archive.models import Collection, Photo
from archive.presentation.addresses import absolute


def service_address(identifier: str, request: Request) -> str:
    """A picture's base address in the Image API."""
    return absolute(reverse("iiif:image", args=[identifier]), request._request)


def info_address(picture: ServedPicture, request: Request) -> str:
    """What is known of a picture."""
    return absolute(reverse("iiif:image_info", args=[picture.identifier]), request._request)


def image_address(picture: ServedPicture, canonical: str, request: Request) -> str:
    """A picture or a part of it; `canonical` as an ImageRequest has it."""
    return f"{service_address(picture.identifier, request)}/{canonical}"


def manifest_address(photo: UUID, request: Request) -> str:
    """A photo's manifest."""
    return absolute(reverse("iiif:manifest", args=[photo]), request._request)


def collection_address(collection: UUID | None, request: Request) -> str:
    """A collection; None: the one that holds all that the caller may see."""
    path = reverse("iiif:collection", args=[collection]) if collection else reverse("iiif:root")
    return absolute(path, request._request)


def page_address(collection: UUID, number: int, request: Request) -> str:
    """A page of a collection's photos, from 1."""
    return absolute(reverse("iiif:collection_page", args=[collection, number]), request._request)


def home_of_photo(photo: Photo, visitor: Visitor, request: Request) -> str:
    """The page on which this visitor sees the photo."""
    name = "guest_photo" if isinstance(visitor, Guest) else "photo_detail"
    return absolute(reverse(f"restoration:{name}", args=[photo.pk]), request._request)


def home_of_collection(collection: Collection, visitor: Visitor, request: Request) -> str:
    """As `home_of_photo`."""
    name = "guest_collection" if isinstance(visitor, Guest) else "collection_detail"
    return absolute(reverse(f"restoration:{name}", args=[collection.pk]), request._request)
