"""Who may see inside: figures and reasons are for operators and their machines, not for the world."""

from __future__ import annotations

import ipaddress
import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from archive.access.client_address import client_address

_BEARER = "Bearer "
_PASSED_ON = ("X-Forwarded-For", "Forwarded")


def may_see_inside(request: HttpRequest) -> bool:
    """Whether the request comes from an operator who is signed in, with the token PULIH_MONITORING_TOKEN, or
    from one of the networks PULIH_MONITORING_ADDRESSES.
    """
    return _has_token(request) or _comes_from_inside(request) or _is_operator(request)


def _has_token(request: HttpRequest) -> bool:
    token = settings.PULIH_MONITORING_TOKEN
    given = request.headers.get("Authorization", "")
    if not token or not given.startswith(_BEARER):
        return False
    return secrets.compare_digest(given.removeprefix(_BEARER).strip().encode(), token.encode())


def _comes_from_inside(request: HttpRequest) -> bool:
    # Passed on by a proxy that we know nothing of, whose own address would be taken for its client's.
    if not settings.PULIH_PROXIES and any(header in request.headers for header in _PASSED_ON):
        return False
    try:
        caller: Any = ipaddress.ip_network(client_address(request))
    except ValueError:
        return False
    networks: list[Any] = [
        ipaddress.ip_network(each, strict=False) for each in settings.PULIH_MONITORING_ADDRESSES
    ]
    return any(caller.version == each.version and caller.subnet_of(each) for each in networks)


def _is_operator(request: Any) -> bool:
    # Without a session there is nobody to ask for: a probe costs no query.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return bool(request.user.is_active and request.user.is_staff)
