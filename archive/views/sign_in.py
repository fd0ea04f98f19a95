"""What somebody sees who has tried too often to sign in, or something else that guessing would pay for."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from archive.access.signing_in import refusal_of
from archive.errors import TooManyAttemptsError

TOO_MANY = 429
_API = "/api/"


def locked_out(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None
) -> HttpResponse:
    """In place of `response`, at every door: the sign-in page or the API's form of an error, with the time
    after which it is worth while to try again.
    """
    error = refusal_of(request, credentials)
    answer: HttpResponse
    if request.path.startswith(_API):
        answer = JsonResponse({"code": error.code, "message": error.message, "fields": {}})
    else:
        shown = {"form": AuthenticationForm(request), "refusal": error.message, "next": _next_of(request)}
        answer = render(request, "archive/sign_in.html", shown)
    add_never_cache_headers(answer)
    return as_too_many(answer, error)


def as_too_many(response: HttpResponse, error: TooManyAttemptsError) -> HttpResponse:
    """The response as an answer to one attempt too many."""
    response.status_code = TOO_MANY
    response["Retry-After"] = str(error.wait_seconds)
    return response


def _next_of(request: HttpRequest) -> str:
    """Where to go after signing in; the page that gets it checks it."""
    return request.POST.get("next") or request.GET.get("next", "")
