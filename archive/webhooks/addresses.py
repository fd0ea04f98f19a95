"""Which addresses a webhook may have, and to which machines they may lead.

Whoever owns a collection may name an address; the worker that sends there stands inside the archive's own
network. So it must not lead to anything in there: neither by its form, nor by what its name means when it is
asked for. Hosts that the operator trusts (PULIH_WEBHOOK_HOSTS) are free of this, and of https.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.encoding import iri_to_uri

from archive.messages import input_error

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_CHARACTERS = 2000
_PORTS = {"https": 443, "http": 80}
_is_url = URLValidator(schemes=list(_PORTS))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Everything of IPv6 that is routed at all.
_ROUTED = ipaddress.ip_network("2000::/3")
_INSIDE = [
    ipaddress.ip_network(network)
    for network in (
        # What `ipaddress` takes for global, depending on its version.
        "192.0.0.0/24",
        "192.88.99.0/24",
        # Public by its number, but the inside of a cloud: Azure answers there about the machine itself.
        "168.63.129.16/32",
        # Protocols of the IETF and tunnels (Teredo, 6to4), which hide where they end; examples.
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
]


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. `host`: a name in ASCII or an IP address without brackets; `path` with what is
    asked for; `is_trusted`: by the operator, whatever it leads to.
    """

    scheme: str
    host: str
    port: int
    path: str
    is_trusted: bool


def target_of(url: str) -> Target:
    """Take an address apart. Raises InputError `archive:webhook:url` for what is none (or has a user name, or
    a part after "#"), `archive:webhook:https`, `archive:webhook:port`, or `archive:webhook:inside` for an IP
    address that leads inside. What a name leads to is asked when something is sent.
    """
    if len(url) > MOST_CHARACTERS:
        raise input_error("archive:webhook:url")
    try:
        _is_url(url)
        parts = urlsplit(url)
        host = _ascii_host(parts.hostname or "")
        port = parts.port or _PORTS[parts.scheme.lower()]
    except (ValidationError, ValueError) as error:
        raise input_error("archive:webhook:url") from error
    if parts.fragment or parts.username is not None or parts.password is not None:
        raise input_error("archive:webhook:url")
    scheme = parts.scheme.lower()
    path = iri_to_uri(parts.path or "/") + (f"?{iri_to_uri(parts.query)}" if parts.query else "")
    target = Target(scheme, host, port, path, _is_trusted(host, port))
    if not target.is_trusted:
        _check_form(target)
    return target


def resolved(target: Target, *, seconds: float) -> str:
    """The IP address to connect to, which is the very one that was looked at.

    Raises InputError `archive:webhook:inside` if any that the name has leads inside,
    `archive:webhook:unknown-host` if it has none, or none within `seconds`.
    """
    found = _look_up(target, seconds)
    if not found:
        raise input_error("archive:webhook:unknown-host")
    if not target.is_trusted and not all(map(is_outside, found)):
        raise input_error("archive:webhook:inside")
    return str(found[0])


def is_outside(address: IpAddress) -> bool:
    """Whether this is a machine of the public internet: not of a private network, this machine, its link or
    its cloud, nor several at once. What stands for an IPv4 address is judged by that.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_outside(inner)
        if address not in _ROUTED:
            return False
    unusual = address.is_multicast or address.is_reserved or any(address in network for network in _INSIDE)
    return address.is_global and not unusual


def _check_form(target: Target) -> None:
    if target.scheme != "https":
        raise input_error("archive:webhook:https")
    # Low ports are other services', which must not be spoken to through us.
    if target.port < 1024 and target.port != _PORTS["https"]:
        raise input_error("archive:webhook:port")
    try:
        address = ipaddress.ip_address(target.host)
    except ValueError:
        return
    if not is_outside(address):
        raise input_error("archive:webhook:inside")


def _is_trusted(host: str, port: int) -> bool:
    bracketed = f"[{host}]" if ":" in host else host
    trusted = {entry.strip().lower() for entry in settings.PULIH_WEBHOOK_HOSTS}
    return not trusted.isdisjoint({bracketed, f"{bracketed}:{port}"})


def _ascii_host(host: str) -> str:
    """Lower case, and names in other scripts as the DNS knows them. Raises ValueError (UnicodeError)."""
    return host.lower() if host.isascii() else host.encode("idna").decode()


def _look_up(target: Target, seconds: float) -> list[IpAddress]:
    """What the name means now. A resolver cannot be told to hurry, so it is left behind."""
    answers: queue.SimpleQueue[list[IpAddress]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            lines = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            answers.put([ipaddress.ip_address(str(line[4][0]).partition("%")[0]) for line in lines])
        except (OSError, ValueError):
            answers.put([])

    threading.Thread(target=ask, name="webhook-lookup", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return []
