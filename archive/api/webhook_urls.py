"""Addresses of webhooks over REST; archive.api.urls takes them in."""

from django.urls import path

from archive.api.webhooks import (
    WebhookDeliveries,
    WebhookDeliveryDetail,
    WebhookDetail,
    WebhookKinds,
    WebhookList,
    WebhookRedelivery,
    WebhookSecret,
    WebhookTest,
)

webhook_urls = [
    path("webhooks/", WebhookList.as_view(), name="webhook-list"),
    path("webhooks/kinds/", WebhookKinds.as_view(), name="webhook-kinds"),
    path("webhooks/<uuid:pk>/", WebhookDetail.as_view(), name="webhook-detail"),
    path("webhooks/<uuid:pk>/secret/", WebhookSecret.as_view(), name="webhook-secret"),
    path("webhooks/<uuid:pk>/test/", WebhookTest.as_view(), name="webhook-test"),
    path("webhooks/<uuid:pk>/deliveries/", WebhookDeliveries.as_view(), name="webhook-deliveries"),
    path("webhook-deliveries/<uuid:pk>/", WebhookDeliveryDetail.as_view(), name="webhook-delivery-detail"),
    path("webhook-deliveries/<uuid:pk>/redelivery/", WebhookRedelivery.as_view(), name="webhook-redelivery"),
]
