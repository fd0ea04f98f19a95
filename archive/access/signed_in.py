"""Pages are for people who have signed in: their requests, and what a poll is told once they have not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails


class SignedInRequest(HttpRequest):
    """A request that has passed `login_required`. For type checkers: it is an ordinary request."""

    user: User
    htmx: HtmxDetails


View = Callable[..., HttpResponseBase]


def signed_in_poll(view: View) -> View:
    """`login_required` for fragments: once a session has ended, the whole page reloads and asks to sign in.

    A redirect would be followed by the poll, which would put the sign-in page where the fragment was.
    """
    protected = login_required(view)

    @wraps(view)
    def checked(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.htmx and not request.user.is_authenticated:
            return HttpResponseClientRefresh()
        return protected(request, *args, **kwargs)

    return checked
