"""Signing in over REST: a name and a password for a token, slowly enough that guessing does not pay."""

from __future__ import annotations

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
from rest_framework.views import APIView

from archive.access.scopes import Scope
from archive.api.errors import ApiErrorSerializer
from archive.services import create_api_token

TOKEN_LIFETIME = timedelta(days=30)


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

    @extend_schema(
        operation_id="sign_in",
        request=SignInSerializer,
        responses={200: SignInTokenSerializer, 400: ApiErrorSerializer, 429: ApiErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        # Django's own request: on it, what counts failures leaves word for its middleware.
        asked = SignInSerializer(data=request.data, context={"request": request._request})
        asked.is_valid(raise_exception=True)
        token, key = create_api_token(
            user=asked.validated_data["user"],
            name="API",
            scopes=[Scope(scope) for scope in asked.validated_data.get("scopes", Scope.values)],
            expires_at=timezone.now() + TOKEN_LIFETIME,
        )
        return Response({"token": key, "expires_at": token.expires_at})
