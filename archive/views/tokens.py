"""API tokens of the person who is signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from archive.access.signed_in import SignedInRequest
from archive.errors import InputError
from archive.forms.access import ApiTokenForm
from archive.models import ApiToken
from archive.services import create_api_token, revoke_api_token


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: SignedInRequest) -> HttpResponse:
    """The tokens, and a form for another; the answer to it shows the new key, this once."""
    if request.method != "POST":
        return _page(request, ApiTokenForm(user=request.user))
    form = ApiTokenForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            token, key = create_api_token(user=request.user, **form.wanted())
        except InputError as error:
            form.add_error(None, error.message)
        else:
            fresh = ApiTokenForm(user=request.user)
            return _page(request, fresh, status=201, new_token=token, new_key=key)
    return _page(request, form, status=400)


@login_required
@require_POST
def token_revoke(request: SignedInRequest, token_id: UUID) -> HttpResponse:
    """Closes one of one's own tokens."""
    token = get_object_or_404(ApiToken, pk=token_id, user=request.user)
    revoke_api_token(token=token)
    return redirect("archive:tokens")


def _page(request: SignedInRequest, form: ApiTokenForm, *, status: int = 200, **context: Any) -> HttpResponse:
    own = ApiToken.objects.valid().filter(user=request.user).prefetch_related("collections")
    return render(request, "archive/tokens.html", {"tokens": own, "form": form} | context, status=status)
