"""Webhooks over REST: addresses that are told when something happens, and the log of that."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from archive.access.scopes import Scope
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.preconditions import HasETag, if_unchanged
from archive.api.webhook_serializers import (
    HookKindSerializer,
    NewWebhookSerializer,
    WebhookChangeSerializer,
    WebhookDeliveryDetailSerializer,
    WebhookDeliverySerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)
from archive.models import Collection, Webhook, WebhookDelivery
from archive.services import (
    change_webhook,
    change_webhook_secret,
    create_webhook,
    delete_webhook,
    pause_webhook,
    redeliver,
    resume_webhook,
    test_webhook,
)

# Their addresses are often keys themselves, so looking takes no less.
_ADMIN = dict.fromkeys(("GET", "POST", "PATCH", "DELETE"), Scope.ADMIN)


class _Asked(serializers.Serializer[Any]):
    """What the lists can be narrowed to."""

    collection = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=WebhookDelivery.State.choices, required=False)


class _Webhooks(generics.GenericAPIView[Any]):
    """Of collections that the caller owns, and his own for all of them."""

    scopes = _ADMIN
    serializer_class: type[serializers.BaseSerializer[Any]] = WebhookSerializer
    queryset: QuerySet[Any] = Webhook.objects.none()

    def webhook(self) -> Webhook:
        visible = Webhook.objects.visible_to(self.request.user)
        return get_object_or_404(visible.select_related("owner", "collection"), pk=self.kwargs["pk"])

    def asked(self) -> dict[str, Any]:
        asked = _Asked(data=self.request.query_params.dict())
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)


class WebhookList(_Webhooks, generics.ListAPIView[Webhook]):
    """Webhooks of the collections that you own, and those for all of them."""

    def get_queryset(self) -> QuerySet[Webhook]:
        visible = Webhook.objects.visible_to(self.request.user).select_related("owner")
        place = self.asked().get("collection")
        return visible if place is None else visible.filter(collection=place)

    @extend_schema(
        operation_id="webhooks_list",
        parameters=[OpenApiParameter("collection", UUID, description="Of this collection itself only.")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="webhooks_create",
        responses={
            201: NewWebhookSerializer,
            400: ApiErrorSerializer,
            404: ApiErrorSerializer,
            409: ApiErrorSerializer,
        },
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        """Have an address told what happens. 409 where there are too many already."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted, caller = dict(asked.validated_data), signed_in(request)
        place = wanted.pop("collection")
        if place is not None:
            get_object_or_404(Collection.objects.visible_to(caller), pk=place.pk)
            if not Collection.objects.owned_by(caller).filter(pk=place.pk).exists():
                raise PermissionDenied
        webhook, secret = create_webhook(owner=caller, collection=place, **wanted)
        shown = {**NewWebhookSerializer(webhook).data, "secret": secret}
        return Response(shown, status=status.HTTP_201_CREATED)


class WebhookKinds(_Webhooks):
    """What webhooks can be told."""

    serializer_class = HookKindSerializer
    scopes = {"GET": Scope.READ}

    @extend_schema(operation_id="webhooks_kinds", responses=HookKindSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Names never change; there may come more."""
        page = self.paginate_queryset(HookKindSerializer.all())
        return self.get_paginated_response(page)


class WebhookDetail(HasETag, _Webhooks):
    """One webhook."""

    described = ("name", "url", "kinds", "paused")

    @extend_schema(operation_id="webhooks_detail")
    def get(self, request: Request, pk: UUID) -> Response:
        """Where it leads, what it is told, and how it goes."""
        return Response(self.get_serializer(self.webhook()).data)

    @extend_schema(
        operation_id="webhooks_change",
        request=WebhookChangeSerializer,
        responses={200: WebhookSerializer, 400: ApiErrorSerializer},
    )
    @if_unchanged
    def patch(self, request: Request, pk: UUID) -> Response:
        """Change it, pause it, resume it."""
        webhook, actor = self.webhook(), signed_in(request)
        asked = WebhookChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        paused = wanted.pop("paused", None)
        webhook = change_webhook(webhook=webhook, actor=actor, **wanted)
        if paused is not None:
            webhook = (pause_webhook if paused else resume_webhook)(webhook=webhook, actor=actor)
        return Response(self.get_serializer(webhook).data)

    @extend_schema(operation_id="webhooks_delete", responses={204: None})
    @if_unchanged
    def delete(self, request: Request, pk: UUID) -> Response:
        """Remove it, with its log and what was still to be sent."""
        delete_webhook(webhook=self.webhook(), actor=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class WebhookSecret(_Webhooks):
    """The secret that signatures are made with."""

    serializer_class = WebhookSecretSerializer

    @extend_schema(operation_id="webhooks_secret", request=None, responses=WebhookSecretSerializer)
    @once_per_key
    def post(self, request: Request, pk: UUID) -> Response:
        """Another one."""
        secret = change_webhook_secret(webhook=self.webhook(), actor=signed_in(request))
        return Response(WebhookSecretSerializer({"secret": secret}).data)


class WebhookTest(_Webhooks):
    """To see whether anything arrives."""

    serializer_class = WebhookDeliverySerializer

    @extend_schema(
        operation_id="webhooks_test",
        request=None,
        responses={202: WebhookDeliverySerializer, 409: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, pk: UUID) -> Response:
        """Send something of the kind "test". 409 while it is paused or switched off."""
        delivery = test_webhook(webhook=self.webhook())
        return Response(WebhookDeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)


class WebhookDeliveries(_Webhooks, generics.ListAPIView[WebhookDelivery]):
    """What it was told in the last thirty days, or is still to be told."""

    serializer_class = WebhookDeliverySerializer
    queryset = WebhookDelivery.objects.none()

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        rows = self.webhook().deliveries.order_by("-created_at", "-id")
        state = self.asked().get("state")
        return rows if state is None else rows.filter(state=state)

    @extend_schema(
        operation_id="webhooks_deliveries",
        parameters=[OpenApiParameter("state", str, enum=WebhookDelivery.State.values)],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Newest first."""
        return super().get(request, *args, **kwargs)


class _Delivery(_Webhooks):
    serializer_class = WebhookDeliveryDetailSerializer
    queryset = WebhookDelivery.objects.none()

    def delivery(self) -> WebhookDelivery:
        visible = WebhookDelivery.objects.visible_to(self.request.user)
        return get_object_or_404(visible.select_related("webhook"), pk=self.kwargs["pk"])


class WebhookDeliveryDetail(_Delivery):
    """One of the things to tell."""

    @extend_schema(operation_id="webhook_deliveries_detail")
    def get(self, request: Request, pk: UUID) -> Response:
        """With its body and every attempt."""
        return Response(self.get_serializer(self.delivery()).data)


class WebhookRedelivery(_Delivery):
    """Once more."""

    @extend_schema(
        operation_id="webhook_deliveries_redelivery",
        request=None,
        responses={202: WebhookDeliveryDetailSerializer, 409: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request, pk: UUID) -> Response:
        """Send it again, under the same id. 409 while its webhook is paused or switched off."""
        delivery = redeliver(delivery=self.delivery())
        return Response(self.get_serializer(delivery).data, status=status.HTTP_202_ACCEPTED)
