"""How often something may be tried that guessing, or flooding somebody's mailbox, would pay for.

Failures to sign in under one name from one address are not among this: django-axes counts them. It has one
limit for all that it counts, and knows nothing but signing in.

What was tried is kept under digests that take the platform's secret key: the database tells neither who comes
from where nor what was typed into the field for the name, which now and then is a password.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.crypto import salted_hmac

_SALT = "archive.access.attempts"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many attempts `within` this time, which begins with the first of them."""

    name: str
    most: int
    within: timedelta


SIGN_IN_NAME = Limit("sign-in-name", 100, timedelta(hours=1))
"""For one name from anywhere: many machines that guess together."""

SIGN_IN_ADDRESS = Limit("sign-in-address", 30, timedelta(minutes=15))
"""From one address for any names: one password tried with all of them."""

FAMILIAR = Limit("familiar", 1, timedelta(days=30))
"""A name has signed in from an address. The two limits above are then not for them: nobody is locked out by
what others try elsewhere, nor a whole archive behind one address by one of its machines."""

PASSWORD = Limit("password", 10, timedelta(minutes=15))
"""The present password, asked again of whoever is signed in."""

RESET_MAIL = Limit("reset-mail", 1, timedelta(minutes=2))
"""To one mailbox."""

RESETS = Limit("resets", 20, timedelta(hours=1))
"""Mails about forgotten passwords, asked for from one address."""


def digest_of_name(name: str) -> str:
    """What stands for a user name or mail address, however it is written; "" for none."""
    return _digest("name", name.strip().casefold())


def digest_of_address(address: str) -> str:
    """What stands for a `client_address`, also for an unknown one."""
    return _digest("address", address or "unknown")


def _digest(kind: str, text: str) -> str:
    if not text:
        return ""
    given = f"{kind} {text}".encode(errors="replace")
    return salted_hmac(_SALT, given, algorithm="sha256").hexdigest()
