"""Progress and batches over REST: the numbers of a collection, pause, resume, cancel, retry, many at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api import strict
from archive.api.accepted import accepted
from archive.api.bulk import ItemSerializer, PhotosSerializer, items, keys_among, named_photos, refusals
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.models import Collection, Photo
from archive.querysets.visible import CollectionQuerySet
from restoration.api.serializers import THOROUGH
from restoration.progress.failures import failed_restorations
from restoration.progress.standing import standing_of
from restoration.services import (
    cancel_restorations,
    pause_restorations,
    request_restorations,
    resume_restorations,
    retry_restorations,
)

MOST_NAMED = 10_000


class CollectionProgressSerializer(serializers.Serializer[Any]):
    """Photos by where their newest version stands, everything below the collection included."""

    total = serializers.IntegerField()
    waiting = serializers.IntegerField()
    running = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Restored, reviewed or not.")
    reviewed = serializers.IntegerField()
    failed = serializers.IntegerField()
    not_restored = serializers.IntegerField(source="not_asked_for")
    seconds_left = serializers.SerializerMethodField(help_text="`null` where nobody can tell.")
    paused_by_collection = serializers.SerializerMethodField(
        help_text="The collection whose pause keeps this one waiting, itself or one further up; else `null`."
    )

    def get_seconds_left(self, standing: Any) -> float | None:
        return standing.time_left.total_seconds() if standing.time_left is not None else None

    def get_paused_by_collection(self, standing: Any) -> UUID | None:
        return standing.pause.collection_id if standing.pause else None


class NamedPhotosSerializer(serializers.Serializer[Any]):
    """Which photos: those that are named, or all where none is."""

    photos = serializers.ListField(child=strict.UUIDField(), required=False, max_length=MOST_NAMED)


class BatchRequestSerializer(NamedPhotosSerializer):
    """Which photos, and how."""

    thorough = strict.BooleanField(default=False, help_text=THOROUGH)


class BatchReportSerializer(serializers.Serializer[Any]):
    """`left_out`: photos of which a restoration waits or runs already."""

    queued = serializers.IntegerField()
    left_out = serializers.IntegerField()


class QueuedItemSerializer(ItemSerializer):
    """What became of one photo."""

    restoration = serializers.UUIDField(allow_null=True, help_text="The one that was queued.")


class QueuedItemsSerializer(serializers.Serializer[Any]):
    """One result for each photo, in the order in which they were named."""

    results = QueuedItemSerializer(many=True)


class _OfCollection(generics.GenericAPIView[Collection]):
    queryset = Collection.objects.none()
    pagination_class = None

    def collection(self, allowed: CollectionQuerySet | None = None) -> Collection:
        """The collection of the address; PermissionDenied where it is none of the allowed ones."""
        visible = Collection.objects.visible_to(self.request.user)
        found = get_object_or_404(visible, pk=self.kwargs["collection_id"])
        if allowed is not None and not allowed.filter(pk=found.pk).exists():
            raise PermissionDenied
        return found

    def asked(self) -> dict[str, Any]:
        """What the request says, by the view's own serializer; without "photos" it is about all."""
        asked = self.get_serializer(data=self.request.data)
        asked.is_valid(raise_exception=True)
        said: dict[str, Any] = asked.validated_data
        return said

    def answer(self, collection: Collection) -> Response:
        """Where everything stands now."""
        return Response(CollectionProgressSerializer(standing_of(collection, self.request.user)).data)


class _Controls(_OfCollection):
    scopes = {"POST": Scope.RESTORE}
    serializer_class = CollectionProgressSerializer

    def curated(self) -> Collection:
        return self.collection(Collection.objects.curated_by(self.request.user))


class CollectionPause(_Controls):
    """Nothing is restored in the collection and below until it is resumed; curators may.

    What is being restored stops at its next tile and is `queued` again; the attempt is not counted.
    """

    @extend_schema(
        operation_id="collections_progress_pause", request=None, responses=CollectionProgressSerializer
    )
    @once_per_key
    def post(self, request: Request, collection_id: UUID) -> Response:
        collection = self.curated()
        pause_restorations(collection=collection, actor=signed_in(request))
        return self.answer(collection)


class CollectionResume(_Controls):
    """What waits in the collection goes on; curators may."""

    @extend_schema(
        operation_id="collections_progress_resume", request=None, responses=CollectionProgressSerializer
    )
    @once_per_key
    def post(self, request: Request, collection_id: UUID) -> Response:
        collection = self.curated()
        resume_restorations(collection=collection, actor=signed_in(request))
        return self.answer(collection)


class CollectionCancel(_Controls):
    """Cancels what waits or runs in the collection and below; curators may."""

    @extend_schema(
        operation_id="collections_progress_cancel", request=None, responses=CollectionProgressSerializer
    )
    @once_per_key
    def post(self, request: Request, collection_id: UUID) -> Response:
        collection = self.curated()
        cancel_restorations(collection=collection, actor=signed_in(request))
        return self.answer(collection)


class CollectionRetry(_OfCollection):
    """Asks again for what failed; curators and reviewers may."""

    scopes = {"POST": Scope.RESTORE}
    serializer_class = NamedPhotosSerializer

    @extend_schema(
        operation_id="collections_progress_retry",
        responses={202: BatchReportSerializer, 400: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Of the photos that are named, or of all."""
        collection = self.collection(Collection.objects.reviewable_by(request.user))
        restorations = failed_restorations(collection, request.user, self.asked().get("photos"))
        report = retry_restorations(restorations=restorations, requested_by=signed_in(request))
        address = reverse("api:collection-progress", args=[collection.pk])
        return accepted(BatchReportSerializer(report).data, address=address)


class CollectionBatch(_OfCollection):
    """Queues restorations of many photos; curators and reviewers may."""

    scopes = {"POST": Scope.RESTORE}
    serializer_class = BatchRequestSerializer

    @extend_schema(
        operation_id="collections_restore",
        responses={202: BatchReportSerializer, 400: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, collection_id: UUID) -> Response:
        """Of the photos that are named, or of all in the collection and below."""
        collection = self.collection(Collection.objects.reviewable_by(request.user))
        photos = Photo.objects.reviewable_by(request.user).within(collection)
        asked = self.asked()
        if "photos" in asked:
            photos = photos.filter(pk__in=asked["photos"])
        keys = photos.order_by("-created_at", "pk").values_list("pk", flat=True)
        report = request_restorations(
            photos=keys, requested_by=signed_in(request), thorough=asked["thorough"]
        )
        address = reverse("api:collection-progress", args=[collection.pk])
        return accepted(BatchReportSerializer(report).data, address=address)


class PhotosRestoring(generics.GenericAPIView[Photo]):
    """Queues restorations of photos, wherever they are."""

    scopes = {"POST": Scope.RESTORE}
    serializer_class = PhotosSerializer
    queryset = Photo.objects.none()

    @extend_schema(
        operation_id="photos_restore_many", responses={200: QueuedItemsSerializer, 400: ApiErrorSerializer}
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        """Each by itself; unchanged: those of which a restoration waits or runs already."""
        named = named_photos(request)
        mine = keys_among(Photo.objects.reviewable_by(request.user), named)
        report = request_restorations(
            photos=[key for key in named if key in mine], requested_by=signed_in(request)
        )
        queued = report.restorations
        return items(
            named,
            set(queued),
            refusals(request, named, mine),
            more=lambda key: {"restoration": str(queued[key]) if key in queued else None},
        )
