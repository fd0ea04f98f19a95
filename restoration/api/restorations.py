"""Restorations over REST: start, poll, download, review."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.api.callers import signed_in
from archive.api.views import TakeAnyAccept
from archive.file_responses import attachment
from archive.models import Photo
from archive.storage import Area, stored_path
from restoration.api.serializers import ApiErrorSerializer, RestorationSerializer, ReviewSerializer
from restoration.models import Restoration, Review
from restoration.pictures import download_name
from restoration.querysets import RestorationQuerySet
from restoration.results import SUFFIX
from restoration.services import request_restoration, review_restoration


class PhotoRestorations(generics.ListAPIView[Restoration]):
    """A photo's restorations, newest first."""

    serializer_class = RestorationSerializer
    queryset = Restoration.objects.none()

    def get_queryset(self) -> RestorationQuerySet:
        return Restoration.objects.filter(photo=self._photo()).for_gallery()

    @extend_schema(
        operation_id="photos_restorations_request",
        request=None,
        responses={202: RestorationSerializer, 409: ApiErrorSerializer},
    )
    def post(self, request: Request, photo_id: UUID) -> Response:
        """Queue a restoration. 409 while another one of the same photo waits or runs."""
        photo = self._photo()
        if not Photo.objects.reviewable_by(request.user).filter(pk=photo.pk).exists():
            raise PermissionDenied
        restoration = request_restoration(photo=photo, requested_by=signed_in(request))
        answer = self.get_serializer(restoration)
        return Response(
            answer.data, status=status.HTTP_202_ACCEPTED, headers={"Location": answer.data["url"]}
        )

    def _photo(self) -> Photo:
        visible = Photo.objects.visible_to(self.request.user).select_related("original", "collection")
        return get_object_or_404(visible, pk=self.kwargs["photo_id"])


class RestorationDetail(generics.RetrieveAPIView[Restoration]):
    """One restoration: the place to poll."""

    serializer_class = RestorationSerializer
    queryset = Restoration.objects.none()

    def get_queryset(self) -> RestorationQuerySet:
        return Restoration.objects.visible_to(self.request.user).for_gallery()


class RestorationResult(generics.GenericAPIView[Restoration]):
    """The restored picture in full, as PNG. 404 until the restoration is done."""

    content_negotiation_class = TakeAnyAccept
    queryset = Restoration.objects.none()

    def get_queryset(self) -> RestorationQuerySet:
        visible = Restoration.objects.visible_to(self.request.user).select_related("photo")
        return visible.filter(status=Restoration.Status.DONE)

    @extend_schema(operation_id="restorations_result", responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        restoration = self.get_object()
        path = stored_path(Area.RESULTS, restoration.result_sha256, SUFFIX)
        return attachment(path, filename=download_name(restoration), media_type=restoration.result_media_type)


class RestorationReviews(generics.ListCreateAPIView[Review]):
    """Decisions about a restoration, newest first; a new one makes it approved or rejected."""

    serializer_class = ReviewSerializer
    queryset = Review.objects.none()

    def get_queryset(self) -> QuerySet[Review]:
        return Review.objects.filter(restoration=self._restoration()).select_related("reviewer")

    @extend_schema(responses={201: ReviewSerializer, 409: ApiErrorSerializer})
    def post(self, request: Request, restoration_id: UUID) -> Response:
        """Approve or reject. 409 while there is no result to decide about."""
        restoration = self._restoration()
        if not Restoration.objects.reviewable_by(request.user).filter(pk=restoration.pk).exists():
            raise PermissionDenied
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        review = review_restoration(
            restoration=restoration, reviewer=signed_in(request), **asked.validated_data
        )
        return Response(self.get_serializer(review).data, status=status.HTTP_201_CREATED)

    def _restoration(self) -> Restoration:
        visible = Restoration.objects.visible_to(self.request.user).select_related("photo__collection")
        return get_object_or_404(visible, pk=self.kwargs["restoration_id"])
