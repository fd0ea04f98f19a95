"""The event log, fixity and legal hold over REST."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.operators import is_operator
from archive.access.scopes import Scope
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.keeping_serializers import (
    EventSerializer,
    FixityRunSerializer,
    HoldSerializer,
    StandingSerializer,
)
from archive.fixity.standing import standing_of_archive, standing_of_collection, standing_of_photo
from archive.models import Collection, Event, FixityRun, Photo
from archive.queue.keeping_tasks import enqueue_fixity_run
from archive.services import holding_collection, lift_legal_hold, set_legal_hold, start_fixity_run

_READ_AND_ADMIN = {"GET": Scope.READ, **dict.fromkeys(("POST", "PUT", "DELETE"), Scope.ADMIN)}


class _OfCollection(generics.GenericAPIView[Any]):
    scopes = _READ_AND_ADMIN
    queryset: QuerySet[Any] = Collection.objects.none()

    def visible_collection(self) -> Collection:
        visible = Collection.objects.visible_to(self.request.user)
        return get_object_or_404(visible, pk=self.kwargs["collection_id"])

    def owned_collection(self) -> Collection:
        collection = self.visible_collection()
        if not Collection.objects.owned_by(self.request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        return collection


class CollectionEvents(_OfCollection, generics.ListAPIView[Event]):
    """Everything that happened in the collection and below it, newest first."""

    serializer_class = EventSerializer
    queryset = Event.objects.none()

    def get_queryset(self) -> QuerySet[Event]:
        within = Collection.objects.within(self.visible_collection())
        events = Event.objects.visible_to(self.request.user).filter(collection__in=within)
        return events.for_lists().select_related("link")


class PhotoEvents(generics.ListAPIView[Event]):
    """Everything that happened to the photo, newest first."""

    scopes = _READ_AND_ADMIN
    serializer_class = EventSerializer
    queryset = Event.objects.none()

    def get_queryset(self) -> QuerySet[Event]:
        photo = get_object_or_404(Photo.objects.visible_to(self.request.user), pk=self.kwargs["photo_id"])
        return photo.events.for_lists().select_related("link")


class CollectionHold(_OfCollection):
    """Legal hold of the collection: owners set and lift it."""

    serializer_class = HoldSerializer

    @extend_schema(operation_id="collections_hold", responses=HoldSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """Whether something keeps the collection, and why."""
        return self._answer(self.visible_collection())

    @extend_schema(
        operation_id="collections_hold_set", responses={200: HoldSerializer, 400: ApiErrorSerializer}
    )
    def put(self, request: Request, **kwargs: Any) -> Response:
        """Put it under legal hold, or change the reason."""
        collection = self.owned_collection()
        wanted = self.get_serializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        set_legal_hold(
            collection=collection, actor=signed_in(request), reason=wanted.validated_data["reason"]
        )
        return self._answer(collection)

    @extend_schema(
        operation_id="collections_hold_lift",
        request=None,
        responses={200: HoldSerializer, 409: ApiErrorSerializer},
    )
    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Lift the hold that stands on the collection itself."""
        collection = self.owned_collection()
        lift_legal_hold(collection=collection, actor=signed_in(request))
        return self._answer(collection)

    def _answer(self, collection: Collection) -> Response:
        holding = holding_collection(collection.pk)
        return Response(
            {
                "held": holding is not None,
                "collection": str(holding.pk) if holding else None,
                "reason": holding.legal_hold_reason if holding else "",
            }
        )


class CollectionFixity(_OfCollection):
    """How well the files in the collection and below it are kept; curators begin a check."""

    scopes = {"GET": Scope.READ, "POST": Scope.UPLOAD}
    serializer_class = StandingSerializer

    @extend_schema(operation_id="collections_fixity", responses=StandingSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """The last check, and what is wrong."""
        return Response(self.get_serializer(standing_of_collection(self.visible_collection())).data)

    @extend_schema(
        operation_id="collections_fixity_check",
        request=None,
        responses={202: FixityRunSerializer, 409: ApiErrorSerializer},
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Begin a check."""
        collection = self.visible_collection()
        if not Collection.objects.curated_by(request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        return _started(request, collection=collection)


class PhotoFixity(generics.GenericAPIView[Photo]):
    """How well the photo's files are kept; curators begin a check."""

    scopes = {"GET": Scope.READ, "POST": Scope.UPLOAD}
    serializer_class = StandingSerializer
    queryset = Photo.objects.none()

    @extend_schema(operation_id="photos_fixity", responses=StandingSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """The last check that read its original, and what is wrong."""
        return Response(self.get_serializer(standing_of_photo(self._photo())).data)

    @extend_schema(
        operation_id="photos_fixity_check",
        request=None,
        responses={202: FixityRunSerializer, 409: ApiErrorSerializer},
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Begin a check."""
        photo = self._photo()
        if not Photo.objects.curated_by(request.user).filter(pk=photo.pk).exists():
            raise PermissionDenied
        return _started(request, photo=photo)

    def _photo(self) -> Photo:
        photos = Photo.objects.visible_to(self.request.user).select_related("original", "collection")
        return get_object_or_404(photos, pk=self.kwargs["photo_id"])


class ArchiveFixity(generics.GenericAPIView[Any]):
    """How well everything is kept, for those who administer the platform."""

    scopes = _READ_AND_ADMIN
    serializer_class = StandingSerializer
    queryset = FixityRun.objects.none()

    @extend_schema(operation_id="fixity", responses=StandingSerializer)
    def get(self, request: Request) -> Response:
        """The last check of everything, and what is wrong."""
        self._check_operator(request)
        return Response(self.get_serializer(standing_of_archive()).data)

    @extend_schema(
        operation_id="fixity_check",
        request=None,
        responses={202: FixityRunSerializer, 409: ApiErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """Begin a check of everything."""
        self._check_operator(request)
        return _started(request)

    def _check_operator(self, request: Request) -> None:
        if not is_operator(signed_in(request)):
            raise PermissionDenied


def _started(request: Request, **what: Any) -> Response:
    run = start_fixity_run(requested_by=signed_in(request), **what)
    transaction.on_commit(lambda: enqueue_fixity_run(run), robust=True)
    return Response(FixityRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)
