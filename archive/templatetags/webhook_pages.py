"""Webhooks in templates."""

from __future__ import annotations

import json

from django import template

from archive.messages import sentence
from archive.models import WebhookDelivery
from archive.webhooks.kinds import kind_sentence

register = template.Library()


@register.simple_tag
def hook_kind(name: str) -> str:
    """What a kind of thing is called, in the reader's language."""
    return kind_sentence(name)


@register.simple_tag
def hook_error(code: str) -> str:
    """Why no answer came, in the reader's language."""
    return sentence(code)


@register.simple_tag
def hook_body(delivery: WebhookDelivery) -> str:
    """What is sent, laid out for people."""
    return json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False)
