"""How somebody who was invited becomes a member: with the account that is signed in, or with a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archive.errors import EndedError, StateError
from archive.forms.access import AccountForm
from archive.models import Collection, Invitation
from archive.services import accept_invitation

_SESSION_KEY = "invitation"


@never_cache
@require_safe
def invitation_open(request: HttpRequest, key: str) -> HttpResponse:
    """Takes the key out of the address and into the session."""
    invitation = Invitation.objects.opened_by(key).first()
    if invitation is None:
        raise EndedError(_("This invitation has ended, was revoked, or has been accepted already."))
    request.session[_SESSION_KEY] = str(invitation.pk)
    response = redirect("archive:invitation")
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """What one is invited to; whoever is signed in accepts here."""
    found = _of_session(request)
    if request.method == "POST" and isinstance(request.user, User):
        return _accepted(request, found, request.user)
    return _page(request, found, AccountForm())


@never_cache
@require_POST
def invitation_account(request: HttpRequest) -> HttpResponse:
    """A new account, signed in at once, that accepts."""
    found = _of_session(request)
    if request.user.is_authenticated:
        return redirect("archive:invitation")
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    with transaction.atomic():
        user: Any = form.save(commit=False)
        user.email = found.email
        user.save()
        response = _accepted(request, found, user)
    login(request, user)
    return response


def _accepted(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    try:
        accept_invitation(invitation=found, user=user)
    except StateError as error:
        raise EndedError(error.message) from error
    request.session.pop(_SESSION_KEY, None)
    messages.success(request, _("Welcome. You are a member now."))
    return redirect("restoration:collection_detail", found.collection_id)


def _of_session(request: HttpRequest) -> Invitation:
    """The open invitation that this browser came with. Raises Http404 without one."""
    pk = request.session.get(_SESSION_KEY)
    found = Invitation.objects.valid().filter(pk=pk).select_related("collection", "invited_by").first()
    if found is None or not Collection.objects.present().filter(pk=found.collection_id).exists():
        raise EndedError(_("This invitation has ended, was revoked, or has been accepted already."))
    return found


def _page(request: HttpRequest, found: Invitation, form: Any, *, status: int = 200) -> HttpResponse:
    return render(
        request, "archive/invitation.html", {"invitation": found, "account_form": form}, status=status
    )
