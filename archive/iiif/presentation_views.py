"""The Presentation API 3.0: https://iiif.io/api/presentation/3.0/"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.access.visitors import Visitor
from archive.iiif.collections import collection_of_photos, collection_page, root_collection
from archive.iiif.manifests import manifest
from archive.iiif.views import IIIFView, json_ld
from archive.iiif.visitors import note_caching, seen_by, visitors_of
from archive.models import Collection, Photo

_MAX_AGE = 300  # seconds; what people write and decide changes


class RootCollection(IIIFView):
    """The topmost collections that the caller may see: a member's own, or those open to guests."""

    def get(self, request: Request) -> HttpResponseBase:
        visitor = next(visitors_of(request))
        return _answer(request, visitor, root_collection(visitor, request))


class CollectionOfPhotos(IIIFView):
    """A collection: its parts, and its photos, or pages of them."""

    def get(self, request: Request, collection_id: UUID) -> HttpResponseBase:
        visitor, collection = _collection(request, collection_id)
        return _answer(request, visitor, collection_of_photos(collection, visitor, request))


class CollectionPage(IIIFView):
    """A page of a collection's own photos."""

    def get(self, request: Request, collection_id: UUID, number: int) -> HttpResponseBase:
        visitor, collection = _collection(request, collection_id)
        page = collection_page(collection, number, visitor, request)
        if page is None:
            raise Http404
        return _answer(request, visitor, page)


class PhotoManifest(IIIFView):
    """A photo: one canvas, on it the original and what was made of it, to choose from."""

    def get(self, request: Request, photo_id: UUID) -> HttpResponseBase:
        def look(visitor: Visitor) -> Photo | None:
            visible = Photo.objects.visible_to(visitor).filter(pk=photo_id)
            return visible.select_related("original", "collection").defer("original__embedded").first()

        visitor, photo = seen_by(request, look)
        return _answer(request, visitor, manifest(photo, visitor, request))


def _collection(request: Request, key: UUID) -> tuple[Visitor, Collection]:
    return seen_by(request, lambda visitor: Collection.objects.visible_to(visitor).filter(pk=key).first())


def _answer(request: Request, visitor: Visitor, document: dict[str, Any]) -> HttpResponseBase:
    response = json_ld(request, document)
    note_caching(response, visitor, max_age=_MAX_AGE)
    return response
