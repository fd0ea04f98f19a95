"""Addresses inside answers, absolute as programs want them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import get_script_prefix, get_urlconf, reverse

_ROOT = "root_of_addresses"
# Stands for any key while the address is made that all of them have in common.
_ANY = UUID(int=0)


def address_of(context: Any, name: str, key: UUID, *more: str) -> str:
    """The absolute address of what `name` names, as the request in a serializer's `context` sees it.

    `context`: a dict, in which what all addresses begin with is kept. `key` and `more`: its arguments.
    Raises NoReverseMatch.
    """
    root = context.get(_ROOT)
    if root is None:
        root = context[_ROOT] = context["request"].build_absolute_uri("/")[:-1]
    before, after = _parts(name, more, get_script_prefix(), get_urlconf())
    return f"{root}{before}{key}{after}"


@lru_cache(maxsize=256)
def _parts(name: str, more: tuple[str, ...], prefix: str, urlconf: str | None) -> tuple[str, str]:
    """What stands before and after the key. To ask for it anew for each row of a list took as long as reading
    them from the database.
    """
    before, _any, after = reverse(name, args=[_ANY, *more], urlconf=urlconf).partition(str(_ANY))
    return before, after
