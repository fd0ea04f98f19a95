"""Descriptions over REST: of several photos at once, and what files say about themselves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.callers import signed_in
from archive.api.description_serializers import (
    BulkDescriptionSerializer,
    BulkResultSerializer,
    EmbeddedSerializer,
)
from archive.api.errors import ApiErrorSerializer
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
