"""Who asks for something of IIIF: members by session or token, and guests of what is public or shared.

One address serves them all, so that a viewer needs to know one only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from rest_framework.request import Request

from archive.access.guests import guest_of
from archive.access.visitors import Guest, Visitor

Found = TypeVar("Found")


def visitors_of(request: Request) -> Iterator[Visitor]:
    """As whom this request may see something: as a member, if it is one's, and then as a guest."""
    if request.user.is_authenticated:
        yield request.user
    yield guest_of(request._request)


def seen_by(request: Request, look: Callable[[Visitor], Found | None]) -> tuple[Visitor, Found]:
    """The first of `visitors_of` for whom `look` finds something, and what it finds. Raises Http404."""
    for visitor in visitors_of(request):
        found = look(visitor)
        if found is not None:
            return visitor, found
    raise Http404


def note_caching(
    response: HttpResponseBase, visitor: Visitor, *, max_age: int, private_max_age: int = 0
) -> None:
    """Let caches that many share keep what everybody may see, and the asking browser alone the rest.

    Ages in seconds; with 0, it is asked for each time.
    """
    if isinstance(visitor, Guest) and not visitor.share_links:
        patch_cache_control(response, public=True, max_age=max_age)
    elif private_max_age:
        patch_cache_control(response, private=True, max_age=private_max_age)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Authorization"])
