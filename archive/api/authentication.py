"""API tokens at the door: whose they are, what they are good for, and in which collections."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from archive.access.scopes import Scope
from archive.access.visitors import limit_to_collections
from archive.models import ApiToken
from archive.services import note_use


class ApiTokenAuthentication(TokenAuthentication):
    """`Authorization: Token <key>`. The user comes with the limits of the token, so that every read by
    `visible_to(request.user)` keeps them.
    """

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        token = ApiToken.objects.opened_by(key).select_related("user").first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed(_("The token is unknown, revoked or past its end."))
        if token.is_limited:
            limit_to_collections(token.user, token.collections.values_list("pk", flat=True))
        note_use(token=token)
        return token.user, token


class TokenHasScope(BasePermission):
    """What a view asks of tokens: its `scopes`, {method: Scope}. People with a session need none.

    A view that says nothing lets tokens with the scope "read" look, and no token do anything else.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        # What no view does at all is not forbidden: the answer is 405.
        if not isinstance(token, ApiToken) or not hasattr(view, (request.method or "").lower()):
            return True
        needed = scope_of(view, request.method or "")
        if needed is None or needed.value not in token.scopes:
            self.message = _("This token is not good for that.")
            return False
        return True


class NotByToken(BasePermission):
    """For what a token must never do, whatever it is good for: make other tokens."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return not isinstance(request.auth, ApiToken)


def scope_of(view: Any, method: str) -> Scope | None:
    """The scope that a token needs for this method of `view`, an instance or a class; None: it never may."""
    declared: dict[str, Scope] = getattr(view, "scopes", {})
    # Whoever may look may also ask for the headers alone, and what else there is to do.
    method = "GET" if method in SAFE_METHODS else method
    if method in declared:
        return Scope(declared[method])
    return Scope.READ if method == "GET" else None
