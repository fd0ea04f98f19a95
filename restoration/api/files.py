"""A restoration's files over REST: the result, its layers, its repair, and the curator's hand."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request

from archive.api.negotiation import TakeAnyAccept
from archive.api.renditions import PAGE_PARAMETER, RENDITION_PARAMETER, RENDITION_RESPONSES
from archive.files.file_responses import attachment
from archive.files.page_responses import asked_page, made_picture, rendition_response
from restoration.models import Restoration
from restoration.presentation.pictures import download_name, kept_download_name
from restoration.querysets import RestorationQuerySet
from restoration.running.page_layers import kept_of_page
from restoration.running.stored_files import (
    LAYERS,
    PNG,
    RESULT_SUFFIXES,
    TIFF,
    Kept,
    kept_media_type,
    result_file,
)

_LAYERS_AND_REPAIR = (*LAYERS, Kept.REPAIR)


class _RestorationFile(generics.GenericAPIView[Restoration]):
    """A file of a restoration that the caller may see."""

    content_negotiation_class = TakeAnyAccept
    queryset = Restoration.objects.none()

    def get_queryset(self) -> RestorationQuerySet:
        return Restoration.objects.visible_to(self.request.user).select_related("photo")

    def _kept(self, request: Request, kind: Kept) -> HttpResponseBase:
        restoration = self.get_object()
        page = asked_page(request)
        stored = made_picture(lambda: kept_of_page(restoration, kind, page))
        if stored is None:
            raise Http404
        return attachment(
            request, stored, filename=kept_download_name(restoration, kind), media_type=kept_media_type(kind)
        )


class RestorationResult(_RestorationFile):
    """The restored picture in full: TIFF, PNG or JPEG as the original is. 404 until it is done."""

    def get_queryset(self) -> RestorationQuerySet:
        return super().get_queryset().filter(status=Restoration.Status.DONE)

    @extend_schema(
        operation_id="restorations_result",
        responses={(200, media_type): OpenApiTypes.BINARY for media_type in RESULT_SUFFIXES},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        restoration = self.get_object()
        return attachment(
            request,
            result_file(restoration),
            filename=download_name(restoration),
            media_type=restoration.result_media_type,
        )


class RestorationRendition(_RestorationFile):
    """The result for showing, in sRGB, without any metadata. 404 until it is done."""

    def get_queryset(self) -> RestorationQuerySet:
        return super().get_queryset().filter(status=Restoration.Status.DONE)

    @extend_schema(
        operation_id="restorations_rendition",
        parameters=[RENDITION_PARAMETER, PAGE_PARAMETER],
        responses=RENDITION_RESPONSES,
    )
    def get(self, request: Request, pk: UUID, kind: str) -> HttpResponseBase:
        return rendition_response(request, result_file(self.get_object()), kind)


class RestorationLayer(_RestorationFile):
    """A layer, or the repair: a TIFF of the original's own samples and how far each pixel is replaced.

    404 until the restoration is done. Of further pages there are `mask` and `change`; the repair has all
    pages in one file.
    """

    def get_queryset(self) -> RestorationQuerySet:
        return super().get_queryset().filter(status=Restoration.Status.DONE)

    @extend_schema(
        operation_id="restorations_layer",
        parameters=[
            OpenApiParameter(
                "name", enum=[kind.value for kind in _LAYERS_AND_REPAIR], location=OpenApiParameter.PATH
            ),
            PAGE_PARAMETER,
        ],
        responses={(200, PNG): OpenApiTypes.BINARY, (200, TIFF): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: UUID, name: str) -> HttpResponseBase:
        if name not in {kind.value for kind in _LAYERS_AND_REPAIR}:
            raise Http404
        return self._kept(request, Kept(name))


class RestorationHand(_RestorationFile):
    """The curator's hand as it was kept: a grey PNG of 0, 128 (protect) and 255 (repair). 404 without one."""

    @extend_schema(operation_id="restorations_hand", responses={(200, PNG): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self._kept(request, Kept.HAND)
