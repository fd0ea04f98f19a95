"""Every address of the URL configuration, and where it leads in a World."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.architecture.permission_levels import ANYBODY, GUEST, PUBLIC, STAFF, Entry, Expected
from tests.architecture.permission_world import World


@dataclass(frozen=True)
class Endpoint:
    name: str
    route: str
    arguments: tuple[str, ...]


def endpoints(resolver: URLResolver | None = None, space: str = "", route: str = "") -> Iterator[Endpoint]:
    """Everything that the URL configuration knows, the admin's own pages apart, which are Django's."""
    for each in (resolver or get_resolver()).url_patterns:
        below = route + str(each.pattern)
        if isinstance(each, URLPattern):
            yield Endpoint(f"{space}{each.name}", below, tuple(re.findall(r"<(?:\w+:)?(\w+)>", below)))
        elif each.namespace != "admin":
            yield from endpoints(each, f"{space}{each.namespace}:" if each.namespace else space, below)


ENDPOINTS = {endpoint.name: endpoint for endpoint in endpoints()}


def address_of(endpoint: Endpoint, entry: Entry, world: World) -> str:
    if entry.args is not None:
        given = entry.args(world)
        address = reverse(
            endpoint.name, **({"kwargs": given} if isinstance(given, dict) else {"args": given})
        )
    else:
        values = {name: world.argument(name, endpoint.route) for name in endpoint.arguments}
        address = reverse(endpoint.name, kwargs=values)
    return f"{address}?{entry.query}" if entry.query else address


def level_of(expected: Expected) -> str:
    return expected if isinstance(expected, str) else expected[0]


def insider(entry: Entry) -> str:
    """Somebody who gets in by the methods that there are, and so is told about the others."""
    levels = {level_of(expected) for expected in entry.expected().values()}
    insiders = {STAFF: "staff", GUEST: "share link", PUBLIC: "public visitor", ANYBODY: "anonymous"}
    return insiders.get(levels.pop(), "owner") if len(levels) == 1 else "owner"
