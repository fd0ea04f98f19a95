"""Descriptions over REST: of several photos at once, and what files say about themselves."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.bulk import ItemsSerializer, items, keys_among, refusals
from archive.api.callers import signed_in
from archive.api.description_serializers import (
    BulkDescriptionSerializer,
    EmbeddedSerializer,
)
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.description.changes import Description
from archive.models import Photo
from archive.querysets.visible import PhotoQuerySet
from archive.services import describe_photos


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
        responses={200: ItemsSerializer, 400: ApiErrorSerializer},
    )
    @once_per_key
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
        mine = keys_among(Photo.objects.curated_by(request.user), named)
        changed = describe_photos(descriptions=dict.fromkeys(mine, description), actor=signed_in(request))
        return items(named, changed, refusals(request, named, mine))
