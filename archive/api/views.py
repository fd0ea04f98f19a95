"""Collections over REST, and downloads of originals."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from archive.access.scopes import Scope
from archive.access.visitors import limits_of
from archive.api.bin import DeletesCollection
from archive.api.serializers import CollectionSerializer
from archive.files.file_responses import attachment
from archive.files.storage import Area, stored_path
from archive.models import Collection, Photo
from archive.presentation.overviews import with_role_and_count
from archive.querysets.visible import CollectionQuerySet, PhotoQuerySet


class CollectionList(generics.ListCreateAPIView[Collection]):
    """Your collections, newest first; for a new one you are responsible."""

    scopes = {"GET": Scope.READ, "POST": Scope.UPLOAD}
    serializer_class = CollectionSerializer
    queryset = Collection.objects.none()

    def get_queryset(self) -> CollectionQuerySet:
        return with_role_and_count(Collection.objects.visible_to(self.request.user), self.request.user)

    def perform_create(self, serializer: BaseSerializer[Collection]) -> None:
        # What a token makes must be within its limits, and a new fonds is within none.
        if limits_of(self.request.user) is not None and serializer.validated_data.get("parent") is None:
            raise PermissionDenied
        collection = serializer.save(owner=self.request.user)
        serializer.instance = self.get_queryset().get(pk=collection.pk)


class CollectionDetail(DeletesCollection, generics.RetrieveUpdateAPIView[Collection]):
    """One collection; its curators may change it, its owners delete it."""

    scopes = {"GET": Scope.READ, "PATCH": Scope.UPLOAD, "DELETE": Scope.ADMIN}
    http_method_names = ["get", "patch", "delete", "head", "options"]
    serializer_class = CollectionSerializer
    queryset = Collection.objects.none()

    def get_queryset(self) -> CollectionQuerySet:
        return with_role_and_count(Collection.objects.visible_to(self.request.user), self.request.user)

    def perform_update(self, serializer: BaseSerializer[Collection]) -> None:
        curated = Collection.objects.curated_by(self.request.user)
        if not curated.filter(pk=self.kwargs["pk"]).exists():
            raise PermissionDenied
        serializer.save(actor=self.request.user)


class TakeAnyAccept(DefaultContentNegotiation):
    """For downloads: whatever a client says it accepts, it gets the file; errors are JSON as everywhere."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class PhotoOriginal(generics.GenericAPIView[Photo]):
    """The original file, byte for byte as it came in."""

    content_negotiation_class = TakeAnyAccept
    queryset = Photo.objects.none()

    def get_queryset(self) -> PhotoQuerySet:
        return Photo.objects.visible_to(self.request.user).select_related("original")

    @extend_schema(
        operation_id="photos_original", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        photo = self.get_object()
        path = stored_path(Area.ORIGINALS, photo.original.sha256)
        return attachment(request, path, filename=photo.filename, media_type=photo.original.media_type)
