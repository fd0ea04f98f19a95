"""Restorations over REST: start, poll, list, blend again, review."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.accepted import accepted
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.preconditions import HasETag
from archive.models import Collection, Photo
from restoration.api.serializers import (
    RestorationQuerySerializer,
    RestorationRequestSerializer,
    RestorationSerializer,
    ReviewSerializer,
    StrengthSerializer,
)
from restoration.models import Restoration, RestorationEntry, Review
from restoration.querysets import RestorationQuerySet
from restoration.running.hands import read_hand
from restoration.services import (
    Wishes,
    cancel_restoration,
    repeat_restoration,
    request_restoration,
    request_strength,
    review_restoration,
)

# With a mask it is a form, because a file goes along.
REQUEST_FORMS = dict.fromkeys(("multipart/form-data", "application/json"), RestorationRequestSerializer)


class PhotoRestorations(generics.ListAPIView[Restoration]):
    """A photo's restorations, newest first."""

    scopes = {"GET": Scope.READ, "POST": Scope.RESTORE}
    parser_classes = [MultiPartParser, JSONParser]
    serializer_class = RestorationSerializer
    queryset = Restoration.objects.none()

    def get_queryset(self) -> RestorationQuerySet:
        return Restoration.objects.filter(photo=self._photo()).for_answers()

    @extend_schema(
        operation_id="photos_restorations_request",
        request=REQUEST_FORMS,
        responses={202: RestorationSerializer, 400: ApiErrorSerializer, 409: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, photo_id: UUID) -> Response:
        """Queue a restoration. 409 while another one of the same photo waits or runs."""
        photo = self._photo()
        _check_may_restore(request, photo.pk)
        asked = RestorationRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        restoration = request_restoration(
            photo=photo, requested_by=signed_in(request), **_wishes(asked.validated_data)
        )
        return _accepted(self.get_serializer(restoration).data)

    def _photo(self) -> Photo:
        visible = Photo.objects.visible_to(self.request.user).select_related("original", "collection")
        return get_object_or_404(visible, pk=self.kwargs["photo_id"])


class _OneRestoration(generics.GenericAPIView[Restoration]):
    """A restoration that the caller may see, at an address of its own."""

    serializer_class = RestorationSerializer
    queryset = Restoration.objects.none()

    def get_queryset(self) -> RestorationQuerySet:
        return Restoration.objects.visible_to(self.request.user).for_gallery()


class RestorationDetail(HasETag, _OneRestoration, generics.RetrieveAPIView[Restoration]):
    """One restoration: the place to poll."""


class RestorationStrength(_OneRestoration):
    """A finished restoration again, its repair blended in with another strength, without a network."""

    scopes = {"POST": Scope.RESTORE}

    @extend_schema(
        operation_id="restorations_strength",
        request=StrengthSerializer,
        responses={202: RestorationSerializer, 400: ApiErrorSerializer, 409: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, pk: UUID) -> Response:
        """Queue a new version. 409 without a finished repair, or while the photo is being restored."""
        restoration = self.get_object()
        _check_may_restore(request, restoration.photo_id)
        asked = StrengthSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        version = request_strength(
            restoration=restoration, requested_by=signed_in(request), **asked.validated_data
        )
        return _accepted(self.get_serializer(version).data)


class RestorationRedo(_OneRestoration):
    """A photo's restoration asked for again."""

    scopes = {"POST": Scope.RESTORE}
    parser_classes = [MultiPartParser, JSONParser]

    @extend_schema(
        operation_id="restorations_redo",
        request=REQUEST_FORMS,
        responses={202: RestorationSerializer, 400: ApiErrorSerializer, 409: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, pk: UUID) -> Response:
        """Queue a new version; what is left out is as it was. 409 while the photo is being restored."""
        restoration = self.get_object()
        _check_may_restore(request, restoration.photo_id)
        asked = RestorationRequestSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        again = repeat_restoration(
            restoration=restoration, requested_by=signed_in(request), **_wishes(asked.validated_data)
        )
        return _accepted(self.get_serializer(again).data)


class RestorationCancel(_OneRestoration):
    """Calls a restoration off."""

    scopes = {"POST": Scope.RESTORE}

    @extend_schema(
        operation_id="restorations_cancel",
        request=None,
        responses={200: RestorationSerializer, 409: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, pk: UUID) -> Response:
        """Curators and whoever asked for it may. A worker that is at it stops soon. 409 when it has ended."""
        restoration = self.get_object()
        own = restoration.requested_by_id == signed_in(request).pk
        _check_may_restore(request, restoration.photo_id)
        if not own and not Photo.objects.curated_by(request.user).filter(pk=restoration.photo_id).exists():
            raise PermissionDenied
        cancel_restoration(restoration=restoration, actor=signed_in(request))
        return Response(self.get_serializer(self.get_object()).data)


class CollectionRestorations(generics.ListAPIView[Restoration]):
    """Restorations of a collection's photos, for working through them."""

    serializer_class = RestorationSerializer
    queryset = Restoration.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        """Their entries: it is these that a page is found by."""
        asked = RestorationQuerySerializer(data=self.request.query_params.dict())
        asked.is_valid(raise_exception=True)
        visible = Collection.objects.visible_to(self.request.user)
        collection = get_object_or_404(visible, pk=self.kwargs["collection_id"])
        entries = RestorationEntry.objects.of_collection(collection, state=asked.validated_data.get("state"))
        return entries.in_order(asked.validated_data["ordering"])

    def paginate_queryset(self, queryset: Any) -> Any:
        """The restorations of one page of the entries."""
        page = super().paginate_queryset(queryset) or []
        found = Restoration.objects.for_answers().in_bulk([entry.pk for entry in page])
        return [found[entry.pk] for entry in page if entry.pk in found]

    @extend_schema(
        operation_id="collections_restorations_list",
        parameters=[RestorationQuerySerializer],
        responses={200: RestorationSerializer(many=True), 400: ApiErrorSerializer},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """By `state` and in an `ordering`; all of them, newest first, without."""
        return super().get(request, *args, **kwargs)


class RestorationReviews(generics.ListCreateAPIView[Review]):
    """Decisions about a restoration, newest first; a new one makes it approved or rejected."""

    scopes = {"GET": Scope.READ, "POST": Scope.REVIEW}
    serializer_class = ReviewSerializer
    queryset = Review.objects.none()

    def get_queryset(self) -> QuerySet[Review]:
        return Review.objects.filter(restoration=self._restoration()).select_related("reviewer")

    @extend_schema(responses={201: ReviewSerializer, 409: ApiErrorSerializer})
    @once_per_key
    def post(self, request: Request, restoration_id: UUID) -> Response:
        """Approve or reject. 409 while there is no result to decide about, or when somebody was quicker."""
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


def _check_may_restore(request: Request, photo_id: UUID) -> None:
    if not Photo.objects.reviewable_by(request.user).filter(pk=photo_id).exists():
        raise PermissionDenied


def _wishes(asked: dict[str, Any]) -> Wishes:
    """What the request says about how to restore, and nothing of what it leaves out."""
    wishes = Wishes()
    if "model" in asked:
        wishes["model_version"] = asked["model"]
    if "strength" in asked:
        wishes["strength"] = asked["strength"]
    if "quick" in asked:
        wishes["quick"] = asked["quick"]
    if "thorough" in asked:
        wishes["thorough"] = asked["thorough"]
    if "hand" in asked:
        wishes["hand"] = read_hand(asked["hand"]) if asked["hand"] else None
    return wishes


def _accepted(restoration: Any) -> Response:
    """The queued restoration, and where to poll it."""
    return accepted(restoration, address=restoration["url"])
