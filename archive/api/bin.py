"""Deleting and the bin over REST."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.keeping_serializers import BinSerializer
from archive.models import Collection, Photo
from archive.services import delete_collection, delete_photo, take_back_collection, take_back_photo

_PHOTOS_PER_PAGE = 50
_GONE = {204: None, 409: ApiErrorSerializer}


class DeletesPhoto:
    """Adds DELETE to a photo's own address."""

    @extend_schema(operation_id="photos_delete", request=None, responses=_GONE)
    def delete(self, request: Request, pk: Any) -> Response:
        """Put the photo into the bin; curators may. 409 under legal hold."""
        photos = Photo.objects.visible_to(request.user).select_related("collection", "original")
        photo = get_object_or_404(photos, pk=pk)
        if not Photo.objects.curated_by(request.user).filter(pk=photo.pk).exists():
            raise PermissionDenied
        delete_photo(photo=photo, actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DeletesCollection:
    """Adds DELETE to a collection's own address."""

    @extend_schema(operation_id="collections_delete", request=None, responses=_GONE)
    def delete(self, request: Request, pk: Any) -> Response:
        """Put the collection into the bin, with everything below it; owners may. 409 under legal hold."""
        collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=pk)
        if not Collection.objects.owned_by(request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        delete_collection(collection=collection, actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Bin(generics.GenericAPIView[Photo]):
    """What the caller may take back, last deleted first."""

    serializer_class = BinSerializer
    queryset = Photo.objects.none()
    pagination_class = None

    @extend_schema(operation_id="bin", parameters=[OpenApiParameter("page", int)], responses=BinSerializer)
    def get(self, request: Request) -> Response:
        photos = Photo.objects.in_bin(request.user).select_related("deleted_by")
        paginator = Paginator(photos.order_by("-deleted_at", "pk"), _PHOTOS_PER_PAGE)
        collections = Collection.objects.in_bin(request.user).select_related("deleted_by")
        found = {
            "days": settings.PULIH_BIN_DAYS,
            "collections": collections.order_by("-deleted_at", "pk"),
            "photo_count": paginator.count,
            "photos": paginator.get_page(request.query_params.get("page")).object_list,
        }
        return Response(self.get_serializer(found).data)


class PhotoTakeBack(generics.GenericAPIView[Photo]):
    """Takes a photo out of the bin."""

    scopes = {"POST": Scope.ADMIN}
    queryset = Photo.objects.none()

    @extend_schema(operation_id="photos_take_back", request=None, responses=_GONE)
    def post(self, request: Request, photo_id: Any) -> Response:
        photos = Photo.objects.in_bin(request.user).select_related("collection", "original")
        take_back_photo(photo=get_object_or_404(photos, pk=photo_id), actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CollectionTakeBack(generics.GenericAPIView[Collection]):
    """Takes a collection out of the bin, with everything that went there with it."""

    scopes = {"POST": Scope.ADMIN}
    queryset = Collection.objects.none()

    @extend_schema(operation_id="collections_take_back", request=None, responses=_GONE)
    def post(self, request: Request, collection_id: Any) -> Response:
        collection = get_object_or_404(Collection.objects.in_bin(request.user), pk=collection_id)
        take_back_collection(collection=collection, actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
