"""Collections over REST, and downloads of originals."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from archive.access.scopes import Scope
from archive.access.visitors import limits_of
from archive.api.bin import DeletesCollection
from archive.api.idempotency import once_per_key
from archive.api.negotiation import TakeAnyAccept
from archive.api.pages import Orderings
from archive.api.preconditions import HasETag, if_unchanged
from archive.api.serializers import CollectionFilterSerializer, CollectionSerializer
from archive.description.fields import COLLECTION_FIELDS
from archive.files.file_responses import attachment
from archive.files.storage import Area, StoredFile
from archive.models import Collection, Photo
from archive.presentation.overviews import with_role_and_count
from archive.querysets.visible import CollectionQuerySet, PhotoQuerySet


class CollectionList(generics.ListCreateAPIView[Collection]):
    """Your collections, newest first; for a new one you are responsible."""

    scopes = {"GET": Scope.READ, "POST": Scope.UPLOAD}
    serializer_class = CollectionSerializer
    queryset = Collection.objects.none()
    orderings: ClassVar[Orderings] = {
        "-created_at": ("-created_at", "id"),
        "created_at": ("created_at", "id"),
        "title": ("title", "id"),
        "-title": ("-title", "id"),
    }

    def get_queryset(self) -> CollectionQuerySet:
        collections = Collection.objects.visible_to(self.request.user)
        if self.request.method in SAFE_METHODS:
            asked = CollectionFilterSerializer(data=self.request.query_params.dict())
            asked.is_valid(raise_exception=True)
            collections = collections.filter(**asked.conditions())
        return with_role_and_count(collections, self.request.user)

    @extend_schema(parameters=[CollectionFilterSerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of them, or those that are a part of `parent`, or of which the title holds `title`."""
        return self.list(request, *args, **kwargs)

    @once_per_key
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make one."""
        return self.create(request, *args, **kwargs)

    def perform_create(self, serializer: BaseSerializer[Collection]) -> None:
        # What a token makes must be within its limits, and a new fonds is within none.
        if limits_of(self.request.user) is not None and serializer.validated_data.get("parent") is None:
            raise PermissionDenied
        collection = serializer.save(owner=self.request.user)
        serializer.instance = self.get_queryset().get(pk=collection.pk)


class CollectionDetail(HasETag, DeletesCollection, generics.RetrieveUpdateAPIView[Collection]):
    """One collection; its curators may change it, its owners delete it."""

    scopes = {"GET": Scope.READ, "PATCH": Scope.UPLOAD, "DELETE": Scope.ADMIN}
    http_method_names = ["get", "patch", "delete", "head", "options"]
    serializer_class = CollectionSerializer
    queryset = Collection.objects.none()
    described = ("parent", "level", *COLLECTION_FIELDS, "auto_restore", "owner")

    def get_queryset(self) -> CollectionQuerySet:
        return with_role_and_count(Collection.objects.visible_to(self.request.user), self.request.user)

    @if_unchanged
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what is named."""
        return self.partial_update(request, *args, **kwargs)

    def perform_update(self, serializer: BaseSerializer[Collection]) -> None:
        curated = Collection.objects.curated_by(self.request.user)
        if not curated.filter(pk=self.kwargs["pk"]).exists():
            raise PermissionDenied
        serializer.save(actor=self.request.user)


class PhotoOriginal(generics.GenericAPIView[Photo]):
    """The original file, byte for byte as it came in."""

    content_negotiation_class = TakeAnyAccept
    queryset = Photo.objects.none()

    def get_queryset(self) -> PhotoQuerySet:
        return Photo.objects.visible_to(self.request.user).select_related("original")

    @extend_schema(operation_id="photos_original", responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        photo = self.get_object()
        stored = StoredFile(Area.ORIGINALS, photo.original.sha256)
        return attachment(request, stored, filename=photo.filename, media_type=photo.original.media_type)
