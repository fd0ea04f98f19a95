"""Guests of a browser: which share links it has followed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from archive.access.visitors import Guest
from archive.models import ShareLink

_SESSION_KEY = "share_links"


def guest_of(request: HttpRequest) -> Guest:
    """The guest that this request comes from, whoever is signed in besides."""
    return Guest([UUID(pk) for pk in request.session.get(_SESSION_KEY, [])])


def let_in(request: HttpRequest, link: ShareLink) -> None:
    """From now on this browser may look at what `link` opens, as long as the link is valid."""
    followed = request.session.get(_SESSION_KEY, [])
    if str(link.pk) not in followed:
        request.session[_SESSION_KEY] = [*followed, str(link.pk)]


def has_followed(request: HttpRequest, link: ShareLink) -> bool:
    """Whether this browser has been let in by `link` before."""
    return str(link.pk) in request.session.get(_SESSION_KEY, [])
