"""Signing in over REST: a name and a password for a token, slowly enough that guessing does not pay."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.fields import empty
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from archive.access.scopes import Scope
from archive.api.errors import ApiErrorSerializer
from archive.services import create_api_token

TOKEN_LIFETIME = timedelta(days=30)


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


class ScopesField(serializers.MultipleChoiceField):
    """Scopes by their names. A form that does not mention them has not chosen none of them."""

    def get_value(self, dictionary: Any) -> Any:
        return super().get_value(dictionary) if self.field_name in dictionary else empty


class SignInSerializer(AuthTokenSerializer):
    """Name and password; and what the token shall be good for, everything where nothing is said."""

    scopes = ScopesField(choices=Scope.choices, required=False, allow_empty=False)


class SignInTokenSerializer(serializers.Serializer[Any]):
    """Send it with every request as `Authorization: Token <token>`. It is shown this once."""

    token = serializers.CharField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)


class SignIn(APIView):
    """Exchange user name and password for a token of your own, good for 30 days."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (JSONParser, FormParser, MultiPartParser)
    throttle_classes = (PerAddress, PerName)

    @extend_schema(
        operation_id="sign_in",
        request=SignInSerializer,
        responses={200: SignInTokenSerializer, 400: ApiErrorSerializer, 429: ApiErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        asked = SignInSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        token, key = create_api_token(
            user=asked.validated_data["user"],
            name="API",
            scopes=[Scope(scope) for scope in asked.validated_data.get("scopes", Scope.values)],
            expires_at=timezone.now() + TOKEN_LIFETIME,
        )
        return Response({"token": key, "expires_at": token.expires_at})
