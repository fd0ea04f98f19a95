"""Imports and near duplicates over REST."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.choices import asked_choice
from archive.api.import_serializers import (
    ImportItemSerializer,
    ImportRunSerializer,
    NearDuplicateSerializer,
)
from archive.api.preconditions import HasETag
from archive.finding.near_duplicates import near_duplicates
from archive.models import Collection, ImportItem, ImportRun, Photo
from archive.querysets.imports import ImportRunQuerySet


class CollectionImports(generics.ListAPIView[ImportRun]):
    """Imports of ZIPs and folders into a collection, newest first; for its curators."""

    scopes: ClassVar[dict[str, Scope]] = {"GET": Scope.UPLOAD}
    serializer_class = ImportRunSerializer
    queryset = ImportRun.objects.none()

    def get_queryset(self) -> ImportRunQuerySet:
        visible = Collection.objects.visible_to(self.request.user)
        collection = get_object_or_404(visible, pk=self.kwargs["collection_id"])
        if not Collection.objects.curated_by(self.request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        runs = ImportRun.objects.visible_to(self.request.user).filter(collection=collection)
        return runs.with_counts().select_related("started_by")


class ImportDetail(HasETag, generics.RetrieveAPIView[ImportRun]):
    """One import, and how far it is."""

    scopes: ClassVar[dict[str, Scope]] = {"GET": Scope.UPLOAD}
    serializer_class = ImportRunSerializer
    queryset = ImportRun.objects.none()

    def get_queryset(self) -> ImportRunQuerySet:
        return ImportRun.objects.visible_to(self.request.user).with_counts().select_related("started_by")


class ImportItems(generics.ListAPIView[ImportItem]):
    """What became of each file of an import, in their order."""

    scopes: ClassVar[dict[str, Scope]] = {"GET": Scope.UPLOAD}
    serializer_class = ImportItemSerializer
    queryset = ImportItem.objects.none()

    @extend_schema(parameters=[OpenApiParameter("outcome", str, enum=ImportItem.Outcome.values)])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """All of them, or those with one `outcome`."""
        return self.list(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[ImportItem]:
        run = get_object_or_404(ImportRun.objects.visible_to(self.request.user), pk=self.kwargs["pk"])
        outcome = asked_choice(self.request, "outcome", ImportItem.Outcome.values)
        return run.items.filter(outcome=outcome) if outcome else run.items.all()


class PhotoAlike(generics.ListAPIView[Any]):
    """Photos that look like this one."""

    scopes: ClassVar[dict[str, Scope]] = {"GET": Scope.READ}
    serializer_class = NearDuplicateSerializer
    queryset = Photo.objects.none()

    def get_queryset(self) -> Any:
        visible = Photo.objects.visible_to(self.request.user).select_related("original")
        return near_duplicates(get_object_or_404(visible, pk=self.kwargs["pk"]), self.request.user)

    @extend_schema(operation_id="photos_alike")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Near duplicates that you may see, the nearest first. They are pointed out, never merged."""
        return self.list(request, *args, **kwargs)
