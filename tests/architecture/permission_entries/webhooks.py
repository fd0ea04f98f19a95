"""Webhooks: a collection's are its owners', and tell what happens there to others."""

from archive.models import WebhookDelivery
from archive.services import create_webhook, test_webhook
from tests.architecture.permission_levels import OWNER, SIGNED_IN, Entry

ADMIN = (OWNER, "admin")


def webhook(world):
    return [_made(world).pk]


def delivery(world):
    test_webhook(webhook=_made(world))
    return [WebhookDelivery.objects.get().pk]


def _made(world):
    return create_webhook(
        owner=world.owner,
        collection=world.collection,
        name="elsewhere",
        url="https://example.org/",
        kinds=["photo.added"],
    )[0]


ENTRIES = {
    "archive:webhooks": Entry(get=SIGNED_IN, post=SIGNED_IN),
    "archive:collection_webhooks": Entry(get=OWNER, post=OWNER),
    "archive:webhook": Entry(get=OWNER, post=OWNER, args=webhook),
    "archive:webhook_pause": Entry(post=OWNER, args=webhook),
    "archive:webhook_resume": Entry(post=OWNER, args=webhook),
    "archive:webhook_secret": Entry(post=OWNER, args=webhook),
    "archive:webhook_test": Entry(post=OWNER, args=webhook),
    "archive:webhook_delete": Entry(post=OWNER, args=webhook),
    "archive:webhook_redeliver": Entry(post=OWNER, args=delivery),
    # Which collection a new one is for stands in the body: tests/archive/test_webhook_api.py.
    "api:webhook-list": Entry(get=(SIGNED_IN, "admin"), post=(SIGNED_IN, "admin")),
    "api:webhook-kinds": Entry(get=(SIGNED_IN, "read")),
    "api:webhook-detail": Entry(get=ADMIN, patch=ADMIN, delete=ADMIN, args=webhook),
    "api:webhook-secret": Entry(post=ADMIN, args=webhook),
    "api:webhook-test": Entry(post=ADMIN, args=webhook),
    "api:webhook-deliveries": Entry(get=ADMIN, args=webhook),
    "api:webhook-delivery-detail": Entry(get=ADMIN, args=delivery),
    "api:webhook-redelivery": Entry(post=ADMIN, args=delivery),
}
