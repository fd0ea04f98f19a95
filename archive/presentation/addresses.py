"""Addresses that leave the platform: in mails, for search engines, on pictures for sharing."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site_address(request: HttpRequest | None = None) -> str:
    """Where people reach this platform, without a slash at its end: PULIH_ADDRESS, or else the host of the
    request; "" where there is neither.
    """
    address: str = settings.PULIH_ADDRESS
    if not address and request is not None:
        address = f"{request.scheme}://{request.get_host()}"
    return address


def absolute(path: str, request: HttpRequest | None = None) -> str:
    """The whole address of `path`; `path` itself where nobody knows the host."""
    return f"{site_address(request)}{path}"
