"""Which type of answer a client gets."""

from __future__ import annotations

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request


class TakeAnyAccept(DefaultContentNegotiation):
    """For downloads: whatever a client says it accepts, it gets the file; errors are JSON as everywhere."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
