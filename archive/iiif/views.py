"""What all endpoints of IIIF have in common: who may ask, and that viewers of other sites may."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archive.access.scopes import Scope
from archive.api.authentication import TokenHasScope
from archive.api.negotiation import TakeAnyAccept

_JSON = "application/json"


class IIIFView(APIView):
    """Open to everybody; what there is to see depends on who asks (`archive.iiif.visitors`).

    Any site may ask, but without this site's cookies: "*" is not allowed to come with them. So what needs a
    session is seen by viewers on this site only, and by others with a token.
    """

    scopes = {"GET": Scope.READ}
    permission_classes = [AllowAny, TokenHasScope]
    content_negotiation_class = TakeAnyAccept
    # docs/iiif-and-oai.md: these are no endpoints of the API, but of other houses' standards.
    schema = None

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answered = super().finalize_response(request, response, *args, **kwargs)
        answered["Access-Control-Allow-Origin"] = "*"
        answered["Access-Control-Expose-Headers"] = "Link, Retry-After"
        return answered

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """What browsers ask before they send a token along."""
        response = Response(status=204)
        response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response["Access-Control-Allow-Headers"] = "Authorization"
        response["Access-Control-Max-Age"] = "86400"
        return response


def json_ld(request: Request, document: dict[str, Any]) -> HttpResponse:
    """The document as JSON-LD; as plain JSON for those who ask for that."""
    accept = request.headers.get("Accept", "")
    plainly = _JSON in accept and "application/ld+json" not in accept
    media_type = _JSON if plainly else f'application/ld+json;profile="{document["@context"]}"'
    return HttpResponse(json.dumps(document, ensure_ascii=False), content_type=media_type)
