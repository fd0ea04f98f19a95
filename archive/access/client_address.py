"""From where a request comes, as far as that can be believed."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings

_NETWORK_BITS = 64
"""Of an IPv6 address; the rest is the household's own to choose."""


def client_address(request: Any) -> str:
    """The address that the request came from; "" where nothing tells. Of an IPv6 address the first of its
    network stands for all of them: whoever has one has them all.

    Of X-Forwarded-For only what our own proxies have added is believed (PULIH_PROXIES says how many stand in
    front), and nothing where there is none: whoever asks can write into it what he likes.
    """
    seen = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.PULIH_PROXIES and forwarded:
        hops = [hop.strip() for hop in forwarded.split(",")]
        seen = hops[-min(settings.PULIH_PROXIES, len(hops))]
    return known_address(seen)


def known_address(text: str) -> str:
    """As `client_address` would tell it; "" for what is no address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, _NETWORK_BITS), strict=False).network_address)
        address = address.ipv4_mapped
    return str(address)
