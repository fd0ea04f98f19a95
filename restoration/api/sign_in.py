"""Signing in over REST: a name and a password for a token, slowly enough that guessing does not pay."""

from __future__ import annotations

import hashlib
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from restoration.api.serializers import ApiErrorSerializer


class PerAddress(SimpleRateThrottle):
    """So many attempts from one address: whole classes sit behind one, so a little more than by name."""

    scope = "sign-in-address"
    rate = "30/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class PerName(SimpleRateThrottle):
    """So many attempts for one user name, wherever they come from."""

    scope = "sign-in-name"
    rate = "10/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        name = str(request.data.get("username", "")) if hasattr(request.data, "get") else ""
        # Hashed, since a name may hold anything and a cache key may not.
        ident = hashlib.sha256(name.strip().lower().encode(errors="replace")).hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": ident}


class TokenSerializer(serializers.Serializer[Any]):
    """Send it with every request as `Authorization: Token <token>`."""

    token = serializers.CharField(read_only=True)


class SignIn(APIView):
    """Exchange user name and password for your token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (JSONParser, FormParser, MultiPartParser)
    throttle_classes = (PerAddress, PerName)

    @extend_schema(
        operation_id="sign_in",
        request=AuthTokenSerializer,
        responses={200: TokenSerializer, 400: ApiErrorSerializer, 429: ApiErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        asked = AuthTokenSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        token, _created = Token.objects.get_or_create(user=asked.validated_data["user"])
        return Response({"token": token.key})
