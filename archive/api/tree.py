"""The tree of collections over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.callers import signed_in
from archive.api.description_serializers import MoveSerializer
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.serializers import CollectionSerializer
from archive.models import Collection
from archive.presentation.overviews import with_role_and_count
from archive.querysets.visible import CollectionQuerySet
from archive.services import move_collection


class CollectionMove(generics.GenericAPIView[Collection]):
    """Move a collection, with everything below it."""

    scopes = {"POST": Scope.ADMIN}
    serializer_class = MoveSerializer
    queryset = Collection.objects.none()

    def get_queryset(self) -> CollectionQuerySet:
        return with_role_and_count(Collection.objects.visible_to(self.request.user), self.request.user)

    @extend_schema(
        operation_id="collections_move",
        request=MoveSerializer,
        responses={200: CollectionSerializer, 400: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, **kwargs: Any) -> Response:
        """For its owners, since a move changes who has a role; into what you are a curator of."""
        collection = self.get_object()
        if not Collection.objects.owned_by(request.user).filter(pk=collection.pk).exists():
            raise PermissionDenied
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        move_collection(collection=collection, actor=signed_in(request), **asked.validated_data)
        answer = CollectionSerializer(self.get_queryset().get(pk=collection.pk), context={"request": request})
        return Response(answer.data)
