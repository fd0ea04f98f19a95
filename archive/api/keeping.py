"""The event log, fixity and legal hold over REST."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.operators import is_operator
from archive.access.scopes import Scope
from archive.api.accepted import accepted
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.keeping_serializers import (
    EventFilterSerializer,
    EventSerializer,
    FixityRunSerializer,
    HoldSerializer,
    StandingSerializer,
)
from archive.api.pages import Orderings
from archive.api.preconditions import HasETag, if_unchanged
from archive.fixity.standing import standing_of_archive, standing_of_collection, standing_of_photo
from archive.models import Collection, Event, FixityRun, Photo
from archive.querysets.keeping import EventQuerySet, FixityRunQuerySet
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


class _Events(generics.ListAPIView[Event]):
    scopes = _READ_AND_ADMIN
    serializer_class = EventSerializer
    queryset = Event.objects.none()
    orderings: ClassVar[Orderings] = {
        "-created_at": ("-created_at", "id"),
        "created_at": ("created_at", "-id"),
    }

    def asked_of(self, events: EventQuerySet) -> QuerySet[Event]:
        """Those of the events that the request asks for."""
        asked = EventFilterSerializer(data=self.request.query_params.dict())
        asked.is_valid(raise_exception=True)
        return events.select_related("link").order_by("-created_at", "id").filter(**asked.conditions())

    @extend_schema(parameters=[EventFilterSerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of them, or those of a kind, with an outcome, or of a time."""
        return self.list(request, *args, **kwargs)


class CollectionEvents(_Events):
    """Everything that happened in the collection and below it, newest first."""

    spread_over: Any = None

    def get_queryset(self) -> QuerySet[Event]:
        visible = Collection.objects.visible_to(self.request.user)
        collection = get_object_or_404(visible, pk=self.kwargs["collection_id"])
        self.spread_over = visible.within(collection).keys_to_filter_by()
        return self.asked_of(Event.objects.all())


class PhotoEvents(_Events):
    """Everything that happened to the photo, newest first."""

    def get_queryset(self) -> QuerySet[Event]:
        photo = get_object_or_404(Photo.objects.visible_to(self.request.user), pk=self.kwargs["photo_id"])
        return self.asked_of(Event.objects.filter(photo=photo))


class CollectionHold(HasETag, _OfCollection):
    """Legal hold of the collection: owners set and lift it."""

    serializer_class = HoldSerializer

    def locked_rows(self, request: Request, **kwargs: Any) -> QuerySet[Any]:
        return Collection.objects.filter(pk=kwargs["collection_id"])

    @extend_schema(operation_id="collections_hold", responses=HoldSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """Whether something keeps the collection, and why."""
        return self._answer(self.visible_collection())

    @extend_schema(
        operation_id="collections_hold_set", responses={200: HoldSerializer, 400: ApiErrorSerializer}
    )
    @if_unchanged
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
    @if_unchanged
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
    @once_per_key
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
    @once_per_key
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
    @once_per_key
    def post(self, request: Request) -> Response:
        """Begin a check of everything."""
        self._check_operator(request)
        return _started(request)

    def _check_operator(self, request: Request) -> None:
        if not is_operator(signed_in(request)):
            raise PermissionDenied


class FixityRuns(generics.ListAPIView[FixityRun]):
    """Checks that you began or that are about what you may see, the newest first."""

    serializer_class = FixityRunSerializer
    queryset = FixityRun.objects.none()
    orderings: ClassVar[Orderings] = {
        "-started_at": ("-started_at", "-id"),
        "started_at": ("started_at", "id"),
    }

    def get_queryset(self) -> FixityRunQuerySet:
        return _runs_shown_to(self.request)


class FixityRunDetail(HasETag, generics.RetrieveAPIView[FixityRun]):
    """One check, and how far it is."""

    serializer_class = FixityRunSerializer
    queryset = FixityRun.objects.none()

    def get_queryset(self) -> FixityRunQuerySet:
        return _runs_shown_to(self.request)


def _runs_shown_to(request: Request) -> FixityRunQuerySet:
    caller = signed_in(request)
    runs = FixityRun.objects.visible_to(caller)
    if is_operator(caller):
        runs |= FixityRun.objects.of_everything()
    return runs.select_related("requested_by")


def _started(request: Request, **what: Any) -> Response:
    run = start_fixity_run(requested_by=signed_in(request), **what)
    transaction.on_commit(lambda: enqueue_fixity_run(run), robust=True)
    address = reverse("api:fixity-run-detail", args=[run.pk])
    return accepted(FixityRunSerializer(run).data, address=address)
