"""One's own API tokens over REST. No token makes, lists or revokes tokens: that takes the person."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.access_serializers import ApiTokenSerializer, NewApiTokenSerializer
from archive.api.authentication import NotByToken
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.preconditions import HasETag, if_unchanged
from archive.models import ApiToken
from archive.services import create_api_token, revoke_api_token


class _OwnTokens(generics.GenericAPIView[ApiToken]):
    permission_classes = (*generics.GenericAPIView.permission_classes, NotByToken)
    serializer_class = ApiTokenSerializer
    queryset = ApiToken.objects.none()

    def get_queryset(self) -> QuerySet[ApiToken]:
        own = ApiToken.objects.valid().filter(user=signed_in(self.request))
        return own.prefetch_related("collections").order_by("-created_at", "pk")


class TokenList(_OwnTokens, generics.ListAPIView[ApiToken]):
    """Your tokens that are open."""

    @extend_schema(
        operation_id="tokens_create",
        request=ApiTokenSerializer,
        responses={201: NewApiTokenSerializer, 400: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        """Make one. Its key is in the answer, this once."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        token, key = create_api_token(
            user=signed_in(request),
            name=wanted["name"],
            scopes=[Scope(scope) for scope in wanted["scopes"]],
            collections=wanted.get("collections"),
            expires_at=wanted.get("expires_at"),
        )
        shown = self.get_serializer(token).data | {"token": key}
        return Response(shown, status=status.HTTP_201_CREATED)


class TokenDetail(HasETag, _OwnTokens, generics.RetrieveAPIView[ApiToken]):
    """One of your tokens."""

    described = ("name", "scopes", "collections", "expires_at")

    @extend_schema(operation_id="tokens_revoke", responses={204: None})
    @if_unchanged
    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke it."""
        revoke_api_token(token=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
