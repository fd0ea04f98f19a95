"""Descriptions over REST: of several photos at once, as tables, and what files say about themselves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.callers import signed_in
from archive.api.description_serializers import (
    BulkDescriptionSerializer,
    BulkResultSerializer,
    EmbeddedSerializer,
    PlanSerializer,
    TableSerializer,
)
from archive.api.errors import ApiErrorSerializer
from archive.description.changes import Description
from archive.description.metadata_csv import metadata_csv_response
from archive.models import Collection, Photo
from archive.querysets.visible import CollectionQuerySet, PhotoQuerySet
from archive.services import apply_metadata, describe_photos, plan_import, receive_metadata


class PhotoEmbedded(generics.GenericAPIView[Photo]):
    """What a photo's file says about itself."""

    scopes = {"GET": Scope.READ}
    serializer_class = EmbeddedSerializer
    queryset = Photo.objects.none()

    def get_queryset(self) -> PhotoQuerySet:
        return Photo.objects.visible_to(self.request.user).select_related("original")

    @extend_schema(operation_id="photos_embedded", responses={200: EmbeddedSerializer})
    def get(self, request: Request, **kwargs: Any) -> Response:
        """EXIF, IPTC and XMP as they were read when the file came in."""
        embedded = self.get_object().original.embedded
        return Response({block: embedded.get(block, {}) for block in ("exif", "iptc", "xmp")})


class PhotoDescriptions(generics.GenericAPIView[Photo]):
    """Describe several photos alike."""

    scopes = {"POST": Scope.UPLOAD}
    serializer_class = BulkDescriptionSerializer
    queryset = Photo.objects.none()

    @extend_schema(
        operation_id="photos_describe_many",
        request=BulkDescriptionSerializer,
        responses={200: BulkResultSerializer, 400: ApiErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """A photo that you may not describe is refused by itself; a description that does not fit, wholly."""
        asked = BulkDescriptionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        fields = dict(said.get("description", {}))
        description = Description(
            tags=fields.pop("tags", None),
            fields=fields,
            add_tags=said["add_tags"],
            remove_tags=said["remove_tags"],
        )
        named = list(dict.fromkeys(said["photos"]))
        visible = _keys(Photo.objects.visible_to(request.user), named)
        mine = _keys(Photo.objects.curated_by(request.user), named)
        changed = describe_photos(descriptions=dict.fromkeys(mine, description), actor=signed_in(request))
        return Response({"items": [_item(key, visible, mine, changed) for key in named]})


class CollectionDescriptions(generics.GenericAPIView[Collection]):
    """The descriptions of a collection's photos, those of its parts included, as a table."""

    scopes = {"GET": Scope.READ, "POST": Scope.UPLOAD}
    parser_classes = [MultiPartParser]
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
        responses={200: PlanSerializer, 400: ApiErrorSerializer},
    )
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Describe photos by a table; tells for every row what came of it."""
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
        )
        act = plan_import if sent["dry_run"] else apply_metadata
        plan = act(metadata_import=kept, actor=signed_in(request))
        counts = {outcome: plan.count(outcome) for outcome in ("changed", "unchanged", "refused")}
        about = {"dry_run": sent["dry_run"], "key": plan.key, "ignored": plan.ignored, "rows": plan.rows}
        return Response(PlanSerializer(about | counts).data)


def _keys(photos: PhotoQuerySet, named: list[UUID]) -> set[UUID]:
    """Those of `named` that are among `photos`; SQLite takes no more than some thousand values at a time."""
    found: set[UUID] = set()
    for start in range(0, len(named), 1000):
        found |= set(photos.filter(pk__in=named[start : start + 1000]).values_list("pk", flat=True))
    return found


def _item(key: UUID, visible: set[UUID], mine: set[UUID], changed: set[UUID]) -> dict[str, Any]:
    if key in mine:
        return {
            "photo": key,
            "outcome": "changed" if key in changed else "unchanged",
            "code": "",
            "message": "",
        }
    code, message = (
        ("permission_denied", gettext("You may not describe this photo."))
        if key in visible
        else ("not_found", gettext("There is no such photo."))
    )
    return {"photo": key, "outcome": "refused", "code": code, "message": message}
