"""Tables of descriptions over REST: handed in, looked at row by row, applied by the queue."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.accepted import accepted
from archive.api.callers import signed_in
from archive.api.choices import asked_choice
from archive.api.description_serializers import (
    MetadataImportSerializer,
    MetadataRowSerializer,
    TableSerializer,
)
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.negotiation import TakeAnyAccept
from archive.api.preconditions import HasETag
from archive.description.metadata_csv import metadata_csv_response
from archive.models import Collection, MetadataImport, MetadataRow, Photo
from archive.querysets.metadata import MetadataImportQuerySet
from archive.querysets.visible import CollectionQuerySet
from archive.services import apply_metadata, receive_metadata

_ACCEPTED = OpenApiResponse(MetadataImportSerializer, "`Location` is the address that tells how far it is.")


class CollectionDescriptions(generics.GenericAPIView[Collection]):
    """The descriptions of a collection's photos, those of its parts included, as a table."""

    scopes = {"GET": Scope.READ, "POST": Scope.UPLOAD}
    parser_classes = [MultiPartParser]
    content_negotiation_class = TakeAnyAccept
    serializer_class = TableSerializer
    queryset = Collection.objects.none()

    def get_queryset(self) -> CollectionQuerySet:
        return Collection.objects.visible_to(self.request.user)

    @extend_schema(
        operation_id="collections_descriptions_table",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, collection_id: UUID) -> StreamingHttpResponse:
        """CSV in UTF-8; cells that spreadsheets would run as formulas have an apostrophe in front."""
        collection = get_object_or_404(self.get_queryset(), pk=collection_id)
        return metadata_csv_response(Photo.objects.visible_to(request.user).within(collection))

    @extend_schema(
        operation_id="collections_descriptions_import",
        request={"multipart/form-data": TableSerializer},
        responses={202: _ACCEPTED, 400: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Hand in a table that describes photos. With `dry_run` it waits, looked through, to be applied."""
        collection = get_object_or_404(self.get_queryset(), pk=collection_id)
        if not Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        asked = TableSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        kept = receive_metadata(
            collection=collection,
            uploaded_by=signed_in(request),
            content=sent["file"].read(),
            filename=sent["file"].name,
            key=sent["key"],
            clear_empty=sent["clear_empty"],
            at_once=not sent["dry_run"],
        )
        return _accepted(kept)


class CollectionMetadataImports(generics.ListAPIView[MetadataImport]):
    """Tables that were handed in for a collection, the newest first; for its curators."""

    scopes = {"GET": Scope.UPLOAD}
    serializer_class = MetadataImportSerializer
    queryset = MetadataImport.objects.none()

    def get_queryset(self) -> QuerySet[MetadataImport]:
        visible = Collection.objects.visible_to(self.request.user)
        collection = get_object_or_404(visible, pk=self.kwargs["collection_id"])
        if not Collection.objects.curated_by(self.request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        return MetadataImport.objects.filter(collection=collection).select_related("uploaded_by")


class MetadataImportDetail(HasETag, generics.RetrieveAPIView[MetadataImport]):
    """One table, how far it is, and how many of its rows change something; for the collection's curators."""

    scopes = {"GET": Scope.UPLOAD}
    serializer_class = MetadataImportSerializer
    queryset = MetadataImport.objects.none()

    def get_queryset(self) -> MetadataImportQuerySet:
        return MetadataImport.objects.visible_to(self.request.user).select_related("uploaded_by")


class MetadataImportRows(generics.ListAPIView[MetadataRow]):
    """What each row of a table would change, or has changed; kept for a week after it was applied."""

    scopes = {"GET": Scope.UPLOAD}
    serializer_class = MetadataRowSerializer
    queryset = MetadataRow.objects.none()

    @extend_schema(parameters=[OpenApiParameter("outcome", str, enum=MetadataRow.Outcome.values)])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """All of them in their order, or those with one `outcome`."""
        return self.list(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[MetadataRow]:
        visible = MetadataImport.objects.visible_to(self.request.user)
        rows = get_object_or_404(visible, pk=self.kwargs["pk"]).rows.all()
        outcome = asked_choice(self.request, "outcome", MetadataRow.Outcome.values)
        return rows.filter(outcome=outcome) if outcome else rows


class MetadataImportApplication(generics.GenericAPIView[MetadataImport]):
    """Has a table applied that has been looked through."""

    scopes = {"POST": Scope.UPLOAD}
    serializer_class = MetadataImportSerializer
    queryset = MetadataImport.objects.none()

    @extend_schema(
        operation_id="descriptions_apply",
        request=None,
        responses={202: _ACCEPTED, 409: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        """The queue describes photos by the rows that fit; a table that failed goes on where it was."""
        kept = get_object_or_404(MetadataImport.objects.visible_to(request.user), pk=pk)
        return _accepted(apply_metadata(metadata_import=kept, actor=signed_in(request)))


def _accepted(kept: MetadataImport) -> Response:
    return accepted(
        MetadataImportSerializer(kept).data, address=reverse("api:metadata-import-detail", args=[kept.pk])
    )
