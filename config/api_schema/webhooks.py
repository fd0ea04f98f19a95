"""The schema's section about what is sent to webhooks: one entry for each kind of thing that can be told."""

from __future__ import annotations

from typing import Any

from archive.webhooks.kinds import TEST, HookKind, hook_kinds

_ID = {"type": "string", "format": "uuid"}
_EVENT_FIELDS = {
    "event": {"description": "Its id in the event log."} | _ID,
    "photo": {"type": ["string", "null"], "format": "uuid"},
    "person": {"description": "User name of who did it.", "type": ["string", "null"]},
    "outcome": {"type": "string"},
}
_HEADERS = {
    "webhook-id": ("The same for every attempt: what came twice is known by it.", {"type": "string"}),
    "webhook-timestamp": ("Unix time of this attempt, in seconds.", {"type": "integer"}),
    "webhook-signature": ("One or two, as Standard Webhooks has them: `v1,` and Base64.", {"type": "string"}),
}


def described_webhooks() -> dict[str, Any]:
    """The `webhooks` of an OpenAPI 3.1 document, by kind."""
    kinds = hook_kinds() | {TEST: HookKind("Sent by hand, to try the receiver", fields=("webhook",))}
    return {name: {"post": _operation(name, kind)} for name, kind in kinds.items()}


def _operation(name: str, kind: HookKind) -> dict[str, Any]:
    return {
        "operationId": f"told_{name.replace('.', '_')}",
        "summary": kind.sentence,
        "description": "Sent to webhooks that asked for it. Check the signature over the body as it came.",
        "tags": ["Webhooks"],
        "parameters": [
            {"name": header, "in": "header", "required": True, "description": about, "schema": form}
            for header, (about, form) in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _message(name, kind)}},
        },
        "responses": {
            "2XX": {"description": "It has arrived; say so within ten seconds."},
            "410": {"description": "Never send again: the webhook is switched off."},
            "default": {"description": "Tried again later, `Retry-After` is kept to."},
        },
    }


def _message(name: str, kind: HookKind) -> dict[str, Any]:
    further: dict[str, Any] = {field: {} for field in kind.data_fields()}
    data = {"collection": _ID} | (_EVENT_FIELDS if kind.events else {}) | further
    message = {
        "type": {"const": name},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {"type": "object", "properties": data, "required": [*data]},
    }
    return {"type": "object", "properties": message, "required": [*message]}
