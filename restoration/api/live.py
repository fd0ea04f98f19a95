"""Progress as it happens, over REST: answers that wait until something has changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from archive.api.showing import ShownModelSerializer
from archive.api.waiting import WAIT_PARAMETERS, answer_when_changed, version_of
from archive.models import Collection
from restoration.api.progress import CollectionProgressSerializer
from restoration.models import Restoration
from restoration.progress.standing import standing_of

_VERSION = "Changes whenever anything else here does: send it as `after`."


class LiveCollectionSerializer(CollectionProgressSerializer):
    """Photos by where their newest version stands, everything below the collection included."""

    version = serializers.CharField(
        read_only=True, help_text=f"{_VERSION} `seconds_left` alone does not count as a change."
    )


class LiveRestorationSerializer(ShownModelSerializer[Restoration]):
    """How far a restoration is. `progress`: per cent; `error_code`: empty unless it failed."""

    version = serializers.CharField(read_only=True, help_text=_VERSION)

    class Meta:
        model = Restoration
        fields = [
            "id",
            "photo",
            "status",
            "progress",
            "attempts",
            "error_code",
            "review_state",
            "finished_at",
            "version",
        ]
        read_only_fields = fields


class CollectionProgress(generics.GenericAPIView[Collection]):
    """How far the restorations of a collection are."""

    serializer_class = LiveCollectionSerializer
    queryset = Collection.objects.none()
    pagination_class = None

    @extend_schema(operation_id="collections_progress", parameters=WAIT_PARAMETERS)
    def get(self, request: Request, collection_id: UUID) -> Response:
        """At once, or, with `after` and `wait`, when something has changed."""

        def read() -> dict[str, Any]:
            visible = Collection.objects.visible_to(request.user)
            standing = standing_of(get_object_or_404(visible, pk=collection_id), request.user)
            data = dict(CollectionProgressSerializer(standing).data)
            # Time passes without anything else happening.
            counted = {name: value for name, value in data.items() if name != "seconds_left"}
            return {**data, "version": version_of(counted)}

        return answer_when_changed(request, read)


class RestorationProgress(generics.GenericAPIView[Restoration]):
    """How far one restoration is: lighter than all of it, for whoever waits."""

    serializer_class = LiveRestorationSerializer
    queryset = Restoration.objects.none()
    pagination_class = None

    @extend_schema(operation_id="restorations_progress", parameters=WAIT_PARAMETERS)
    def get(self, request: Request, pk: UUID) -> Response:
        """At once, or, with `after` and `wait`, when something has changed."""

        def read() -> dict[str, Any]:
            visible = Restoration.objects.visible_to(request.user)
            row = get_object_or_404(visible.values(*LiveRestorationSerializer.Meta.fields[:-1]), pk=pk)
            return {**row, "version": version_of(row)}

        return answer_when_changed(request, read)
