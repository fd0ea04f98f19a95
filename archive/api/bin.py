"""Deleting and the bin over REST."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.bulk import ItemsSerializer, PhotosSerializer, items, keys_among, named_photos, refusals
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.keeping_serializers import (
    BinnedCollectionSerializer,
    BinnedPhotoSerializer,
    BinSerializer,
)
from archive.api.preconditions import if_unchanged
from archive.models import Collection, Photo
from archive.services import (
    delete_collection,
    delete_each_photo,
    delete_photo,
    take_back_collection,
    take_back_each_photo,
    take_back_photo,
)

_GONE = {204: None, 409: ApiErrorSerializer}


class DeletesPhoto:
    """Adds DELETE to a photo's own address."""

    @extend_schema(operation_id="photos_delete", request=None, responses=_GONE)
    @if_unchanged
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
    @if_unchanged
    def delete(self, request: Request, pk: Any) -> Response:
        """Put the collection into the bin, with everything below it; owners may. 409 under legal hold."""
        collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=pk)
        if not Collection.objects.owned_by(request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        delete_collection(collection=collection, actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Bin(generics.GenericAPIView[Photo]):
    """The bin."""

    serializer_class = BinSerializer
    queryset = Photo.objects.none()

    @extend_schema(operation_id="bin", responses=BinSerializer)
    def get(self, request: Request) -> Response:
        """How long things lie in it, and how many the caller may take back."""
        found = {
            "days": settings.PULIH_BIN_DAYS,
            "collections": Collection.objects.in_bin(request.user).count(),
            "photos": Photo.objects.in_bin(request.user).order_by().count(),
        }
        return Response(self.get_serializer(found).data)


class BinPhotos(generics.ListAPIView[Photo]):
    """Photos that the caller may take back, last deleted first."""

    serializer_class = BinnedPhotoSerializer
    queryset = Photo.objects.none()

    def get_queryset(self) -> QuerySet[Photo]:
        photos = Photo.objects.in_bin(self.request.user).select_related("deleted_by")
        return photos.order_by("-deleted_at", "pk")


class BinCollections(generics.ListAPIView[Collection]):
    """Collections that the caller may take back, last deleted first."""

    serializer_class = BinnedCollectionSerializer
    queryset = Collection.objects.none()

    def get_queryset(self) -> QuerySet[Collection]:
        collections = Collection.objects.in_bin(self.request.user).select_related("deleted_by")
        return collections.order_by("-deleted_at", "pk")


class PhotosDeletion(generics.GenericAPIView[Photo]):
    """Puts many photos into the bin."""

    scopes = {"POST": Scope.ADMIN}
    serializer_class = PhotosSerializer
    queryset = Photo.objects.none()

    @extend_schema(
        operation_id="photos_delete_many", responses={200: ItemsSerializer, 400: ApiErrorSerializer}
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        """Each by itself: those that you may not delete, and those under legal hold, are refused."""
        named = named_photos(request)
        mine = keys_among(Photo.objects.curated_by(request.user), named)
        outcomes = delete_each_photo(photos=[key for key in named if key in mine], actor=signed_in(request))
        held = {key: error for key, error in outcomes.items() if error}
        return items(named, outcomes.keys() - held.keys(), refusals(request, named, mine) | held)


class PhotosTakeBack(generics.GenericAPIView[Photo]):
    """Takes many photos out of the bin."""

    scopes = {"POST": Scope.ADMIN}
    serializer_class = PhotosSerializer
    queryset = Photo.objects.none()

    @extend_schema(
        operation_id="photos_take_back_many", responses={200: ItemsSerializer, 400: ApiErrorSerializer}
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        """Each by itself: what is not in your bin is refused, or unchanged where it is yours to see."""
        named = named_photos(request)
        binned = keys_among(Photo.objects.in_bin(request.user), named)
        curated = keys_among(Photo.objects.curated_by(request.user), named)
        back = take_back_each_photo(photos=[key for key in named if key in binned], actor=signed_in(request))
        return items(named, back, refusals(request, named, binned | curated))


class PhotoTakeBack(generics.GenericAPIView[Photo]):
    """Takes a photo out of the bin."""

    scopes = {"POST": Scope.ADMIN}
    queryset = Photo.objects.none()

    @extend_schema(operation_id="photos_take_back", request=None, responses=_GONE)
    @once_per_key
    def post(self, request: Request, photo_id: Any) -> Response:
        photos = Photo.objects.in_bin(request.user).select_related("collection", "original")
        take_back_photo(photo=get_object_or_404(photos, pk=photo_id), actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CollectionTakeBack(generics.GenericAPIView[Collection]):
    """Takes a collection out of the bin, with everything that went there with it."""

    scopes = {"POST": Scope.ADMIN}
    queryset = Collection.objects.none()

    @extend_schema(operation_id="collections_take_back", request=None, responses=_GONE)
    @once_per_key
    def post(self, request: Request, collection_id: Any) -> Response:
        collection = get_object_or_404(Collection.objects.in_bin(request.user), pk=collection_id)
        take_back_collection(collection=collection, actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
