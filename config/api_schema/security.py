"""Who may call: the two security schemes of the API."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ApiTokenScheme(OpenApiAuthenticationExtension):
    """Tokens: named, scoped, expiring, and if wanted limited to collections."""

    target_class = "archive.api.authentication.ApiTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": (
                "`Authorization: Token <key>`. A token has scopes (read, upload, restore, review, export, "
                "admin), an end, and if wanted collections that it is limited to. What an operation requires "
                "of a token is the scope that it needs."
            ),
        }


class SessionScheme(OpenApiAuthenticationExtension):
    """The browser's session, as the pages use it."""

    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A signed-in browser. What changes something needs the header `X-CSRFToken`, too.",
        }
