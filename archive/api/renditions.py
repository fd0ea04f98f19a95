"""Pictures for showing over REST: smaller copies, as pages have them."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request

from archive.api.negotiation import TakeAnyAccept
from archive.files.file_responses import RENDITION_MEDIA_TYPES, inline_rendition
from archive.files.page_responses import PAGE, rendition_response
from archive.files.renditions import rendition_file
from archive.files.storage import Area, StoredFile
from archive.models import Photo, Rendition
from archive.querysets.visible import PhotoQuerySet

RENDITION_PARAMETER = OpenApiParameter(
    "kind",
    enum=Rendition.Kind.values,
    location=OpenApiParameter.PATH,
    description="`thumbnail`: JPEG, at most 320 pixels a side. `web`: WebP, 1,600.",
)
PAGE_PARAMETER = OpenApiParameter(
    PAGE,
    int,
    default=1,
    description="Of a TIFF with several pages, counted from 1; 404 for one that it has not.",
)
RENDITION_RESPONSES = {(200, kind): OpenApiTypes.BINARY for kind in RENDITION_MEDIA_TYPES.values()}


class PhotoRendition(generics.GenericAPIView[Photo]):
    """The original for showing, in sRGB, upright, without any of its metadata."""

    content_negotiation_class = TakeAnyAccept
    queryset = Photo.objects.none()

    def get_queryset(self) -> PhotoQuerySet:
        return Photo.objects.visible_to(self.request.user).select_related("original")

    @extend_schema(
        operation_id="photos_rendition",
        parameters=[RENDITION_PARAMETER, PAGE_PARAMETER],
        responses=RENDITION_RESPONSES,
    )
    def get(self, request: Request, pk: UUID, kind: str) -> HttpResponseBase:
        source = StoredFile(Area.ORIGINALS, self.get_object().original.sha256)
        return rendition_response(request, source, kind)


def shown_rendition(request: Request, sha256: str, kind: str) -> HttpResponseBase:
    """The answer with a rendition of the stored picture. Raises Http404 for a kind that there is not."""
    if kind not in Rendition.Kind.values:
        raise Http404
    return inline_rendition(request, rendition_file(sha256, Rendition.Kind(kind)))
