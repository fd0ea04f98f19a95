"""Collections over REST, and downloads of originals."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from archive.api.serializers import CollectionSerializer
from archive.file_responses import attachment
from archive.models import Collection, Photo
from archive.overviews import with_role_and_count
from archive.querysets import CollectionQuerySet, PhotoQuerySet
from archive.storage import Area, stored_path


class CollectionList(generics.ListCreateAPIView[Collection]):
    """Your collections, newest first; a new one has you as its curator."""

    serializer_class = CollectionSerializer
    queryset = Collection.objects.none()

    def get_queryset(self) -> CollectionQuerySet:
        return with_role_and_count(Collection.objects.visible_to(self.request.user), self.request.user)

    def perform_create(self, serializer: BaseSerializer[Collection]) -> None:
        collection = serializer.save(owner=self.request.user)
        serializer.instance = self.get_queryset().get(pk=collection.pk)


class CollectionDetail(generics.RetrieveUpdateAPIView[Collection]):
    """One collection; its curators may change it."""

    http_method_names = ["get", "patch", "head", "options"]
    serializer_class = CollectionSerializer
    queryset = Collection.objects.none()

    def get_queryset(self) -> CollectionQuerySet:
        return with_role_and_count(Collection.objects.visible_to(self.request.user), self.request.user)

    def perform_update(self, serializer: BaseSerializer[Collection]) -> None:
        curated = Collection.objects.curated_by(self.request.user)
        if not curated.filter(pk=self.kwargs["pk"]).exists():
            raise PermissionDenied
        serializer.save(actor=self.request.user)


class TakeAnyAccept(BaseContentNegotiation):
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
    def get(self, request: Request, **kwargs: Any) -> FileResponse:
        photo = self.get_object()
        path = stored_path(Area.ORIGINALS, photo.original.sha256)
        return attachment(path, filename=photo.filename, media_type=photo.original.media_type)
