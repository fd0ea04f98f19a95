"""The schema as a whole, when every operation is described."""

from __future__ import annotations

from typing import Any

from config.api_schema.webhooks import described_webhooks

_ANYTHING: dict[str, Any] = {}
_NULL = {"type": "null"}


def mend(result: Any, **kwargs: Any) -> Any:
    """A hook of drf-spectacular: mends what it says wrongly in OpenAPI 3.1, and adds the webhooks."""
    result["webhooks"] = described_webhooks()
    _mend_choices(result)
    return result


def _mend_choices(part: Any) -> None:
    """`oneOf` means exactly one: what fits several, as null does "anything or null", is `anyOf` or less."""
    if isinstance(part, dict):
        choices = part.get("oneOf")
        if isinstance(choices, list):
            if _ANYTHING in choices:
                del part["oneOf"]
            else:
                part["oneOf"] = [each for number, each in enumerate(choices) if each not in choices[:number]]
        for each in part.values():
            _mend_choices(each)
    elif isinstance(part, list):
        for each in part:
            _mend_choices(each)
