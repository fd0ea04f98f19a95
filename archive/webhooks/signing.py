"""Secrets of webhooks, and signatures as Standard Webhooks wants them (www.standardwebhooks.com).

A receiver needs the secret, so a digest of it would not do; and a secret in the database would be known to
whoever reads that. So none is kept: it is computed from the platform's own secret key and the number of the
webhook's secret. With another secret key, every webhook has another secret.
"""

from __future__ import annotations

import base64
from datetime import datetime

from django.utils.crypto import salted_hmac
from standardwebhooks import Webhook as Signer

from archive.models import Webhook, WebhookDelivery

_SALT = "archive.webhooks.signing"


def secret_of(webhook: Webhook) -> str:
    """The secret as its receiver is to have it: "whsec_" and 32 bytes in Base64."""
    return _secret(webhook, webhook.secret_number)


def signed_headers(webhook: Webhook, delivery: WebhookDelivery, now: datetime) -> dict[str, str]:
    """What makes the body of `delivery` trustworthy to its receiver; `now` (UTC) is signed, too.

    For a day after the secret was changed there are two signatures, by the present one and by the old.
    """
    numbers = [webhook.secret_number]
    if webhook.old_secret_until is not None and webhook.old_secret_until > now:
        numbers.append(webhook.secret_number - 1)
    signatures = [
        Signer(_secret(webhook, number)).sign(delivery.message_id, now, delivery.body) for number in numbers
    ]
    return {
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _secret(webhook: Webhook, number: int) -> str:
    key = salted_hmac(_SALT, f"{webhook.pk}:{number}", algorithm="sha256").digest()
    return f"whsec_{base64.b64encode(key).decode()}"
