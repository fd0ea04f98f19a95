"""Bags over REST."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from archive.access.scopes import Scope
from archive.api import strict
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.negotiation import TakeAnyAccept
from archive.bags.contents import Purpose
from archive.bags.responses import bag_response
from archive.models import Collection, Photo
from archive.services import export_bag, may_export

_MOST_PHOTOS = 10_000


class ExportSerializer(serializers.Serializer[Any]):
    """What a bag is for, and what it holds."""

    purpose = serializers.ChoiceField(
        choices=Purpose.choices,
        default=Purpose.PASSING_ON,
        help_text=(
            "`passing-on`: without camera positions and serial numbers. `keeping`, for curators: originals as"
            " they came, and records that `import_bag` understands."
        ),
    )
    photos = serializers.ListField(
        child=strict.UUIDField(),
        required=False,
        allow_empty=False,
        max_length=_MOST_PHOTOS,
        help_text="Ids of photos; without them, all of the collection and of what is below it.",
    )


class CollectionExport(generics.GenericAPIView[Collection]):
    """A collection, or some photos of it, as a bag."""

    scopes: ClassVar[dict[str, Scope]] = {"POST": Scope.EXPORT}
    content_negotiation_class = TakeAnyAccept
    serializer_class = ExportSerializer
    queryset = Collection.objects.none()

    @extend_schema(
        operation_id="collections_export",
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            400: ApiErrorSerializer,
            409: ApiErrorSerializer,
        },
    )
    def post(self, request: Request, collection_id: UUID) -> StreamingHttpResponse:
        """A bag (BagIt 1.0, SHA-256) in a ZIP, made while it is sent: originals, approved restorations,
        metadata as CSV and JSON-LD, events as PREMIS. A download that ends early is no bag.
        """
        collection = get_object_or_404(Collection.objects.visible_to(request.user), pk=collection_id)
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        purpose, actor = Purpose(asked.validated_data["purpose"]), signed_in(request)
        if not may_export(collection=collection, actor=actor, purpose=purpose):
            raise PermissionDenied
        named = asked.validated_data.get("photos")
        photos = None if named is None else Photo.objects.filter(pk__in=named)
        bag = export_bag(collection=collection, actor=actor, purpose=purpose, photos=photos)
        return bag_response(bag, collection=collection, actor=actor)
